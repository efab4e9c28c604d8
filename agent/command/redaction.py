"""Takes the values of declared secrets out of all that `frost` prints. Pure.

Facts and records hold no secrets; a program may have logged one all the same. A value is known
by its text, by each of its lines, and as our own reports and JSON escape it.
"""

from agent import report
from agent.command import json_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

HIDDEN = "<secret>"
SHORT = 4  # characters; a shorter secret is hidden only where it stands as a word of its own


class Redactor:
    """Knows the secrets' values."""

    def __init__(self, values: "Iterable[str]") -> None:
        forms: set[str] = set()
        for value in values:
            for text in [value] + value.split("\n"):
                forms.update([text, report.show(text)[1:-1], json_line.render(text)[1:-1]])
        forms.discard("")
        # The longest first: one secret may be a part of another.
        self._forms = [form for _, form in sorted([(-len(form), form) for form in forms])]

    def text(self, text: str) -> str:
        """The text with `<secret>` in place of each."""
        for form in self._forms:
            if form in text:
                if len(form) >= SHORT:
                    text = text.replace(form, HIDDEN)
                else:
                    text = _replace_word(text, form)
        return text

    def value(self, value: "Any") -> "Any":
        """The same for all texts in a JSON-able value."""
        if not self._forms:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(key): self.value(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(item) for item in value]
        return value


def _replace_word(text: str, word: str) -> str:
    done = ""
    while True:
        before, found, after = text.partition(word)
        done += before
        if not found:
            return done
        if _is_edge(done[-1:]) and _is_edge(after[:1]):
            done += HIDDEN
        else:
            done += found
        text = after


def _is_edge(character: str) -> bool:
    return not (character.isalpha() or character.isdigit())
