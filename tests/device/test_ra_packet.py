"""Router advertisements as octets, on both runtimes and both byte orders."""

from services.ra import packet
from services.ra.packet import (
    Advertisement,
    LinkAddress,
    Mtu,
    Portal,
    Prefix,
    Route,
    Search,
    Servers,
    Solicitation,
)

MAC = LinkAddress("02:00:00:00:00:0a")


def advertisement(*options: "packet.Option", **changes: "packet.Option") -> Advertisement:
    fields = {"managed": False, "other": False, "preference": "medium", "lifetime": 2700}
    for name in changes:
        fields[name] = changes[name]
    return Advertisement(
        64,
        fields["managed"],
        fields["other"],
        fields["preference"],
        fields["lifetime"],
        0,
        0,
        options,
    )


def hexed(data: bytes) -> str:
    return "".join(["%02x" % octet for octet in data])


def test_an_advertisement_has_the_octets_of_rfc_4861_4_2() -> None:
    assert hexed(packet.encode(advertisement())) == "8600000040000a8c0000000000000000"
    told = advertisement(managed=True, other=True, preference="high", lifetime=9000)
    assert hexed(packet.encode(told)) == "8600000040c823280000000000000000"
    assert hexed(packet.encode(advertisement(preference="low")))[8:16] == "40180a8c"


def test_rfc_4191_2_2_preference_is_medium_when_the_router_lifetime_is_zero() -> None:
    for preference in ("high", "medium", "low"):
        told = advertisement(preference=preference, lifetime=0)
        assert hexed(packet.encode(told))[8:16] == "40000000"


def test_every_option_has_the_octets_of_its_rfc() -> None:
    cases = [
        (MAC, "010102000000000a"),
        (Mtu(1480), "05010000000005c8"),
        (
            Prefix("2001:db8:1::", 64, True, True, 2700, 5400),
            "030440c00000151800000a8c0000000020010db8000100000000000000000000",
        ),
        (
            Prefix("2001:db8::", 64, False, True, 0, 0),
            "0304404000000000000000000000000020010db8000000000000000000000000",
        ),
        (Route("2001:db8:1:ff00::", 56, "medium", 5400), "180238000000151820010db80001ff00"),
        (Route("::", 0, "high", 1), "1801000800000001"),
        (
            Route("2001:db8::1", 128, "low", 1),
            "180380180000000120010db8000000000000000000000001",
        ),
        (Servers(("2001:db8::53",), 9), "190300000000000920010db8000000000000000000000053"),
        (Search(("a.bc",), 9), "1f020000000000090161026263000000"),
        (Portal("https://a.b"), "250268747470733a2f2f612e62000000"),
    ]
    for option, octets in cases:
        assert hexed(packet.encode_option(option)) == octets, (
            option,
            hexed(packet.encode_option(option)),
        )


def test_what_is_encoded_is_parsed_again() -> None:
    told = advertisement(
        MAC,
        Mtu(1500),
        Prefix("fd00:1::", 64, True, False, 1, 0xFFFFFFFF),
        Route("2001:db8::", 33, "low", 0),
        Servers(("2001:db8::1", "fe80::1"), 0xFFFFFFFF),
        other=True,
        preference="low",
    )
    assert packet.parse_advertisement(packet.encode(told), "fe80::1", 255) == told


def test_names_are_encoded_as_labels_or_refused() -> None:
    assert packet.encode_name("example.net.") == b"\x07example\x03net\0"
    assert packet.encode_name("x" * 63) == b"\x3f" + b"x" * 63 + b"\0"
    for name in ("", ".", "a..b", "x" * 64, "a b", "a\nb", "\xe9", ".".join(["x" * 50] * 6)):
        assert packet.encode_name(name) is None, name


def test_rfc_4861_6_1_1_only_valid_solicitations_are_answered() -> None:
    bare = b"\x85\0\0\0\0\0\0\0"
    with_address = bare + b"\x01\x01\x02\0\0\0\0\x07"
    assert packet.parse_solicitation(bare, "::", 255) == Solicitation("::", "")
    assert packet.parse_solicitation(with_address, "fe80::7", 255) == Solicitation(
        "fe80::7", "02:00:00:00:00:07"
    )
    # reserved fields and unknown options are ignored
    odd = b"\x85\0\0\0\xff\xff\xff\xff" + b"\xfe\x01abcdef"
    assert packet.parse_solicitation(odd, "fe80::7", 255) == Solicitation("fe80::7", "")
    refused = [
        (bare, "fe80::7", 254),  # was forwarded
        (b"\x85\x01" + bare[2:], "fe80::7", 255),  # code
        (bare[:7], "fe80::7", 255),  # too short
        (bare + b"\x01\0" + bytes(6), "fe80::7", 255),  # an option of length zero
        (bare + b"\x01\x02" + bytes(6), "fe80::7", 255),  # an option that is cut off
        (bare + b"\x01", "fe80::7", 255),
        (with_address, "::", 255),  # a link-layer address without an address
        (b"\x86" + bare[1:], "fe80::7", 255),
        (b"", "fe80::7", 255),
    ]
    for data, source, hop_limit in refused:
        assert packet.parse_solicitation(data, source, hop_limit) is None, (data, source)


def test_rfc_4861_6_1_2_only_valid_advertisements_are_looked_at() -> None:
    data = packet.encode(advertisement(Mtu(1500)))
    assert packet.parse_advertisement(data, "fe80::1", 255) == advertisement(Mtu(1500))
    assert packet.parse_advertisement(data, "2001:db8::1", 255) is None
    assert packet.parse_advertisement(data, "fe80::1", 64) is None
    assert packet.parse_advertisement(data[:15], "fe80::1", 255) is None
    assert packet.parse_advertisement(data + b"\x05\0", "fe80::1", 255) is None
    assert packet.parse_advertisement(data + b"\x05\x02" + bytes(6), "fe80::1", 255) is None
    assert packet.parse_advertisement(b"\x86\x01" + data[2:], "fe80::1", 255) is None


def test_rfc_4191_2_3_a_route_with_the_reserved_preference_is_ignored() -> None:
    data = packet.encode(advertisement()) + b"\x18\x01\x00\x10" + b"\0\0\0\x01"
    assert packet.parse_advertisement(data, "fe80::1", 255) == advertisement()


def test_rfc_4861_6_2_3_options_beyond_the_link_mtu_go_into_further_advertisements() -> None:
    prefixes = [Prefix("2001:db8:0:%x::" % n, 64, True, True, 1, 2) for n in range(100)]
    told = advertisement(MAC, Mtu(1280), *prefixes)
    parts = packet.split(told, 1240)
    assert [len(packet.encode(part)) for part in parts] == [1216, 1240, 824]
    assert all([part.options[0] == MAC for part in parts])
    assert all([part[:7] == told[:7] for part in parts])
    spread = []
    for part in parts:
        spread += part.options[1:]
    assert tuple(spread) == told.options[1:]
    assert packet.split(advertisement(MAC), 1240) == [advertisement(MAC)]
