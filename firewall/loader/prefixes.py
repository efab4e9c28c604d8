"""Addresses and prefixes from outputs as elements of sets: parsed, masked, free of overlaps. Pure.

Text from an output never reaches nft's input: what is written is formatted anew from its value.
"""

from collections import namedtuple

from agent import ip, names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    class Prefix(NamedTuple):
        family: int
        value: int
        length: int
else:
    # family: 4 or 6. value: the address, 32 or 128 bits, nothing set behind `length`.
    Prefix = namedtuple("Prefix", ("family", "value", "length"))

LINK_NAME = 'a link name without * " \\ and blanks'


def bits(family: int) -> int:
    """The length of an address."""
    return 32 if family == 4 else 128


def parse(address: str, length: str) -> Prefix | None:
    """The prefix of an address and a length ("": a single address); None if it is none."""
    found = ip.parse(address)
    if found is None:
        return None
    family, value = found
    most = bits(family)
    size = ip.decimal(length, most) if length else most
    if size is None:
        return None
    return Prefix(family, value >> (most - size) << (most - size), size)


def parse_word(text: str) -> Prefix | None:
    """The prefix that `ADDRESS` or `ADDRESS/LENGTH` tells."""
    address, slash, length = text.partition("/")
    return None if slash and not length else parse(address, length)


def with_suffix(prefix: Prefix, suffix: int) -> Prefix:
    """The host that has this identifier under the prefix."""
    left = bits(prefix.family) - prefix.length
    return Prefix(prefix.family, prefix.value | suffix & ((1 << left) - 1), bits(prefix.family))


def contains(outer: Prefix, inner: Prefix) -> bool:
    """Whether `inner` lies in `outer`; both are of one family."""
    left = bits(outer.family) - outer.length
    return outer.length <= inner.length and outer.value >> left == inner.value >> left


def show(prefix: Prefix) -> str:
    """The canonical text, as nft writes it."""
    address = ip.format4(prefix.value) if prefix.family == 4 else ip.format6(prefix.value)
    if prefix.length == bits(prefix.family):
        return address
    return "%s/%d" % (address, prefix.length)


def is_link(text: str) -> bool:
    """Whether this names one link: for nft `ppp*` is a pattern, and a quote ends the name."""
    return names.is_link_name(text) and not [1 for each in text if each in '*"\\']


def merge(
    found: "list[tuple[Prefix, str, float]]",
) -> "list[tuple[Prefix, str, float]]":
    """The same (prefix, link, deadline) without what another one of the same link contains.

    An interval set refuses overlaps. What contains takes over the longest deadline, so that nothing
    leaves the set before its time.
    """
    kept: list[tuple[Prefix, str, float]] = []
    for prefix, link, until in sorted(found, key=lambda each: (each[0].length, each[0].value)):
        for number, (outer, of, end) in enumerate(kept):
            if of == link and outer.family == prefix.family and contains(outer, prefix):
                kept[number] = (outer, of, max(end, until))
                break
        else:
            kept.append((prefix, link, until))
    return kept
