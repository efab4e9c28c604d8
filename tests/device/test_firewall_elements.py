"""The loader's changes as messages: each element by the type that the ruleset declares."""

from agent.port import nf_batch
from firewall.loader import contents, elements, reading
from firewall.loader.contents import Change
from tests.device.firewall_specs import encoded, folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.port.nf_batch import Message
    from firewall.loader.elements import Kinds

NOW = 1000.0
IP6 = ("ip6", "frost_ip6")
LAN = bytes([0x20, 1, 0xD, 0xB8, 0, 0, 0, 1])  # 2001:db8:0:1::/64


def declared() -> "Kinds":
    return elements.kinds(reading.read(encoded(folder()[1]), "follow.json"))


def put(name: str, held: "dict[str, contents.Attached]") -> "Message":
    """What one change of a set becomes."""
    [found] = elements.messages([Change("add", IP6 + (name,), held)], declared(), NOW)
    return found


def added(name: str, made: list[bytes]) -> "Message":
    [found] = nf_batch.add("ip6", "frost_ip6", name, made)
    return found


def test_links_and_what_maps_map_them_to() -> None:
    ppp0 = b"ppp0" + bytes(12)
    assert put("wan", {'"ppp0"': None}) == added("wan", [nf_batch.element(ppp0)])
    jump = nf_batch.verdict("jump", "forward_wan")
    assert put("forward_from", {'"ppp0"': "jump forward_wan"}) == (
        added("forward_from", [nf_batch.element(ppp0, 0, jump)])
    )
    limit = nf_batch.limit_reference("icmp_100_ppp0")
    assert put("icmp_limits", {'"ppp0"': '"icmp_100_ppp0"'}) == (
        added("icmp_limits", [nf_batch.element(ppp0, 0, limit)])
    )


def test_a_name_of_fifteen_octets_that_are_no_ascii() -> None:
    name = "\xe4" * 7 + "x"
    assert put("wan", {'"%s"' % name: None}) == (
        added("wan", [nf_batch.element(b"\xc3\xa4" * 7 + b"x\0")])
    )


def test_addresses_have_no_end_and_count_their_seconds_up() -> None:
    host = LAN + bytes(7) + b"\x10"
    assert put("nas", {"2001:db8:0:1::10": None}) == added("nas", [nf_batch.element(host)])
    assert put("seen", {"2001:db8:0:1::10": NOW + 9.25}) == (
        added("seen", [nf_batch.element(host, 10)])
    )
    assert put("seen", {"2001:db8:0:1::10": NOW - 5}) == added("seen", [nf_batch.element(host, 1)])


def test_prefixes_are_intervals_and_with_links_keys_with_ends() -> None:
    low, high = LAN + bytes(8), LAN + b"\xff" * 8
    assert put("stale", {"2001:db8:0:1::/64": NOW + 60}) == (
        added("stale", nf_batch.intervals([(low, high, 60)]))
    )
    lan0 = b"lan0" + bytes(12)
    assert put("assigned", {'2001:db8:0:1::/64 . "lan0"': None}) == (
        added("assigned", [nf_batch.element(low + lan0, 0, b"", high + lan0)])
    )


def test_intervals_are_changed_as_a_whole() -> None:
    key = IP6 + ("stale",)
    assert elements.intervals(declared()) == {("ip", "frost_ip", "stale"), key}
    one: dict[str, contents.Attached] = {"2001:db8:1::/64": None}
    two: dict[str, contents.Attached] = {"2001:db8:1::/64": None, "2001:db8:2::/64": None}
    before, after = contents.State({key: one}, {}), contents.State({key: two}, {})
    assert contents.changes(before, after, {key}) == [
        Change("flush", key, "set"),
        Change("add", key, two),
    ]
    assert contents.changes(before, after, set()) == [
        Change("add", key, {"2001:db8:2::/64": None}),
    ]


def test_limits_come_first_and_go_last() -> None:
    table, key = IP6, IP6 + ("icmp_limits",)
    before = contents.State({key: {'"a"': '"icmp_1_a"'}}, {table: [("a", 1)]})
    after = contents.State({key: {'"b"': '"icmp_2_b"'}}, {table: [("b", 2)]})
    found = contents.changes(before, after, set())
    data = nf_batch.limit_reference("icmp_2_b")
    assert elements.messages(found, declared(), NOW) == [
        nf_batch.add_limit("ip6", "frost_ip6", "icmp_2_b", 2),
        nf_batch.flush("ip6", "frost_ip6", "icmp_limits"),
        added("icmp_limits", [nf_batch.element(b"b" + bytes(15), 0, data)]),
        nf_batch.delete_limit("ip6", "frost_ip6", "icmp_1_a"),
    ]
