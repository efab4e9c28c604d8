"""What netlink's dumps of chains, sets and limits tell, from planted octets."""

from struct import pack

from agent.port import nf_listing
from tests.device.test_nf_batch import attribute

CHAIN, SET, OBJECT = 0xA03, 0xA09, 0xA12


def message(kind: int, family: int, *attributes: bytes, flags: int = 2) -> bytes:
    body = bytes([family, 0, 0, 1]) + b"".join(attributes)
    return pack("IHHII", 16 + len(body), kind, flags, 5, 0) + body


def named(name: bytes, which: int = 2) -> bytes:
    return attribute(1, b"t\0") + attribute(which, name + b"\0")


def number(which: int, value: int) -> bytes:
    return attribute(which, bytes([value >> s & 255 for s in (24, 16, 8, 0)]))


def made(flags: int, key: int, *more: bytes) -> str:
    """The type of a set that is told so."""
    octets = message(SET, 10, named(b"s"), number(3, flags), number(4, key), *more)
    found = nf_listing.read(octets)
    assert found is not None
    [(family, kind, table, name, of)] = found
    assert (family, table, name) == ("ip6", "t", "s")
    assert kind == ("map" if flags & 0x48 else "set")
    return of


def test_chains_and_limits_have_no_type() -> None:
    octets = message(CHAIN, 2, named(b"input", 3)) + message(
        OBJECT, 10, named(b"icmp_9"), number(3, 4)
    )
    assert nf_listing.read(octets + pack("IHHIIi", 20, 3, 2, 5, 0, 0)) == [
        ("ip", "chain", "t", "input", ""),
        ("ip6", "limit", "t", "icmp_9", ""),
    ]
    other = message(OBJECT, 1, named(b"o"), number(3, 99))
    assert nf_listing.read(other) == [("inet", "object", "t", "o", "")]


def test_types_are_told_as_nft_does() -> None:
    assert made(0, 41) == "ifname"
    assert made(0x4 | 0x10, 7) == "ipv4_addr flags interval,timeout"
    assert made(0x84, 8 << 6 | 41) == "ipv6_addr . ifname flags interval"
    assert (
        made(0x20, 8 << 12 | 13 << 6 | 12) == "ipv6_addr . inet_service . inet_proto flags dynamic"
    )
    assert made(0x8, 41, number(6, 0xFFFFFF00)) == "ifname : verdict"
    assert made(0x8, 41, number(6, 8 << 6 | 13)) == "ifname : ipv6_addr . inet_service"
    assert made(0x40, 41, number(15, 4)) == "ifname : limit"


def test_a_type_of_another_time_is_told_as_unknown() -> None:
    assert made(0, 63) == nf_listing.UNKNOWN
    assert made(0x40, 41, number(15, 77)) == "ifname : " + nf_listing.UNKNOWN


def test_sets_without_a_name_of_their_own_are_left_out() -> None:
    assert nf_listing.read(message(SET, 10, named(b"__set0"), number(3, 1 | 4))) == []


def test_a_dump_that_was_interrupted_is_none() -> None:
    whole = message(CHAIN, 2, named(b"a", 3))
    assert nf_listing.read(whole + message(CHAIN, 2, named(b"b", 3), flags=0x12)) is None
