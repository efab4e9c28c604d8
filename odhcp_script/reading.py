"""How a front end reads its client's variables: item by item, complaining of what does not fit.

Pure. Both front ends use it, so that both make the same of the same words. Whatever a network
tells, a call reads MOST items of a variable and publishes MOST of a kind: one server's long list
must not cost the rest of the lease.
"""

from odhcp_script import grammar
from odhcp_script.grammar import GrammarError
from odhcp_script.lease import Complaint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MOST = 64  # odhcp6c hands on 17 of a kind at most (README.md), a DNS list of 34 was seen


def attempt(
    complaints: "list[Complaint]",
    where: str,
    item: bytes,
    check: "Callable[..., Any]",
    *arguments: "Any",
) -> "Any":
    """check(item, *arguments); what it refuses becomes a complaint, and None is returned."""
    try:
        return check(item, *arguments)
    except GrammarError as error:
        complaints.append(Complaint(where, str(error), item))
        return None


def attempt_lifetimes(
    complaints: "list[Complaint]", where: str, name: bytes, variables: dict[bytes, bytes]
) -> tuple[int, int] | None:
    """The lifetimes in `name`pltime and `name`vltime, as dhcpcd has them."""
    item = variables.get(name + b"pltime", b"") + b"," + variables.get(name + b"vltime", b"")
    found: tuple[int, int] | None = attempt(complaints, where + "pltime,vltime", item, _lifetimes)
    return found


def _lifetimes(item: bytes) -> tuple[int, int]:
    """`preferred,valid`."""
    preferred, _, valid = item.partition(b",")
    return grammar.lifetimes(preferred, valid)


def items(
    environ: dict[bytes, bytes], variable: bytes, complaints: "list[Complaint]"
) -> list[bytes]:
    """The items of a list, MOST of them; they are separated by spaces and by nothing else."""
    value = environ.get(variable, b"")
    if value.count(b" ") < MOST:
        return [item for item in value.split(b" ") if item]
    # Some servers send more. Not by split(): of a long value that would make a large list.
    found: list[bytes] = []
    start = 0
    while start < len(value):
        end = value.find(b" ", start)
        if end < 0:
            end = len(value)
        if end > start:
            if len(found) == MOST:
                complain_of_more(complaints, variable.decode())
                break
            found.append(value[start:end])
        start = end + 1
    return found


def complain_of_more(complaints: "list[Complaint]", where: str) -> None:
    """Say that what came after the first MOST of a kind was left out."""
    complaints.append(Complaint(where, "at most %d items" % MOST, b"more"))


def add_items(
    plain: dict[str, str],
    output: str,
    environ: dict[bytes, bytes],
    variable: bytes,
    complaints: "list[Complaint]",
    check: "Callable[..., str]",
    *arguments: "Any",
) -> None:
    """Add the good items of a variable to a list of MOST items, one a line, none of them twice.

    Names are the same in any case (RFC 4343).
    """
    lines = plain[output].split("\n") if output in plain else []
    known = {line.lower() for line in lines}
    before = len(lines)
    for item in items(environ, variable, complaints):
        text = attempt(complaints, variable.decode(), item, check, *arguments)
        if text is None or text.lower() in known:
            continue
        if len(lines) == MOST:
            complain_of_more(complaints, variable.decode())
            break
        known.add(text.lower())
        lines.append(text)
    if len(lines) > before:
        plain[output] = "\n".join(lines)
