"""What dhcpcd told before: it tells the DHCPv6 half and the router advertisements' half apart.

Pure. Each hook call carries one half, so the publisher's memo keeps of both what is read of them,
as it was told, with the time. Octets that are not printable ASCII are written `\\xx`, two hex
digits, so that the memo stays text and a complaint shows what came.
"""

from collections import namedtuple

from odhcp_script.lease import is_digits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    class Half(NamedTuple):
        """told: ms on the monotonic clock; variables: as dhcpcd gave them."""

        told: int
        variables: dict[bytes, bytes]

else:
    Half = namedtuple("Half", ("told", "variables"))

RA = "ra"
DHCP6 = "dhcp6"
LONGEST = 24000  # octets of a half as text: both together fit the memo
LONGEST_FIELD = 64  # octets of an address or a number; no grammar takes as many
PRINTABLE = bytes(range(0x20, 0x7F))
DIGITS = [b"%d" % digit for digit in range(10)]
WORDS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"


def take(
    environ: dict[bytes, bytes],
    prefix: bytes,
    fields: "frozenset[bytes]",
    others: "frozenset[bytes]",
    now: int,
) -> "tuple[Half, list[bytes]]":
    """What is read of the half that this call carries; the names of variables that did not fit.

    `fields` and `others` are the names that are read, without `prefix` and without numbers. The
    fields come first: they are addresses and numbers, so none of the others costs a prefix.
    """
    ranked = []
    for name in environ:
        if name.startswith(prefix):
            kind = _kind(name[len(prefix) :])
            if kind in fields:
                entry = name.rstrip(WORDS)  # what belongs together, the lower numbers first
                ranked.append((0, len(entry), entry, name))
            elif kind in others:
                ranked.append((1, len(environ[name]), b"", name))
    variables = {}
    dropped = []
    size = 0
    for is_other, _, _, name in sorted(ranked):
        # A field that was cut is refused as the whole one would be.
        value = environ[name] if is_other else environ[name][:LONGEST_FIELD]
        cost = len(name) + 2 + len(value)
        if len(value) <= LONGEST:
            cost = len(name) + 2 + len(_escape(value))
        if size + cost > LONGEST:
            dropped.append(name)
        else:
            size += cost
            variables[name] = value
    return Half(now, variables), dropped


def _kind(name: bytes) -> bytes:
    """A variable's name without its numbers."""
    for digit in DIGITS:
        name = name.replace(digit, b"")
    return name


def _escape(value: bytes) -> str:
    """As printable ASCII; _unescape() makes the same octets of it."""
    if b"\\" not in value and not value.lstrip(PRINTABLE):
        return value.decode()
    return "".join([_escaped(octet) for octet in value])


def _escaped(octet: int) -> str:
    return chr(octet) if 0x20 <= octet < 0x7F and octet != 0x5C else "\\%02x" % octet


def _unescape(text: str) -> bytes:
    """What _escape() was given; a damaged memo's escapes are dropped."""
    if "\\" not in text:
        return text.encode()
    parts = text.split("\\")
    octets = [parts[0].encode()]
    for part in parts[1:]:
        digits = part[:2]
        if len(digits) == 2 and not digits.strip("0123456789abcdef"):
            octets.append(bytes((int(digits, 16),)))
        octets.append(part[2:].encode())
    return b"".join(octets)


def parse(notes: str) -> "dict[str, Half]":
    """The halves that text() wrote, by RA and DHCP6; one that was not told is missing."""
    halves: dict[str, Half] = {}
    variables: dict[bytes, bytes] = {}
    for line in notes.split("\n"):
        name, equals, value = line.partition("=")
        if equals:
            variables[name.encode()] = _unescape(value)
            continue
        which, _, told = line.partition(" ")
        if which in (RA, DHCP6) and is_digits(told):
            variables = {}
            halves[which] = Half(int(told), variables)
    return halves


def text(halves: "dict[str, Half]") -> str:
    """The halves as lines: `ra 123456` or `dhcp6 123456`, then `name=value`."""
    lines = []
    for which in (DHCP6, RA):
        if which in halves:
            half = halves[which]
            lines.append("%s %d" % (which, half.told))
            for name in sorted(half.variables):
                lines.append("%s=%s" % (name.decode(), _escape(half.variables[name])))
    return "\n".join(lines)
