"""The way of a packet through chains, hooks and NAT, on both runtimes."""

from agent.port.records import Route
from firewall.command import groups
from firewall.command.facts import Facts
from tests.device import firewall_listings as nft
from tests.device.firewall_listings import ACCEPT, COUNTER, DROP, RETURN, chain, jump, match, rule

TCP = "2001:db8::5 2001:db8:1::1 tcp 1024 443 in lan0 out wan"
TO_US = "2001:db8::5 2001:db8::1 tcp 1024 443 in lan0"
PORT = nft.payload("tcp", "dport")


def loaded(*objects, **more):
    return nft.ruleset(nft.table(), *objects, **more)


def decided(made):
    step = groups.reason(made.steps, made.step)
    return made.verdict, None if step is None else (step.chain, step.number, step.comment)


def test_jump_comes_back_and_goto_does_not() -> None:
    for word, wanted in (
        ("jump", ("accept", ("base", 2, ""))),
        ("goto", ("drop", ("base", 0, ""))),
    ):
        made = nft.outcome(
            loaded(
                chain("base", "forward", policy="drop"),
                chain("other"),
                rule("base", jump("other", word)),
                rule("base", ACCEPT),
                rule("other", COUNTER),
            ),
            TCP,
        )
        assert decided(made) == wanted
    assert nft.way(made) == [("base", 1, "goto"), ("other", 1, "continue"), ("base", 0, "drop")]


def test_return_leaves_one_chain_and_a_base_chain_by_its_policy() -> None:
    made = nft.outcome(
        loaded(
            chain("base", "input", policy="drop"),
            chain("other"),
            rule("base", jump("other")),
            rule("base", RETURN),
            rule("base", ACCEPT),
            rule("other", RETURN),
            rule("other", DROP),
        ),
        TO_US,
    )
    assert nft.way(made) == [("base", 1, "jump"), ("other", 1, "return"), ("base", 2, "return"),
                             ("base", 0, "drop")]  # fmt: skip


def test_verdict_maps_lead_on() -> None:
    vmap = {"vmap": {"key": nft.meta("iifname"), "data": "@from"}}
    held = {"from": [["wan", jump("other")], ["lan0", jump("lan")], ["*", DROP]]}
    made = loaded(
        {"map": {"family": "ip6", "table": "t", "name": "from", "map": "verdict"}},
        chain("base", "forward", policy="drop"),
        chain("lan"),
        chain("other"),
        rule("base", vmap, comment="dispatch"),
        rule("lan", COUNTER, ACCEPT, comment="out/1 RFC 1"),
        elements=held,
    )
    assert decided(nft.outcome(made, TCP)) == ("accept", ("lan", 1, "out/1 RFC 1"))
    assert decided(nft.outcome(made, TCP.replace("lan0", "lan1"))) == (
        "drop", ("base", 1, "dispatch")
    )  # fmt: skip
    own = {"vmap": {"key": nft.ct("state"), "data": {"set": [[2, ACCEPT], [1, DROP]]}}}
    made = loaded(chain("base", "forward", policy="drop"), rule("base", own))
    assert nft.outcome(made, TCP, s="established").verdict == "accept"
    assert nft.way(nft.outcome(made, TCP)) == [("base", 0, "drop")]


def test_all_base_chains_of_a_hook_have_to_agree() -> None:
    first = {"family": "inet", "table": "other"}
    made = nft.ruleset(
        nft.table("other", "inet", 1),
        nft.table("t", "ip6", 2),
        nft.table("four", "ip", 3),
        chain("late", "forward", prio=10, policy="drop", **first),
        chain("early", "prerouting", prio=-300, **first),
        chain("base", "forward"),
        chain("never", "forward", policy="drop", family="ip", table="four"),
        rule("base", ACCEPT, comment="a/1 X"),
    )
    outcome = nft.outcome(made, TCP)
    assert nft.way(outcome) == [("early", 0, "accept"), ("base", 1, "accept"), ("late", 0, "drop")]
    assert decided(outcome) == ("drop", ("late", 0, ""))


def test_of_equal_priority_the_later_table_comes_first() -> None:
    made = nft.ruleset(
        nft.table("old", "inet", 1),
        nft.table("t", "ip6", 2),
        chain("first", "forward", family="inet", table="old"),
        chain("second", "forward"),
    )
    assert [step[0] for step in nft.way(nft.outcome(made, TCP))] == ["second", "first"]


def test_a_denial_is_told_by_the_rule_that_led_to_it() -> None:
    made = nft.outcome(
        loaded(
            chain("base", "forward", policy="drop"),
            chain("deny_bogons"),
            rule("base", COUNTER, jump("deny_bogons", "goto"), comment="bogons/3 REC-3"),
            rule("deny_bogons", {"limit": {"rate": 5, "per": "second"}}, {"log": None},
                 comment="bogons/1 REC-3"),
            rule("deny_bogons", COUNTER, {"reject": {"type": "icmpv6", "expr": 5}},
                 comment="bogons/1 REC-3"),
        ),
        TCP,
    )  # fmt: skip
    assert decided(made) == ("reject", ("base", 1, "bogons/3 REC-3"))
    assert (made.what, made.step.chain) == ("icmpv6 policy-fail", "deny_bogons")
    assert made.notes == ["rates and limits are taken as not exceeded"]


def test_limits_are_not_exceeded_whichever_way_they_ask() -> None:
    body = {"rate": 5, "per": "second"}
    named = {"limit": {"map": {"key": nft.meta("iifname"), "data": "@limits"}}}
    over = dict(body, family="ip6", table="t", name="icmp_5", inv=True)
    limits = {"family": "ip6", "table": "t", "name": "limits", "map": "limit"}
    objects = [{"limit": over}, chain("base", "forward"), {"map": limits}]
    held = {"limits": [["lan0", "icmp_5"]]}
    for limit, matched in (({"limit": body}, True), ({"limit": dict(body, inv=True)}, False),
                           ({"limit": "icmp_5"}, False), (named, False)):  # fmt: skip
        made = nft.outcome(loaded(*objects, rule("base", limit, DROP), elements=held), TCP)
        assert (made.verdict == "drop") is matched, limit
    over["inv"] = False
    assert nft.outcome(loaded(*objects, rule("base", named, DROP), elements=held), TCP).verdict == (
        "drop"
    )
    other = TCP.replace("lan0", "lan1")  # no limit for it: the rule does not match
    made = nft.outcome(loaded(*objects, rule("base", named, DROP), elements=held), other)
    assert made.verdict == "accept"


def test_conntrack_comes_after_the_raw_chains() -> None:
    state = match(nft.ct("state"), 8, "in")
    made = loaded(
        chain("raw", "prerouting", prio=-300),
        chain("mangle", "prerouting", prio=-150),
        rule("raw", state, DROP),
        rule("mangle", state, DROP),
    )
    assert decided(nft.outcome(made, TCP)) == ("drop", ("mangle", 1, ""))
    made = loaded(
        chain("raw", "prerouting", prio=-300),
        chain("base", "forward"),
        rule("raw", {"notrack": None}),
        rule("base", match(nft.ct("state"), 64, "in"), DROP),
    )
    assert nft.outcome(made, TCP).verdict == "drop"


def test_marks_that_rules_set_are_seen_later() -> None:
    setting = {"mangle": {"key": nft.meta("mark"), "value": {"|": [nft.ct("mark"), 5]}}}
    made = loaded(
        chain("early", "prerouting", prio=-150),
        chain("base", "forward"),
        rule("early", setting),
        rule("base", match({"&": [nft.meta("mark"), 255]}, 5), DROP),
    )
    assert nft.outcome(made, TCP).verdict == "drop"
    size = {"mangle": {"key": {"tcp option": {"name": "maxseg", "field": "size"}},
                       "value": {"rt": {"key": "mtu"}}}}  # fmt: skip
    made = loaded(chain("base", "forward"), rule("base", size))
    assert nft.way(nft.outcome(made, TCP)) == [("base", 1, "continue"), ("base", 0, "accept")]


def test_hops_are_counted_before_forward() -> None:
    hops = nft.payload("ip6", "hoplimit")
    made = loaded(
        chain("base", "forward"),
        chain("in", "input"),
        rule("base", match(hops, 63), DROP),
        rule("in", match(hops, 64), DROP),
    )
    assert nft.outcome(made, TCP, w="ip6 hoplimit=64").verdict == "drop"
    assert nft.outcome(made, TO_US, w="ip6 hoplimit=64").verdict == "drop"


# --- NAT and routes


def route(kind, destination, length, index, table):
    return Route(kind, destination, length, "", index, 0, table, 2, None)


FACTS = Facts(
    {1: "lo", 2: "wan", 3: "lan0"},
    [route("local", "2001:db8::1", 128, 3, 255), route("local", "192.0.2.1", 32, 3, 255),
     route("broadcast", "192.0.2.255", 32, 3, 255), route("multicast", "ff00::", 8, 3, 255)],
    [route("unicast", "2001:db8::", 64, 3, 254), route("unicast", "::", 0, 2, 254),
     route("unreachable", "2001:db8:ff::", 48, 1, 254), route("unicast", "192.0.2.0", 24, 3, 254),
     route("unicast", "0.0.0.0", 0, 2, 254)],
)  # fmt: skip


def test_dnat_goes_on_with_the_new_destination() -> None:
    objects = (
        chain("dstnat", "prerouting", "nat", -100),
        chain("base", "forward", policy="drop"),
        chain("in", "input", policy="drop"),
        rule("dstnat", match(PORT, 8080), {"dnat": {"addr": "2001:db8::10", "port": 80}}),
        rule("dstnat", match(PORT, 8081), {"dnat": {"addr": "2001:db8::1"}}),
        rule("dstnat", match(PORT, 8082), {"redirect": {"port": 22}}),
        rule("base", match(PORT, 80), match(nft.ct("status"), 32, "in"),
             match(nft.meta("oifname"), "lan0"), ACCEPT, comment="web/1 forward"),
        rule("in", match(PORT, 22), ACCEPT, comment="ssh/1 x"),
        rule("in", match(nft.payload("ip6", "daddr"), "2001:db8::1"), ACCEPT, comment="own/1 x"),
    )  # fmt: skip
    question = "2001:db8:9::9 2001:db8:2::2 tcp 1024 %d in wan"
    made = nft.outcome(loaded(*objects), question % 8080, FACTS)
    assert decided(made) == ("accept", ("base", 1, "web/1 forward"))
    assert made.steps[0].what == "dnat to [2001:db8::10]:80"
    made = nft.outcome(loaded(*objects), question % 8081, FACTS)
    assert decided(made) == ("accept", ("in", 2, "own/1 x"))
    made = nft.outcome(loaded(*objects), (question % 8082).replace("wan", "lan0"), FACTS)
    assert decided(made) == ("accept", ("in", 1, "ssh/1 x"))
    # Without routes it can't be known where the new destination is.
    made = nft.outcome(loaded(*objects), question % 8080)
    assert (made.verdict, made.why) == (
        "", "the way to the new destination is not known (out IF tells)"
    )  # fmt: skip
    assert nft.outcome(loaded(*objects), question % 8080 + " out lan0").verdict == "accept"


def test_only_the_first_packet_of_a_flow_is_translated_and_once() -> None:
    objects = (
        chain("one", "postrouting", "nat", 100),
        chain("two", "postrouting", "nat", 101),
        rule("one", {"masquerade": None}),
        rule("two", DROP),
    )
    assert nft.way(nft.outcome(loaded(*objects), TCP)) == [("one", 1, "accept")]
    assert nft.way(nft.outcome(loaded(*objects), TCP, s="established")) == []
    assert (
        nft.way(nft.outcome(loaded(*objects), "::1 ::2 icmpv6 1 0 in a out b", s="related")) == []
    )


def test_routes_tell_types_and_ways_back() -> None:
    six = [("2001:db8::1", 2), ("2001:db8::2", 1), ("2001:db8:ff::1", 7), ("ff02::1", 5), ("::", 0)]
    four = [("192.0.2.1", 2), ("192.0.2.9", 1), ("192.0.2.255", 3), ("224.0.0.1", 5),
            ("255.255.255.255", 3), ("0.0.0.0", 3), ("198.51.100.1", 1)]  # fmt: skip
    for text, kind in six + four:
        made = nft.packet("%s %s udp 1 2 in lan0" % (text, text))
        assert FACTS.type(made.family, made.source) == kind, text
    back = [("2001:db8::9", "lan0", "lan0"), ("2001:db8:9::9", "lan0", ""),
            ("2001:db8:9::9", "wan", "wan"), ("2001:db8::1", "lan0", ""),
            ("192.0.2.9", "lan0", "lan0"), ("192.0.2.9", "wan", ""), ("192.0.2.1", "lan0", ""),
            ("198.51.100.1", "wan", "wan")]  # fmt: skip
    for text, link, wanted in back:
        made = nft.packet("%s %s udp 1 2 in %s" % (text, text, link))
        assert FACTS.back(made.family, made.source, made.source, link) == wanted, (text, link)


# --- where it ends


def test_it_stops_where_it_does_not_understand() -> None:
    made = nft.outcome(
        loaded(
            chain("base", "forward"),
            rule("base", match(PORT, 443), {"xt": None}, ACCEPT, comment="odd/1 X"),
        ),
        TCP,
    )
    assert (made.verdict, made.why, made.step.number) == ("", 'statement "xt"', 1)
    # Only where it comes to it
    assert nft.outcome(loaded(chain("base", "forward"), rule("base", match(PORT, 1), {"xt": None})),
                       TCP).verdict == "accept"  # fmt: skip
    made = nft.outcome(nft.ruleset(nft.table(flags="dormant"), chain("base", "forward")), TCP)
    assert made.why == "table t has flags: whether it is dormant is not shown"
    loop = loaded(
        chain("base", "forward"), chain("a"), rule("base", jump("a")), rule("a", jump("a"))
    )
    assert nft.outcome(loop, TCP).why == "more than 16 jumps deep"


def test_nothing_there_lets_it_pass_and_frames_are_not_walked() -> None:
    assert decided(nft.outcome(loaded(), TCP)) == ("accept", None)
    made = nft.ruleset(nft.table("b", "bridge"), chain("x", "forward", family="bridge", table="b"))
    assert nft.outcome(made, TCP).notes == ["bridge b x (hook forward) is not walked"]


def test_the_routers_own_packets_pass_output() -> None:
    made = loaded(
        chain("out", "output"),
        chain("in", "prerouting", policy="drop"),
        rule("out", match(nft.meta("oifname"), "wan"), DROP, comment="o/1 X"),
    )
    assert decided(nft.outcome(made, "::1 ::2 udp 1 2 out wan")) == ("drop", ("out", 1, "o/1 X"))
