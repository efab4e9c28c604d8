"""Netlink messages as octets: headers and attributes (linux/netlink.h), in native byte order.

Pure: these run, with the same vectors, on every architecture. Formats have no prefix: native byte
order and alignment, as the kernel's structs (MicroPython knows no "="). Decoders get a whole
datagram with the start and end of one message, so nothing is copied to be looked at.
"""

from struct import pack, unpack_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER = 16  # octets of struct nlmsghdr

AF_UNSPEC = 0
AF_INET = 2
AF_INET6 = 10

INFINITY = 0xFFFFFFFF  # linux/if_addr.h: a lifetime that never ends


def messages(octets: bytes) -> "Iterator[tuple[int, int, int, int, int]]":
    """The (type, flags, sequence number, start, end) of each message in a datagram."""
    start = 0
    while start + HEADER <= len(octets):
        length, kind, flags, number = unpack_from("IHHI", octets, start)
        end = start + length
        if length < HEADER or end > len(octets):
            return
        yield kind, flags, number, start, end
        start = (end + 3) & -4


def attributes(
    octets: bytes, at: int, end: int, last: int = 0x3FFF
) -> "Iterator[tuple[int, int, int]]":
    """The (type, start, end) of each attribute's value between `at` and `end`.

    Those of a type above `last` are passed over here, where it costs least: of the 40 attributes of
    a link, six are wanted.
    """
    while at + 4 <= end:
        size, kind = unpack_from("HH", octets, at)
        if size < 4 or at + size > end:
            return
        kind &= 0x3FFF  # without NLA_F_NESTED, NLA_F_NET_BYTEORDER
        if kind <= last:
            yield kind, at + 4, at + size
        at += (size + 3) & -4


def number(octets: bytes, at: int) -> int:
    """The 32-bit value at `at`."""
    value: int = unpack_from("I", octets, at)[0]
    return value


def attribute(kind: int, value: bytes) -> bytes:
    """One attribute, padded."""
    size = len(value)
    return pack("HH", size + 4, kind) + value + bytes(-size & 3)


def attribute32(kind: int, value: int) -> bytes:
    """One attribute with a 32-bit value."""
    return pack("HHI", 8, kind, value)


def message(kind: int, flags: int, sequence: int, body: bytes) -> bytes:
    """A whole message to the kernel."""
    return pack("IHHII", HEADER + len(body), kind, flags, sequence, 0) + body


def seconds(value: int) -> int | None:
    """A lifetime from the kernel: None for ever."""
    return None if value == INFINITY else value


def lifetime(value: int | None) -> int:
    """A lifetime for the kernel: 32 bits, all ones for ever."""
    return INFINITY if value is None else max(0, min(value, INFINITY - 1))


def text(octets: bytes) -> str:
    """A zero-terminated name; what is not UTF-8 shows its octets above 0x7f as \\xff."""
    octets = octets.partition(b"\0")[0]
    try:
        return octets.decode()
    except UnicodeError:
        return "".join([chr(o) if o < 128 else "\\x%02x" % o for o in octets])
