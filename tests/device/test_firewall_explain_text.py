"""What is asked and what is answered, as people and programs read it, on both runtimes."""

from agent.command import json_line
from agent.options import UsageError
from firewall.command import counters, denied, explain, groups, listing, question, texts
from tests.device import firewall_listings as nft
from tests.device.firewall_listings import ACCEPT, COUNTER, DROP, chain, jump, match, rule

TCP = "2001:db8::5 2001:db8:1::1 tcp 1024 443 in lan0 out wan"


def described(text, **options):
    return question.describe(nft.packet(text, **options))


def refusal(text, **options):
    try:
        nft.packet(text, **options)
    except UsageError as error:
        return str(error)
    raise AssertionError(text)


def test_packets_are_described_as_they_were_understood() -> None:
    ends = "2001:db8::5 port 1024 -> 2001:db8:1::1 port 443"
    for text, options, wanted in (
        (TCP, {}, "tcp %s, flags syn, in lan0, out wan, conntrack state new" % ends),
        (TCP, {"s": "established"},
         "tcp %s, flags ack, in lan0, out wan, conntrack state established" % ends),
        (TCP, {"F": "syn,ack"},
         "tcp %s, flags syn,ack, in lan0, out wan, conntrack state invalid" % ends),
        (TCP, {"F": "none", "s": "new"},
         "tcp %s, flags none, in lan0, out wan, conntrack state new" % ends),
        ("192.0.2.1 192.0.2.2 icmp 8 in a", {},
         "icmp 192.0.2.1 -> 192.0.2.2, type 8 code 0, in a, conntrack state new"),
        ("192.0.2.1 192.0.2.2 icmp 3 1 in a", {},
         "icmp 192.0.2.1 -> 192.0.2.2, type 3 code 1, in a, conntrack state invalid"),
        ("fe80::1 ff02::1 icmpv6 135 in a", {},
         "icmpv6 fe80::1 -> ff02::1, type 135 code 0, in a, conntrack state untracked"),
        ("::1 ::2 ah in a", {}, "ah (of ipv6) ::1 -> ::2, in a, conntrack state new"),
        ("::1 ::2 139 out a", {}, "hip ::1 -> ::2, out a, conntrack state new"),
        ("::1 ::2 253 out a", {}, "253 ::1 -> ::2, out a, conntrack state new"),
    ):  # fmt: skip
        assert described(text, **options) == wanted


def test_what_is_no_packet_is_refused_with_a_reason() -> None:
    for text, options, wanted in (
        ("::1 ::2 in a", {}, "expected SRC DST PROTO, got 2 operands"),
        ("::1 ::2 tcp", {}, "expected `in IF`, `out IF` or both at the end, got none"),
        ("::1 ::2 tcp in a in b", {}, "expected one link after in, got two"),
        ("::1 ::2 tcp in a/b", {}, 'in: expected the name of a link, got "a/b"'),
        ("::1 host tcp in a", {}, 'expected an IP address, got "host"'),
        ("::1 192.0.2.1 tcp in a", {},
         "expected two addresses of one family, got ::1 and 192.0.2.1"),
        ("::1 ::2 icmp 8 in a", {}, "expected addresses of IPv4 for icmp"),
        ("::1 ::2 icmpv6 in a", {}, "expected TYPE [CODE] of ICMP, got nothing"),
        ("::1 ::2 icmpv6 1 256 in a", {}, "expected TYPE [CODE] of ICMP, got 1 256"),
        ("::1 ::2 tcp 80 in a", {}, "tcp: expected SPORT DPORT, got 80"),
        ("::1 ::2 esp 80 80 in a", {}, "esp: expected no ports, got 80 80"),
        ("::1 ::2 tcp 1 65536 in a", {},
         'expected a port, type or code up to 65535, got "65536"'),
        ("::1 ::2 udp 1 2 in a", {"F": "syn"}, "option -F: expected with tcp alone"),
        ("::1 ::2 udp 1 2 in a", {"s": "odd"},
         'option -s: expected invalid, established, related, new, untracked, got "odd"'),
        ("::1 ::2 udp 1 2 in a", {"w": "mark"},
         'option -w: expected NAME=NUMBER like "ct mark=1", got "mark"'),
    ):  # fmt: skip
        assert refusal(text, **options) == wanted
    assert refusal("::1 ::2 tcp in a", F="syn,odd").startswith(
        "option -F: expected some of fin,syn"
    )
    assert refusal("::1 ::2 odd in a").startswith("expected a protocol (icmp, igmp, tcp")


def home():
    """A little of a home router's ruleset."""
    vmap = {"vmap": {"key": nft.meta("iifname"), "data": "@forward_from"}}
    return nft.ruleset(
        nft.table(),
        {"map": {"family": "ip6", "table": "t", "name": "forward_from", "map": "verdict"}},
        chain("dstnat", "prerouting", "nat", -100),
        chain("forward", "forward", policy="drop"),
        chain("forward_lan"),
        chain("deny_bogons"),
        rule("dstnat", match(nft.payload("tcp", "dport"), 8080), COUNTER,
             {"dnat": {"addr": "2001:db8::10", "port": 443}}, comment="forward-web/1 port forward"),
        rule("forward", match(nft.payload("ip6", "saddr"), "@bogons"), COUNTER,
             jump("deny_bogons", "goto"), comment="bogons/4 RFC 6092 REC-3"),
        rule("forward", vmap, comment="dispatch"),
        rule("forward_lan", match(nft.meta("l4proto"), {"set": [6, 17]}), COUNTER, ACCEPT,
             comment="outbound/1 RFC 6092 REC-31"),
        rule("deny_bogons", {"limit": {"rate": 5, "burst": 10, "per": "second"}}, COUNTER,
             {"log": {"prefix": "bogons", "group": 31}}, comment="bogons/2 RFC 6092 REC-3"),
        rule("deny_bogons", COUNTER, {"reject": {"type": "icmpv6", "expr": 1}},
             comment="bogons/2 RFC 6092 REC-3"),
        {"set": {"family": "ip6", "table": "t", "name": "bogons"}},
        elements={"forward_from": [["lan0", jump("forward_lan")]],
                  "bogons": [{"prefix": {"addr": "100::", "len": 64}}]},
    )  # fmt: skip


def shown(text, **options):
    """What people read, without colours."""
    packet = nft.packet(text, **options)
    made = explain.lines(question.describe(packet), nft.outcome(home(), text, **options))
    found = []
    for line in made:
        found.append("".join([one if isinstance(one, str) else one[1] for one in line]))
    return "\n".join([line.rstrip() for line in found])


def test_an_accepted_packets_way_is_shown() -> None:
    assert shown(TCP.replace("443", "8080")) == (
        "tcp 2001:db8::5 port 1024 -> 2001:db8:1::1 port 8080, flags syn, in lan0, out wan,"
        " conntrack state new\n"
        "prerouting, table ip6 t\n"
        "  dstnat 1: tcp dport 8080 dnat to [2001:db8::10]:443 -> accept"
        "  # forward-web/1 port forward\n"
        "forward, table ip6 t\n"
        "  forward 2: iifname vmap @forward_from -> jump forward_lan  # dispatch\n"
        "  forward_lan 1: meta l4proto { tcp, udp } -> accept  # outbound/1 RFC 6092 REC-31\n"
        "accept by outbound/1 RFC 6092 REC-31, rule 1 of chain forward_lan (ip6 t)"
    )


def test_a_denied_packets_way_is_shown() -> None:
    assert shown("100::1 ::2 udp 1 2 in lan0 out wan").split("\n")[1:] == [
        "prerouting, table ip6 t",
        "  dstnat policy: -> accept",
        "forward, table ip6 t",
        "  forward 1: ip6 saddr @bogons -> goto deny_bogons  # bogons/4 RFC 6092 REC-3",
        "  deny_bogons 1: limit rate 5/second  # bogons/2 RFC 6092 REC-3",
        "  deny_bogons 2: -> reject with icmpv6 admin-prohibited  # bogons/2 RFC 6092 REC-3",
        "reject with icmpv6 admin-prohibited by bogons/4 RFC 6092 REC-3, rule 1 of chain forward"
        " (ip6 t)",
        "note: rates and limits are taken as not exceeded",
    ]
    assert shown(TCP.replace("lan0", "lan1")).split("\n")[-1] == (
        "drop by the policy of chain forward (ip6 t)"
    )


def test_where_it_stopped_is_shown() -> None:
    assert shown("::1 ::2 tcp in lan0 out wan").split("\n")[1:] == [
        "stopped at rule 1 of chain dstnat (ip6 t): th dport of the packet is not known"
        " (-w 'th dport=NUMBER' tells)",
        "  tcp dport 8080 dnat to [2001:db8::10]:443  # forward-web/1 port forward",
    ]


def test_programs_get_records() -> None:
    made = nft.outcome(home(), "100::1 ::2 udp 1 2 in lan0 out wan")
    found = [json_line.render(record) for record in explain.records("asked", made)]
    assert found[1] == (
        '{"chain": "forward", "comment": "bogons/4 RFC 6092 REC-3", "family": "ip6",'
        ' "group": "bogons", "handle": 5, "hook": "forward", "index": 4,'
        ' "requirement": "RFC 6092 REC-3", "rule": 1, "table": "t", "target": "deny_bogons",'
        ' "text": "ip6 saddr @bogons", "verdict": "goto", "what": "step"}'
    )
    assert found[-1].startswith(
        '{"notes": ["rates and limits are taken as not exceeded"], "packet": "asked", "rule": {'
    )
    assert found[-1].endswith('"stopped": null, "verdict": "reject", "what": "verdict", "with": '
                              '"icmpv6 admin-prohibited"}')  # fmt: skip
    stopped = explain.records("asked", nft.outcome(home(), "::1 ::2 tcp in lan0 out wan"))[-1]
    assert (stopped["verdict"], stopped["rule"]["chain"]) == (None, "dstnat")


def test_rules_are_shown_in_nfts_words() -> None:
    concat = {"concat": [nft.payload("udp", "dport"), nft.meta("iifname")]}
    for statements, wanted in (
        ([match(nft.ct("state"), [2, 4], "in"), COUNTER, ACCEPT], "ct state established,related"),
        ([match({"&": [nft.payload("tcp", "flags"), [1, 2, 4, 16]]}, 2)],
         "(tcp flags & fin,syn,rst,ack) syn"),
        ([match(nft.payload("ip", "ttl"), 5, "<"), DROP], "ip ttl < 5"),
        ([match(concat, {"set": [{"concat": [53, "lan0"]}]}, "!=")],
         "udp dport . iifname != { 53 . lan0 }"),
        ([match({"fib": {"result": "oif", "flags": ["saddr", "iif"]}}, False)],
         "fib saddr . iif oif missing"),
        ([match({"fib": {"result": "type", "flags": ["daddr"]}}, {"set": [2, 5]}, "!=")],
         "fib daddr type != { local, multicast }"),
        ([match({"exthdr": {"name": "rt", "field": "type"}}, 0)], "rt type 0"),
        ([match(nft.payload("tcp", "dport"), {"set": list(range(14))})],
         "tcp dport { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ... }"),
        ([{"vmap": {"key": nft.ct("state"), "data": {"set": [[2, ACCEPT], [1, jump("x")]]}}}],
         "ct state vmap { established : accept, invalid : jump x }"),
        ([{"limit": {"map": {"key": nft.meta("iifname"), "data": "@icmp_limits"}}}],
         "limit name iifname map @icmp_limits"),
        ([{"mangle": {"key": nft.meta("mark"), "value": 1}}], "meta mark set 1"),
        ([{"masquerade": None}], "masquerade"),
        ([{"flow": {"op": "add", "flowtable": "@f"}}], "flow add @f"),
        ([{"xt": {"name": "x"}}], 'xt {"name": "x"}'),
    ):  # fmt: skip
        assert texts.rule(statements) == wanted


# --- the list of rulegroups


def test_a_rulegroups_counters_do_not_count_twice() -> None:
    def one(name, comment, *statements):
        return rule(name, COUNTER, *statements, comment=comment)

    objects = [
        one("forward", "bogons/1 R", jump("deny", "goto")),
        one("forward", "bogons/2 R", jump("deny", "goto")),
        one("deny", "bogons/1 R", {"log": None}),
        one("deny", "bogons/1 R", DROP),
        one("forward", "", DROP),
        rule("forward", jump("x"), comment="dispatch"),
        one("forward", "out/1 R", ACCEPT),
    ]
    found = counters.by_group(counters.rules(objects))
    assert sorted(found) == ["", "bogons", "out"]
    assert listing.total(found["bogons"]) == (6, 360)
    assert [(r.chain, r.number) for r in found["bogons"]] == [("forward", 1), ("forward", 2)]
    group = {
        "name": "bogons",
        "requirement": "REC-3",
        "text": "no bogons",
        "parameters": {"p": "x"},
    }
    lines = ["".join([p if isinstance(p, str) else p[1] for p in line])
             for line in listing.lines(group, found["bogons"], True)]  # fmt: skip
    assert lines == [
        "bogons  REC-3: 6 packets, 360 octets",
        "  no bogons  (p x)",
        "    1 R: forward 1 (ip6), 3 packets, 180 octets",
        "    2 R: forward 2 (ip6), 3 packets, 180 octets",
    ]
    assert listing.lines(group, [], False)[0][1] == "  REC-3: no rules"
    assert listing.amount(1, 9999) == "1 packet, 9999 octets"
    assert listing.amount(2, 12345) == "2 packets, 12.3 kB"
    assert listing.amount(2, 123456789) == "2 packets, 123 MB"


RULESET = """table ip6 t {
}
flush table ip6 t
table ip6 t {
	chain forward {
		type filter hook forward priority 0; policy drop;
		ip6 saddr @bogons counter drop comment "bogons/1 R"
		iifname vmap @from comment "dispatch"
		counter accept comment "out/1 R"
	}
	chain late {
		counter comment "out/2 R"
	}
}
"""


def test_a_difference_between_file_and_kernel_is_named() -> None:
    wanted = counters.outline(RULESET)
    assert wanted == [("ip6", "t", "forward", "bogons/1 R"), ("ip6", "t", "forward", "out/1 R"),
                      ("ip6", "t", "late", "out/2 R")]  # fmt: skip
    comments = [("late", "out/2 R"), ("forward", "bogons/1 R"), ("forward", "dispatch"),
                ("forward", "out/1 R")]  # fmt: skip
    made = [rule(name, COUNTER, comment=comment) for name, comment in comments]
    assert counters.difference(wanted, counters.rules(made)) == ""
    # What belongs to no rulegroup, and other tables, are no difference.
    made.append(rule("forward", DROP))
    made.append(rule("forward", DROP, comment="x/1 R", table="other"))
    assert counters.difference(wanted, counters.rules(made)) == ""
    assert counters.difference(wanted, counters.rules(made[:3])) == (
        "chain forward (ip6 t): expected out/1 R, loaded is no more rules"
    )
    assert counters.difference(wanted, counters.rules(made[1:])) == (
        "chain late (ip6 t): expected out/2 R, loaded is no more rules"
    )
    made.insert(0, rule("forward", DROP, comment="new/1 R"))
    assert counters.difference(wanted, counters.rules(made)) == (
        "chain forward (ip6 t): expected bogons/1 R, loaded is new/1 R"
    )


def test_comments_name_groups() -> None:
    assert groups.split("bogons/3 RFC 6092 REC-3") == ("bogons", 3, "RFC 6092 REC-3")
    for comment in ("", "dispatch", "a/ x", "/1 x", "a/b x", "a 1/2"):
        assert groups.split(comment) is None, comment


def test_denied_lines_are_read_strictly() -> None:
    text = "denied bogons RFC 6092 REC-3 in=wan out=lan0 100::1 -> 2001:db8::1 tcp 1 -> 2"
    assert tuple(denied.parse("now", text) or ()) == (
        "now", "bogons", "RFC 6092 REC-3", "wan", "lan0", "100::1 -> 2001:db8::1 tcp 1 -> 2"
    )  # fmt: skip
    input_ = denied.parse("", "denied answers default deny in=wan out= ::1 -> ::2 esp")
    assert input_ is not None and (input_.iif, input_.oif) == ("wan", "")
    for other in ("", "loaded", "denied", "denied x", "denied x in=a", "denied x in=a out=b",
                  "denied x in=a out=b c"):  # fmt: skip
        assert denied.parse("", other) is None, other
