"""What an applier remembers over its own death: the prefixes in use, and what it owns. Pure.

The text is the memo that goes with its outputs: one item a line, blank separated, `-` for an empty
field. It is written before the kernel is touched, so what we own is never less than what we put.
"""

from collections import namedtuple

from agent import ip
from services.dhcp6 import deadlines, objects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from services.dhcp6.objects import Key

    class Used(NamedTuple):
        prefix: int
        length: int
        excluded: tuple[tuple[int, int], ...]
        preferred_until: float
        valid_until: float
        held_until: float | None
else:
    # A delegated prefix in use on the LANs. held_until: until when it stays although the lease
    # no longer has it; None while it has.
    Used = namedtuple(
        "Used", ("prefix", "length", "excluded", "preferred_until", "valid_until", "held_until")
    )


def render(used: list[Used], owned: "list[Key]") -> str:
    """The memo of these prefixes and keys."""
    lines = []
    for item in used:
        held = "-" if item.held_until is None else deadlines.render(item.held_until)
        words = [
            "prefix",
            "%s/%d" % (ip.format6(item.prefix), item.length),
            deadlines.render(item.preferred_until),
            deadlines.render(item.valid_until),
            held,
        ]
        words += ["%s/%d" % (ip.format6(prefix), length) for prefix, length in item.excluded]
        lines.append(" ".join(words))
    lines += [" ".join([str(field) or "-" for field in key]) for key in sorted(owned, key=str)]
    return "\n".join(lines)


def parse(text: str) -> "tuple[list[Used], list[Key]]":
    """The prefixes and keys of a memo; a line that makes no sense is left out."""
    used = []
    owned = []
    for line in text.split("\n"):
        words = line.split(" ")
        if words[0] == "prefix":
            item = _used(words)
            if item is not None:
                used.append(item)
        else:
            key = _key(words)
            if key is not None:
                owned.append(key)
    return used, owned


def _used(words: list[str]) -> Used | None:
    networks = [_network(word) for word in words[1:2] + words[5:]]
    if len(words) < 5 or None in networks:
        return None
    preferred, valid = deadlines.parse(words[2]), deadlines.parse(words[3])
    held = None if words[4] == "-" else deadlines.parse(words[4])
    if preferred is None or valid is None:
        return None
    pairs = [network for network in networks if network is not None]
    return Used(pairs[0][0], pairs[0][1], tuple(pairs[1:]), preferred, valid, held)


def _network(word: str) -> tuple[int, int] | None:
    text, _, bits = word.partition("/")
    value, length = ip.parse6(text), ip.decimal(bits, 128)
    return None if value is None or length is None else (value, length)


def _key(words: list[str]) -> "Key | None":
    fields = ["" if word == "-" else word for word in words]
    if fields[0] == "address" and len(fields) == 4:
        index, length = _number(fields[1]), _number(fields[3])
        if index is not None and length is not None:
            return objects.address_key(index, fields[2], length)
    if fields[0] == "route" and len(fields) == 7:
        numbers = [_number(fields[position]) for position in (3, 5, 6)]
        if None not in numbers:
            length, index, metric = [number or 0 for number in numbers]
            return objects.route_key(fields[1], fields[2], length, fields[4], index, metric)
    return None


def _number(text: str) -> int | None:
    return ip.decimal(text, 0xFFFFFFFF)
