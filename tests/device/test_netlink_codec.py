"""Netlink messages of the frozen port, decoded and encoded from planted octets, on any machine."""

from struct import pack

from agent.port.frozen import addresses, links, messages, netconf, routes, uevents
from agent.port.records import ALL_LINKS, Address, Device, Forwarding, Link, Route

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ONE = bytes([0x20, 1, 0xD, 0xB8]) + bytes(11) + b"\x01"  # 2001:db8::1


def attribute(kind: int, value: bytes) -> bytes:
    """An attribute made by hand."""
    return pack("HH", 4 + len(value), kind) + value + bytes((4 - len(value) % 4) % 4)


def link(*attributes: bytes, family: int = 0) -> bytes:
    """A whole RTM_NEWLINK of index 7, up and running."""
    body = pack("BBHiII", family, 0, 1, 7, 0x41, 0) + b"".join(attributes)
    return pack("IHHII", 16 + len(body), 16, 0, 5, 0) + body


def decode_link(octets: bytes) -> "Any":
    return links.decode(octets, 0, len(octets))


NAME = attribute(3, b"wan\0")


def test_link_with_every_attribute() -> None:
    octets = link(
        attribute(29, pack("I", 8)),
        NAME,
        attribute(4, pack("I", 1492)),
        attribute(1, b"\x02\0\0\xab\xcd\xef"),
        attribute(10, pack("I", 300)),
        attribute(16, b"\x06"),
        attribute(18 | 0x8000, attribute(2, b"xyz") + attribute(1, b"veth\0")),
    )
    assert decode_link(octets) == Link(7, "wan", 0x41, 6, 1492, "02:00:00:ab:cd:ef", 300, "veth")


def test_link_without_attributes() -> None:
    assert decode_link(link()) == Link(7, "", 0x41, 0, 0, "", 0, "")


def test_link_with_an_odd_hardware_address() -> None:
    assert decode_link(link(attribute(1, b"\xc0\0\x02\x01"), NAME)).mac == "c0:00:02:01"


def test_bridge_and_wireless_messages_are_no_links() -> None:
    assert decode_link(link(NAME, family=7)) is None
    assert decode_link(link(NAME, attribute(11, b"1234"))) is None


def test_cut_attribute_ends_the_message() -> None:
    octets = link(NAME, pack("HH", 40, 4) + bytes(4))
    assert decode_link(octets) == Link(7, "wan", 0x41, 0, 0, "", 0, "")
    octets = link(NAME, pack("HH", 0, 4) + bytes(4))
    assert decode_link(octets) == Link(7, "wan", 0x41, 0, 0, "", 0, "")


def test_datagram_falls_into_messages() -> None:
    octets = link(NAME) + pack("IHHIIi", 20, 3, 0x10, 5, 0, -1)
    assert list(messages.messages(octets)) == [(16, 0, 5, 0, 40), (3, 0x10, 5, 40, 60)]
    assert list(messages.messages(octets[:50])) == [(16, 0, 5, 0, 40)]
    assert list(messages.messages(pack("IHHII", 0, 0, 0, 0, 0))) == []


def whole(kind: int, body: bytes | None) -> bytes:
    assert body is not None
    return messages.message(kind, 0, 1, body)


def test_address_survives_its_own_message() -> None:
    for put in (
        Address(3, "2001:db8::1", 64, 0x302, 0, 10, 4294967294),
        Address(3, "192.0.2.1", 31, 0, 253, None, None),
    ):
        octets = whole(20, addresses.encode(put))
        assert addresses.decode(octets, 0, len(octets)) == put


def test_address_message_octet_by_octet() -> None:
    octets = addresses.encode(Address(3, "2001:db8::1", 64, 0x302, 0, 10, None))
    expected = pack("BBBBi", 10, 64, 2, 0, 3) + attribute(1, ONE)
    expected += attribute(8, pack("I", 0x302))
    expected += attribute(6, pack("IIII", 10, 0xFFFFFFFF, 0, 0))
    assert octets == expected
    assert addresses.encode(Address(3, "wan", 64, 0, 0, 1, 1)) is None


def test_address_of_another_family_is_none() -> None:
    octets = whole(20, pack("BBBBi", 35, 64, 0, 0, 3) + attribute(1, ONE))
    assert addresses.decode(octets, 0, len(octets)) is None


def decode_route(body: bytes | None, table: int = 254) -> "Any":
    octets = whole(24, body)
    return routes.decode(octets, 0, len(octets), table)


def test_route_survives_its_own_message() -> None:
    for put in (
        Route("unicast", "2001:db8::", 32, "fe80::1", 7, 512, 254, 16, None),
        Route("unreachable", "2001:db8::", 48, "", 0, 1024, 254, 4, None),
        Route("unicast", "0.0.0.0", 0, "192.0.2.1", 7, 0, 1000, 4, None),
    ):
        assert decode_route(routes.encode(put), put.table) == (put, False)


def test_route_message_octet_by_octet() -> None:
    octets = routes.encode(Route("blackhole", "2001:db8::1", 128, "", 0, 5, 1000, 16, 60))
    expected = pack("BBBBBBBBI", 10, 128, 0, 0, 0, 16, 0, 6, 0) + attribute(1, ONE)
    expected += attribute(15, pack("I", 1000)) + attribute(6, pack("I", 5))
    expected += attribute(23, pack("I", 60))
    assert octets == expected


def test_route_expires_in_seconds_rounded_up() -> None:
    base = pack("BBBBBBBBI", 10, 0, 0, 0, 254, 9, 0, 1, 0)
    for ticks, expected in ((0, None), (1, 1), (100, 1), (101, 2), (180000, 1800), (-5, 0)):
        body = base + attribute(12, pack("IIiIIII", 0, 0, ticks, 0, 0, 0, 0))
        assert decode_route(body)[0].expires == expected


def test_routes_that_are_not_ours_are_none() -> None:
    for header in (
        (10, 0, 0, 0, 254, 9, 0, 1, 0x200),
        (10, 0, 64, 0, 254, 9, 0, 1, 0),
        (10, 0, 0, 16, 254, 9, 0, 1, 0),
        (10, 0, 0, 0, 255, 9, 0, 1, 0),
        (28, 0, 0, 0, 254, 9, 0, 1, 0),
    ):
        assert decode_route(pack("BBBBBBBBI", *header)) is None


def test_route_with_several_next_hops() -> None:
    hops = b"".join(
        [pack("HBBi", 28, 0, 0, i) + attribute(5, ONE[:15] + bytes([i])) for i in (8, 9)]
    )
    body = pack("BBBBBBBBI", 10, 0, 0, 0, 254, 9, 0, 1, 0) + attribute(9, hops)
    expected = Route("unicast", "::", 0, "2001:db8::8", 8, 0, 254, 9, None)
    assert decode_route(body) == (expected, True)


def test_device_event() -> None:
    octets = b"add@/devices/x\0ACTION=add\0DEVPATH=/devices/x\0SUBSYSTEM=usb\0A=b=\xff\0"
    values = {"ACTION": "add", "DEVPATH": "/devices/x", "SUBSYSTEM": "usb", "A": "b=\\xff"}
    assert uevents.decode(octets) == Device("add", "usb", "/devices/x", values)
    assert uevents.decode(b"libudev\0nonsense") is None


def switch(*attributes: bytes, family: int = 10, kind: int = 80) -> "Any":
    """What a whole RTM_NEWNETCONF (or RTM_DELNETCONF, 81) says."""
    body = bytes([family, 0, 0, 0]) + b"".join(attributes)
    octets = pack("IHHII", 16 + len(body), kind, 0, 5, 0) + body
    return netconf.decode(kind, octets, 0, len(octets))


def test_forwarding_of_a_link_and_of_all() -> None:
    on, off = attribute(2, pack("i", 1)), attribute(2, pack("i", 0))
    assert switch(attribute(1, pack("i", 7)), attribute(3, pack("i", 1)), on) == Forwarding(7, True)
    assert switch(attribute(1, pack("i", -1)), off) == Forwarding(ALL_LINKS, False)
    assert switch(attribute(1, pack("i", 7)), kind=81) == Forwarding(7, False)


def test_what_tells_of_no_links_forwarding_is_noise() -> None:
    on, index = attribute(2, pack("i", 1)), attribute(1, pack("i", 7))
    assert switch(attribute(1, pack("i", -2)), on) is None
    assert switch(index, on, family=2) is None
    assert switch(index, attribute(5, pack("i", 1))) is None
    assert switch(on) is None
