"""The loader's decisions on both runtimes: what sets should hold, and nft's text that does it."""

from firewall.loader import base, contents, elements, present, reading, transaction, wanted
from tests.device.firewall_specs import LEASE, encoded, folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firewall.loader.contents import State
    from firewall.loader.spec import Spec
    from firewall.loader.wanted import Published

NOW = 1000.0
IP6 = ("ip6", "frost_ip6")


def spec() -> "Spec":
    return reading.read(encoded(folder()[1]), "follow.json")


def decide(published: "Published") -> "tuple[State, list[str]]":
    return wanted.decide(spec(), published, NOW)


def held(published: "Published", name: str) -> "dict[str, object]":
    return dict(decide(published)[0].sets[IP6 + (name,)])


def with_lan(values: dict[str, str]) -> "Published":
    return {"lan": values, "lan_prefix": LEASE["lan_prefix"], "ra": {}, "wan": LEASE["wan"]}


def changed(before: "Published", after: "Published") -> list[str]:
    was, will = decide(before)[0], decide(after)[0]
    contents.carry(was, will)
    text = contents.text(
        contents.changes(was, will, elements.intervals(elements.kinds(spec()))), NOW
    )
    return [line for line in text.split("\n")[:-1] if " frost_ip6 " in line]


def test_services_that_matter_are_known() -> None:
    assert wanted.services(spec()) == ["lan", "lan_prefix", "ra", "wan"]


def test_sets_follow_the_lease() -> None:
    assert held(LEASE, "assigned") == {
        '2001:db8:0:1::/64 . "lan0"': None,
        '2001:db8:0:2::/64 . "lan1"': None,
    }
    assert held(LEASE, "stale") == {"2001:db8:9::/64": 1050.25}
    assert held(LEASE, "nas") == {"2001:db8:0:1::10": None}
    assert held(LEASE, "wan") == {'"ppp0"': None}
    assert held(LEASE, "lan") == {'"lan0"': None}
    assert held(LEASE, "forward_from") == {
        '"lan0"': "jump forward_lan",
        '"ppp0"': "jump forward_wan",
    }
    # 50,000 kbit/s, 20 thousandths of it, 512 bits a packet
    assert held(LEASE, "icmp_limits") == {
        '"lan0"': '"icmp_100_lan0"',
        '"ppp0"': '"icmp_1953_ppp0"',
    }
    assert decide(LEASE)[0].limits[IP6] == [("ppp0", 1953), ("lan0", 100)]
    assert decide(LEASE)[1] == []


def test_without_outputs_only_what_is_named_is_there() -> None:
    assert held({}, "lan") == {'"lan0"': None}
    for name in ("wan", "assigned", "stale", "nas"):
        assert held({}, name) == {}
    assert held({}, "icmp_limits") == {'"lan0"': '"icmp_100_lan0"'}


def test_a_bandwidth_that_is_none_leaves_the_default() -> None:
    for text in ("", "-1", "fast", "0", "1e9", "50000.0"):
        values = {"ifname": "ppp0", "bandwidth": text}
        assert held({"wan": values}, "icmp_limits")['"ppp0"'] == '"icmp_100_ppp0"', text
    values = {"ifname": "ppp0", "bandwidth": "1"}
    assert held({"wan": values}, "icmp_limits")['"ppp0"'] == '"icmp_1_ppp0"'
    values["bandwidth"] = "1000000000000"
    assert held({"wan": values}, "icmp_limits")['"ppp0"'] == '"icmp_1000000_ppp0"'


def test_names_that_nft_would_read_otherwise_are_left_out_and_told() -> None:
    hostile = ('lan0" drop', "ppp*", "a\\", "a b", "a;b/c", "", "x" * 16, "l\xe4n", "..", "a\tb")
    for name in hostile:
        state, notes = decide({"wan": {"ifname": name + "\nppp0" if name else "ppp0"}})
        assert state.sets[IP6 + ("wan",)] == {'"ppp0"': None}, name
        assert len(notes) == (1 if name else 0), name
    assert decide({"wan": {"ifname": 'lan0" drop'}})[1] == [
        'zone wan: wan/ifname: expected a link name without * " \\ and blanks, '
        'got "lan0\\" drop"; it is left out'
    ]


def test_a_link_of_two_zones_belongs_to_the_first() -> None:
    state, notes = decide({"wan": {"ifname": "eth0"}, "lan": {"ifname": "eth0\nbr0"}})
    assert state.sets[IP6 + ("wan",)] == {'"eth0"': None}
    assert state.sets[IP6 + ("lan",)] == {'"br0"': None, '"lan0"': None}
    assert notes == ['zone lan: lan/ifname: "eth0" belongs to zone wan already; it is left out']


def lease(prefix: str, length: str, key: str = "a") -> "Published":
    values = {"lan/lan0/%s/prefix" % key: prefix, "lan/lan0/%s/length" % key: length}
    return {"lan_prefix": values}


def test_what_is_no_prefix_of_the_family_is_left_out_and_told() -> None:
    for prefix, length in (
        ("192.0.2.0", "24"),
        ("2001:db8::", "129"),
        ("2001:db8::", "64 }"),
        ("2001:db8::", ""),
        ("2001:db8::/64, ::/0", "64"),
        ("fe80::1%lo", "64"),
    ):
        state, notes = decide(lease(prefix, length))
        assert state.sets[IP6 + ("assigned",)] == {}, prefix
        assert len(notes) == 2, notes  # `assigned` and `nas` follow it
    assert decide(lease("2001:db8::/64, ::/0", "64"))[1][0] == (
        "set assigned: lan_prefix/lan/lan0/a: expected an address with its length, "
        'got "2001:db8::/64, ::/0" and "64"; it is left out'
    )


def test_prefixes_are_masked_and_what_is_contained_goes_into_what_contains() -> None:
    values = dict(lease("2001:DB8::1", "48")["lan_prefix"])
    values.update(lease("2001:db8:0:5::", "64", "b")["lan_prefix"])
    values["lan/lan1/c/prefix"], values["lan/lan1/c/length"] = "2001:db8:0:5::", "64"
    assert held({"lan_prefix": values}, "assigned") == {
        '2001:db8::/48 . "lan0"': None,
        '2001:db8:0:5::/64 . "lan1"': None,
    }


def withdrawn(rows: list[tuple[str, str, str]]) -> "Published":
    values = {}
    for number, (prefix, length, until) in enumerate(rows):
        values["withdrawn/%d/prefix" % number] = prefix
        values["withdrawn/%d/length" % number] = length
        values["withdrawn/%d/until" % number] = until
    return {"ra": values}


def test_deadlines_count_and_the_longest_of_overlapping_ones() -> None:
    published = withdrawn(
        [
            ("2001:db8:1::", "64", "999.000"),
            ("2001:db8:2::", "48", "1010"),
            ("2001:db8:2:5::", "64", "1300.5"),
            ("2001:db8:3::", "64", "infinity"),
        ]
    )
    assert held(published, "stale") == {"2001:db8:2::/48": 1300.5, "2001:db8:3::/64": None}
    assert "add element ip6 frost_ip6 stale { 2001:db8:2::/48 timeout 301s, 2001:db8:3::/64 }" in (
        changed({}, published)
    )
    for until in ("", "soon", "-1", "1e3", "10.", ".5", "1" * 19):
        state, notes = decide(withdrawn([("2001:db8:1::", "64", until)]))
        assert (state.sets[IP6 + ("stale",)], len(notes)) == ({}, 1), until


def test_a_set_with_timeouts_is_filled_anew() -> None:
    one = withdrawn([("2001:db8:1::", "64", "1010")])
    two = withdrawn([("2001:db8:1::", "64", "1010"), ("2001:db8:2::", "64", "1020.1")])
    assert changed(one, two) == [
        "flush set ip6 frost_ip6 stale",
        "add element ip6 frost_ip6 stale { 2001:db8:1::/64 timeout 10s, "
        "2001:db8:2::/64 timeout 21s }",
    ]
    assert changed(two, {}) == ["flush set ip6 frost_ip6 stale"]


def test_what_the_kernel_lets_go_is_no_change() -> None:
    state = decide(withdrawn([("2001:db8:1::", "64", "1010")]))[0]
    contents.expire(state.sets, 1009.0)
    assert state.sets[IP6 + ("stale",)] != {}
    contents.expire(state.sets, 1010.0)
    assert contents.changes(state, decide({})[0], set()) == []


def test_a_link_joins_by_elements_alone() -> None:
    joined = changed(with_lan({}), with_lan({"ifname": "br0"}))
    assert joined == [
        "add limit ip6 frost_ip6 icmp_100_br0 { rate over 100/second burst 100 packets; }",
        'add element ip6 frost_ip6 forward_from { "br0" : jump forward_lan }',
        'add element ip6 frost_ip6 icmp_limits { "br0" : "icmp_100_br0" }',
        'add element ip6 frost_ip6 lan { "br0" }',
    ]
    both, left = with_lan({"ifname": "br0\nbr1"}), with_lan({"ifname": "br1"})
    assert changed(both, left) == [
        "flush map ip6 frost_ip6 forward_from",
        "flush map ip6 frost_ip6 icmp_limits",
        "flush set ip6 frost_ip6 lan",
        'add element ip6 frost_ip6 forward_from { "br1" : jump forward_lan,'
        ' "lan0" : jump forward_lan, "ppp0" : jump forward_wan }',
        'add element ip6 frost_ip6 icmp_limits { "br1" : "icmp_100_br1",'
        ' "lan0" : "icmp_100_lan0", "ppp0" : "icmp_1953_ppp0" }',
        'add element ip6 frost_ip6 lan { "br1", "lan0" }',
    ]
    assert changed(LEASE, LEASE) == []


def test_a_link_that_changes_its_zone_is_taken_out_first() -> None:
    before = with_lan({"ifname": "eth5"})
    after = dict(before)
    after["wan"] = {"ifname": "ppp0\neth5", "bandwidth": "50000"}
    after["lan"] = {}
    assert changed(before, after)[1:] == [
        "flush map ip6 frost_ip6 forward_from",
        "flush map ip6 frost_ip6 icmp_limits",
        "flush set ip6 frost_ip6 lan",
        'add element ip6 frost_ip6 forward_from { "eth5" : jump forward_wan,'
        ' "lan0" : jump forward_lan, "ppp0" : jump forward_wan }',
        'add element ip6 frost_ip6 icmp_limits { "eth5" : "icmp_1953_eth5",'
        ' "lan0" : "icmp_100_lan0", "ppp0" : "icmp_1953_ppp0" }',
        'add element ip6 frost_ip6 lan { "lan0" }',
        'add element ip6 frost_ip6 wan { "eth5" }',
    ]


def test_limits_come_before_their_elements_and_stay_for_a_while() -> None:
    after = dict(LEASE)
    after["wan"] = {"ifname": "ppp0", "bandwidth": "100000"}
    assert changed(LEASE, after) == [
        "add limit ip6 frost_ip6 icmp_3906_ppp0 { rate over 3906/second burst 3906 packets; }",
        "flush map ip6 frost_ip6 icmp_limits",
        "add element ip6 frost_ip6 icmp_limits"
        ' { "lan0" : "icmp_100_lan0", "ppp0" : "icmp_3906_ppp0" }',
    ]
    table = ("ip6", "frost_ip6")
    before, now = contents.State({}, {table: []}), contents.State({}, {table: [("a", 1)]})
    before.limits[table] = [("ppp0", rate) for rate in range(contents.KEPT_LIMITS)]
    contents.carry(before, now)
    assert [each.action for each in contents.changes(before, now, set())] == ["limit"]
    before.limits[table] = now.limits[table] + [("b", 2)]
    now = contents.State({}, {table: []})
    contents.carry(before, now)
    deleted = contents.text(contents.changes(before, now, set()), 0.0).split("\n")[:-1]
    assert len(deleted) == contents.KEPT_LIMITS + 2
    assert deleted[-1] == "delete limit ip6 frost_ip6 icmp_2_b"


def test_limits_of_links_with_odd_names_have_names_that_nft_takes() -> None:
    for link, name in (
        ("eth0.7", "icmp_9_eth0.2e7"),
        ("a+b", "icmp_9_a.2bb"),
        ("x-_", "icmp_9_x-_"),
    ):
        assert contents.limit_name((link, 9)) == name


def test_a_host_alias_moves_with_its_prefix() -> None:
    assert changed(lease("2001:db8:1::", "64"), lease("2001:db8:2::", "64"))[-1] == (
        "add element ip6 frost_ip6 nas { 2001:db8:2::10 }"
    )


def test_vanishing_addresses_are_those_of_the_spec() -> None:
    values = {"address": "192.0.2.7\n2001:db8::5\nrubbish\n192.0.2.0/24"}
    assert wanted.forgettable(spec(), {"wan": values}) == ["192.0.2.7", "2001:db8::5"]
    assert wanted.forgettable(spec(), {}) == []


def test_a_load_is_one_text_in_an_order_that_nft_takes() -> None:
    found = spec()
    there = present.declared(found.tables)
    there[("ip6", "chain", "forward_guest")] = ""
    there[("ip6", "map", "old_map")] = "ifname : verdict"
    there[("ip6", "set", "old_set")] = "ifname"
    there[("ip6", "limit", "icmp_7")] = ""
    there[("ip6", "limit", "theirs")] = ""
    text = transaction.load(found, b"# the ruleset", decide(LEASE)[0], there, NOW).decode()
    lines = text.split("\n")
    assert lines[0] == "# the ruleset"
    order = [
        "flush map ip6 frost_ip6 forward_from",
        "flush set ip6 frost_ip6 lan",
        "flush map ip6 frost_ip6 old_map",
        "flush set ip6 frost_ip6 old_set",
        "delete map ip6 frost_ip6 old_map",
        "delete set ip6 frost_ip6 old_set",
        "delete chain ip6 frost_ip6 forward_guest",
        "delete limit ip6 frost_ip6 icmp_7",
        "add limit ip6 frost_ip6 icmp_100_lan0 { rate over 100/second burst 100 packets; }",
        'add element ip6 frost_ip6 lan { "lan0" }',
    ]
    places = [lines.index(line) for line in order]
    assert places == sorted(places)
    assert "seen" not in text and "theirs" not in text


def test_a_family_without_a_table_keeps_the_base_ruleset() -> None:
    told = folder()[1]
    told["tables"], told["zones"] = told["tables"][1:], []
    found = reading.read(encoded(told), "follow.json")
    there = present.declared(spec().tables)
    text = transaction.load(found, b"", decide(LEASE)[0], there, NOW).decode()
    assert base.text("ip") in text
    assert "delete chain ip frost_ip forward_wan\n" in text
    assert "delete set ip frost_ip seen\n" in text


def test_a_changed_type_is_told_with_both() -> None:
    there = present.declared(spec().tables)
    there[("ip6", "set", "stale")] = "ipv6_addr flags interval"
    del there[("ip6", "set", "nas")]
    there[("ip6", "map", "nas")] = "ipv6_addr : verdict"
    assert present.changed(there, transaction.result(spec())) == [
        'set ip6 frost_ip6 nas: expected the type that is loaded, "ipv6_addr : verdict", '
        'got "ipv6_addr"; give the changed one another name',
        "set ip6 frost_ip6 stale: expected the type that is loaded, "
        '"ipv6_addr flags interval", got "ipv6_addr flags interval,timeout"; '
        "give the changed one another name",
    ]


def test_a_type_that_has_no_name_here_is_left_to_the_kernel() -> None:
    there = present.declared(spec().tables)
    there[("ip6", "set", "nas")] = "? flags interval"
    assert present.changed(there, transaction.result(spec())) == []


def test_listings_are_read_as_far_as_they_are_ours() -> None:
    listed = [
        ("ip6", "set", "frost_ip6", "a", "ipv6_addr flags interval,timeout"),
        ("ip6", "map", "frost_ip6", "b", "ipv6_addr . ifname : verdict"),
        ("ip6", "set", "fw4", "c", "ipv6_addr"),
        ("inet", "chain", "frost_ip6", "d", ""),
        ("ip6", "limit", "frost_ip6", "icmp_9_lan0", ""),
    ]
    ours = {
        ("ip6", "set", "a"): "ipv6_addr flags interval,timeout",
        ("ip6", "map", "b"): "ipv6_addr . ifname : verdict",
        ("ip6", "limit", "icmp_9_lan0"): "",
    }
    assert present.read(listed) == ours  # sets alone stop nothing: the table counts as none
    ours[("ip6", "chain", "d")] = ours[("ip6", "table", "frost_ip6")] = ""
    assert present.read(listed + [("ip6", "chain", "frost_ip6", "d", "")]) == ours


def test_a_refusal_is_one_line_with_the_rule() -> None:
    ruleset = b'table ip6 t {\nx counter drop comment "bogons/3 RFC 6092 REC-3"\n}\n'
    refusal = "ruleset:2:1-1: Error: syntax error, unexpected x\nx counter\n^\n"
    assert transaction.reason(refusal, ruleset, "F") == (
        "F: line 2: bogons/3 RFC 6092 REC-3: syntax error, unexpected x"
    )
    assert transaction.reason("ruleset:1:1-1: Error: no\nt\n", ruleset, "F") == "F: line 1: no"
    refusal = "ruleset:9:2-3: Error: Could not process rule: File exists\nadd x\n ^\n"
    assert transaction.reason(refusal, ruleset, "F") == (
        "followed elements: Could not process rule: File exists: add x"
    )
    assert transaction.reason("/etc/big.nft:3:1-2: Error: no\n", ruleset, "F") == (
        "/etc/big.nft:3:1-2: Error: no"
    )
    assert transaction.reason("nft: no such file", ruleset, "F") == "nft: no such file"
