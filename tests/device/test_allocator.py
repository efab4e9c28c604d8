"""Which LAN gets which /64, on both runtimes (RFC 7084 L-2 and WPD-3, RFC 9818 LPD-2 and LPD-3)."""

import json

from agent import ip
from agent.port import files
from services.dhcp6.allocator import Lan, Pool, allocate, length_for


def network(text: str) -> tuple[int, int]:
    address, _, length = text.partition("/")
    return ip.parse6(address) or 0, int(length)


def value(text: str) -> int:
    return ip.parse6(text) or 0


def pool(text: str, *excluded: str) -> Pool:
    prefix, length = network(text)
    return Pool(prefix, length, tuple([network(other) for other in excluded]))


def lan(name: str, id: int | None = None, suffix: int = 1, priority: int = 0) -> Lan:
    return Lan(name, id, suffix, priority, 0)


def given(pools: list[Pool], lans: list[Lan]) -> tuple[list[tuple[str, str]], list[str]]:
    """[(LAN, router's address)] and the notes."""
    shares, notes = allocate(pools, lans)
    for share in shares:
        assert ip.mask(share.address, 64) == share.subnet
    return [(share.lan, ip.format6(share.address)) for share in shares], notes


LANS = [lan("lan0", 0), lan("lan1", 1), lan("guest", 0xA)]


def test_each_lan_gets_the_subnet_of_its_id_from_each_prefix() -> None:
    assert given([pool("2001:db8:1::/56"), pool("2001:db8:2:10::/60")], LANS) == (
        [
            ("guest", "2001:db8:1:a::1"),
            ("guest", "2001:db8:2:1a::1"),
            ("lan0", "2001:db8:1::1"),
            ("lan0", "2001:db8:2:10::1"),
            ("lan1", "2001:db8:1:1::1"),
            ("lan1", "2001:db8:2:11::1"),
        ],
        [],
    )


def test_order_of_prefixes_and_lans_does_not_matter() -> None:
    pools = [pool("2001:db8:1::/56"), pool("2001:db8:2:10::/60")]
    lans = LANS + [lan("a"), lan("b"), lan("c")]
    assert given(pools[::-1], lans[::-1]) == given(pools, lans)


def test_the_router_has_the_configured_suffix() -> None:
    shares, _ = given([pool("2001:db8::/56")], [lan("lan0", 3, 0xFEED)])
    assert shares == [("lan0", "2001:db8:0:3::feed")]


def test_a_lan_without_id_keeps_its_subnet_when_others_come() -> None:
    before, _ = given([pool("2001:db8::/48")], [lan("lan9")])
    after, _ = given([pool("2001:db8::/48")], LANS + [lan("lan9"), lan("wifi")])
    assert before[0] in after


def test_a_configured_id_wins_over_a_name_that_leads_there() -> None:
    (first,), _ = given([pool("2001:db8::/56")], [lan("x")])
    number = (value(first[1]) >> 64) & 0xFF
    both, notes = given([pool("2001:db8::/56")], [lan("x"), lan("y", number)])
    assert dict(both)["y"] == first[1]
    assert dict(both)["x"] == ip.format6(value("2001:db8::1") + ((number + 1) % 256 << 64))
    assert notes == []


def test_a_single_subnet_goes_to_the_lan_that_comes_first_and_the_others_are_named() -> None:
    assert given([pool("2001:db8::/64")], LANS) == (
        [("lan0", "2001:db8::1")],
        [
            "2001:db8::/64: expected room for 3 LANs, got 1: none for lan1, guest;"
            " a /60 has room for all"
        ],
    )
    lans = LANS + [lan("first", 7, 1, 5)]
    shares, notes = given([pool("2001:db8::/64")], lans)
    assert shares == [("first", "2001:db8::1")]
    assert len(notes) == 1


def test_an_id_that_does_not_fit_gets_what_is_free_and_is_told() -> None:
    shares, notes = given([pool("2001:db8::/63")], [lan("lan0", 0), lan("lan9", 9)])
    assert shares == [("lan0", "2001:db8::1"), ("lan9", "2001:db8:0:1::1")]
    assert notes == ["2001:db8::/63: lan9: id 9 is not free there, got 1"]


def test_too_long_a_prefix_gives_nothing_and_is_told() -> None:
    note = "2001:db8::/65: expected a /64 or shorter, got too little for any LAN"
    assert given([pool("2001:db8::/65")], LANS) == ([], [note])


def test_an_excluded_prefix_never_reaches_a_lan() -> None:
    shares, notes = given([pool("2001:db8::/62", "2001:db8:0:1::/64")], LANS)
    assert sorted([address for _, address in shares]) == [
        "2001:db8:0:2::1",
        "2001:db8:0:3::1",
        "2001:db8::1",
    ]
    assert [note[:40] for note in notes] == [
        "2001:db8::/62: guest: id a is not free t",
        "2001:db8::/62: lan1: id 1 is not free th",
    ]


def test_an_excluded_prefix_longer_than_a_subnet_bars_that_subnet() -> None:
    shares, _ = given([pool("2001:db8::/60", "2001:db8:0:1:2::/80")], [lan("lan1", 1)])
    assert len(shares) == 1 and shares[0][1] != "2001:db8:0:1::1"


def test_an_excluded_half_leaves_the_other_half() -> None:
    shares, notes = given([pool("2001:db8::/63", "2001:db8::/64")], LANS)
    assert shares == [("lan0", "2001:db8:0:1::1")]
    assert notes == [
        "2001:db8::/63: expected room for 3 LANs, got 1: none for lan1, guest;"
        " a /60 has room for all",
        "2001:db8::/63: lan0: id 0 is not free there, got 1",
    ]


def test_nothing_is_left_when_all_is_excluded() -> None:
    shares, notes = given([pool("2001:db8::/64", "2001:db8:0:0:1::/80")], LANS)
    assert shares == []
    assert len(notes) == 1


def test_an_exclusion_outside_or_not_longer_than_the_prefix_is_ignored() -> None:
    shares, _ = given([pool("2001:db8::/56", "2001:db9::/64", "2001:db8::/56")], LANS)
    assert len(shares) == 3


def test_a_huge_exclusion_is_stepped_over_at_once() -> None:
    shares, _ = given([pool("2001:d00::/24", "2001:d00::/25")], [lan("lan0", 0), lan("lan1", 5)])
    assert len(shares) == 2
    for _, address in shares:
        assert ip.contains(value("2001:d80::"), 25, value(address)), address


def test_a_prefix_inside_another_is_left_alone_while_that_is_there() -> None:
    outer, inner = pool("2001:db8::/56"), pool("2001:db8:0:10::/60")
    assert given([inner, outer], LANS) == given([outer], LANS)


def test_the_same_prefix_told_twice_has_the_exclusions_of_both() -> None:
    twice = [pool("2001:db8::/60", "2001:db8::/64"), pool("2001:db8::/60", "2001:db8:0:1::/64")]
    once = pool("2001:db8::/60", "2001:db8::/64", "2001:db8:0:1::/64")
    assert given(twice, LANS) == given([once], LANS)


def test_the_whole_address_space_is_no_trouble() -> None:
    shares, _ = given([pool("::/1")], [lan("lan0", 1 << 62)])
    assert shares == [("lan0", "4000::1")]


def test_the_needed_length_is_rounded_to_a_nibble() -> None:
    for count, length in ((1, 64), (2, 60), (5, 60), (16, 60), (17, 56), (257, 52)):
        assert length_for([lan("lan%d" % n) for n in range(count)], 0) == length, count
    assert length_for([lan("lan0", 0x10)], 0) == 56


def replay(path: str) -> None:
    """Hold this runtime to lines of JSON that the host made (tests/test_allocator.py)."""
    for line in files.read(path).decode().splitlines():
        case = json.loads(line)
        pools = [
            Pool(int(p, 16), n, tuple([(int(e, 16), m) for e, m in excluded]))
            for p, n, excluded in case["pools"]
        ]
        lans = []
        for name, number, priority in case["lans"]:
            lans.append(Lan(name, None if number is None else int(number, 16), 1, priority, 0))
        shares, notes = allocate(pools, lans)
        told = [[share.lan, "%x" % share.address] for share in shares]
        assert told == case["shares"], line
        assert notes == case["notes"], line
