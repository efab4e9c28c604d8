"""What is wrong with a site: one line each with its place, all of one run at once.

A value that is wrong is told and replaced by a usable one, so that one look finds all. Without
somebody who collects (an interpreter, an editor's check) the first problem is raised.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from firewall.ruleset.model import Where

# Whoever calls from in here works for the site: its own line is meant.
OURS = tuple(str(Path(__file__).parents[2] / name) + "/" for name in ("services", "firewall"))


@dataclass(frozen=True, order=True)
class Problem:
    """Where it is; what it is about (`dns.port`); what was expected, got, and can be done."""

    where: Where
    subject: str
    text: str

    def __str__(self) -> str:
        return (
            f"{self.where}: {self.subject}: {self.text}"
            if self.subject
            else f"{self.where}: {self.text}"
        )


class SiteError(Exception):
    """`problems`: all that was found, in the order of file and line."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))


_collected: ContextVar[list[Problem] | None] = ContextVar("problems", default=None)
_behalf: ContextVar[Where | None] = ContextVar("behalf", default=None)


@contextmanager
def collecting() -> Iterator[list[Problem]]:
    """Problems told inside go into the list that this gives, instead of being raised."""
    found: list[Problem] = []
    token = _collected.set(found)
    try:
        yield found
    finally:
        _collected.reset(token)


@contextmanager
def on_behalf(where: Where) -> Iterator[None]:
    """What is made inside is made for the value of this line: a definition's units and resources
    are asked for long after the site's own code has ended."""
    token = _behalf.set(where)
    try:
        yield
    finally:
        _behalf.reset(token)


def count() -> int:
    """How many problems have been told so far; 0 when nobody collects."""
    return len(_collected.get() or ())


def is_collected() -> bool:
    """Whether a site is being looked at now."""
    return _collected.get() is not None


def tell(where: Where, subject: str, text: str) -> None:
    """Tell a problem. Raises SiteError when nobody collects."""
    problem = Problem(where, subject, text)
    found = _collected.get()
    if found is None:
        raise SiteError([problem])
    found.append(problem)


def here() -> Where:
    """The line of the site that is running: past our own code, and what is made from text."""
    behalf = _behalf.get()
    if behalf is not None:
        return behalf
    frame = sys._getframe(1)
    while frame.f_back is not None and (is_ours(frame.f_code.co_filename)):
        frame = frame.f_back
    return Where(frame.f_code.co_filename, frame.f_lineno)


def is_ours(filename: str) -> bool:
    """Whether the code in this file works for sites, and is not one. Examples are sites."""
    ours = filename.startswith(("<", *OURS))
    return ours and Path(filename).parent.name != "examples"


def shown(value: object) -> str:
    """A value for a message: as it would be written, cut where it is long. What is made of more
    than text and numbers says itself what it is (`words`)."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if "PRIVATE KEY" in str(value):
        return "a private key (not shown)"
    words = getattr(value, "words", None)
    text = words if isinstance(words, str) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def suggestion(word: str, known: list[str]) -> str:
    """`; did you mean 'x'?`, `; known are ...`, or nothing."""
    close = get_close_matches(word, known, 1, 0.6)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known: {', '.join(sorted(known))}" if known and len(known) <= 24 else ""
