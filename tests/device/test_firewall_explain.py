"""What rules ask of a packet: nft's expressions and comparisons, on both runtimes."""

from firewall.command import matching
from firewall.command.packet import Unknown
from firewall.command.ruleset import Sets
from tests.device import firewall_listings as nft

TCP = "2001:db8::5 2001:db8:1::1 tcp 1024 443 in lan0 out wan"
UDP4 = "192.0.2.7 198.51.100.1 udp 68 67 in lan0"
FLAGS = [1, 2, 4, 16]


def asks(match, packet, loaded=None):
    loaded = loaded or nft.ruleset(nft.table())
    return matching.matches(match["match"], packet, Sets(loaded, "ip6", "t"))


def check(text, *rows, **options):
    """rows: left, right, operator, what comes of it."""
    for left, right, op, wanted in rows:
        packet = nft.packet(text, **options)
        packet.tracked = True
        assert asks(nft.match(left, right, op), packet) == wanted, (left, right, op)


def unknown(text, left, right=1, op="==", **options):
    packet = nft.packet(text, **options)
    packet.tracked = True
    try:
        asks(nft.match(left, right, op), packet)
    except Unknown as error:
        return str(error)
    raise AssertionError(left)


def test_numbers_are_compared() -> None:
    port = nft.payload("tcp", "dport")
    check(
        TCP,
        (port, 443, "==", True),
        (port, 443, "!=", False),
        (port, 442, ">", True),
        (port, 443, ">", False),
        (port, 443, ">=", True),
        (port, 443, "<", False),
        (port, 443, "<=", True),
        (port, {"range": [443, 500]}, "==", True),
        (port, {"range": [1, 443]}, "==", True),
        (port, {"range": [444, 500]}, "==", False),
        (port, {"range": [444, 500]}, "!=", True),
        (port, {"set": [80, {"range": [440, 445]}]}, "==", True),
        (port, {"set": [80, 81]}, "!=", True),
        ({"&": [port, 255]}, 187, "==", True),
        ({"|": [port, 4]}, 447, "==", True),
        ({"^": [port, 443]}, 0, "==", True),
        ({"<<": [port, 1]}, 886, "==", True),
        ({">>": [port, 1]}, 221, "==", True),
    )


def test_addresses_lie_in_prefixes_and_ranges() -> None:
    source = nft.payload("ip6", "saddr")
    check(
        TCP,
        (source, "2001:db8::5", "==", True),
        (source, {"prefix": {"addr": "2001:db8::", "len": 64}}, "==", True),
        (source, {"prefix": {"addr": "2001:db8:0:1::", "len": 64}}, "==", False),
        (source, {"prefix": {"addr": "::", "len": 0}}, "==", True),
        (source, {"range": ["2001:db8::5", "2001:db8::6"]}, "==", True),
        (source, {"range": ["2001:db8::6", "2001:db8::7"]}, "==", False),
        ({"&": [source, "::ffff"]}, "::5", "==", True),
        (source, "2001:db8::4", ">", True),
    )
    check(
        UDP4,
        (nft.payload("ip", "saddr"), {"prefix": {"addr": "192.0.2.0", "len": 29}}, "==", True),
        (nft.payload("ip", "saddr"), {"prefix": {"addr": "192.0.2.8", "len": 29}}, "==", False),
    )


def test_a_protocols_name_asks_for_the_protocol_too() -> None:
    check(
        TCP,
        (nft.payload("udp", "dport"), 443, "==", False),
        (nft.payload("udp", "dport"), 80, "!=", False),
        (nft.payload("th", "dport"), 443, "==", True),
        (nft.payload("ip", "saddr"), "192.0.2.1", "!=", False),
        (nft.payload("icmpv6", "type"), 128, "!=", False),
        (nft.meta("l4proto"), 6, "==", True),
        (nft.meta("nfproto"), 10, "==", True),
        (nft.payload("ip6", "nexthdr"), 6, "==", True),
    )


def test_the_ethertype_is_read_in_either_byte_order() -> None:
    for number in (0x86DD, 0xDD86):
        check(TCP, (nft.meta("protocol"), number, "==", True))
        check(UDP4, (nft.meta("protocol"), number, "==", False))
    check(UDP4, (nft.meta("protocol"), {"set": [8, 56710]}, "==", True))


def test_links_are_known_by_name_and_wildcard() -> None:
    check(
        TCP,
        (nft.meta("iifname"), "lan0", "==", True),
        (nft.meta("iifname"), "lan*", "==", True),
        (nft.meta("iifname"), "wan*", "==", False),
        (nft.meta("iifname"), "lan\\*", "==", False),
        (nft.meta("iif"), "lan0", "==", True),
        (nft.meta("iif"), 7, "==", False),
        (nft.meta("oifname"), {"set": ["eth0", "wan"]}, "==", True),
    )
    # A packet for the router itself has no way out.
    check(UDP4, (nft.meta("oifname"), "wan", "!=", True))


def test_flags_are_asked_one_by_one_or_by_mask() -> None:
    flags = nft.payload("tcp", "flags")
    masked = {"&": [flags, FLAGS]}
    check(TCP, (flags, 2, "in", True), (flags, [2, 16], "in", True), (flags, 16, "in", False),
          (flags, 16, "!", True), (flags, 2, "!", False), (masked, 2, "==", True))  # fmt: skip
    check(TCP, (flags, 2, "==", False), (masked, {"|": [2, 16]}, "==", True),
          (flags, {"set": [2, {"|": [2, 16]}]}, "==", True), F="syn,ack")  # fmt: skip
    check(TCP, (flags, 0, "==", True), F="none")


def test_conntracks_states_are_bits() -> None:
    state = nft.ct("state")
    for name, bit in (("new", 8), ("established", 2), ("related", 4), ("invalid", 1)):
        check(TCP, (state, bit, "in", True), (state, 15 - bit, "in", False),
              (state, {"|": [bit]}, "!=", False), s=name)  # fmt: skip
    # Without an entry only the state can be asked.
    for name in ("invalid", "untracked"):
        check(TCP, (nft.ct("status"), 32, "!=", False), (nft.ct("mark"), 0, "==", False), s=name)


def test_what_belongs_to_a_known_flow_is_not_guessed() -> None:
    assert unknown(TCP, nft.ct("mark"), s="established") == (
        "ct mark of the packet is not known (-w 'ct mark=NUMBER' tells)"
    )
    check(TCP, (nft.ct("mark"), 7, "==", True), s="established", w="ct mark=7")
    check(TCP, (nft.ct("mark"), 0, "==", True), (nft.ct("direction"), 0, "==", True),
          (nft.ct("status"), 32, "in", False))  # fmt: skip
    assert unknown(TCP, nft.ct("status"), 32, "in", s="established")
    assert unknown(TCP, nft.ct("status"), 8, "in")
    assert unknown(TCP, nft.ct("status"), 32, "==")


def test_concatenations_match_part_by_part() -> None:
    both = {"concat": [nft.payload("ip6", "saddr"), nft.meta("iifname")]}
    prefix = {"prefix": {"addr": "2001:db8::", "len": 64}}
    check(
        TCP,
        (both, {"set": [{"concat": [prefix, "lan0"]}]}, "==", True),
        (both, {"set": [{"concat": [prefix, "lan1"]}]}, "==", False),
        (
            both,
            {"set": [{"elem": {"val": {"concat": [prefix, "lan0"]}, "timeout": 5}}]},
            "==",
            True,
        ),
    )
    # A part that is not there: the rule does not match, whatever the operator.
    other = {"concat": [nft.payload("udp", "dport"), nft.meta("iifname")]}
    check(TCP, (other, {"set": [{"concat": [1, "lan0"]}]}, "!=", False))


def test_named_sets_are_read_once_and_large_ones_asked() -> None:
    source = nft.payload("ip6", "saddr")
    sets = [{"set": {"family": "ip6", "table": "t", "name": name}} for name in ("small", "large")]
    probed = ("ip6 t large { 2001:db8::5 }",)
    held = {"small": ["2001:db8::5"], "large": None}
    loaded = nft.ruleset(nft.table(), *sets, elements=held, probed=probed)
    for text, wanted in ((TCP, True), (TCP.replace("::5", "::6"), False)):
        for name in ("@small", "@large"):
            assert asks(nft.match(source, name), nft.packet(text), loaded) is wanted
    both = {"concat": [source, nft.meta("iifname"), nft.payload("tcp", "dport")]}
    probed = ('ip6 t large { 2001:db8::5 . "lan0" . 443 }',)
    loaded = nft.ruleset(nft.table(), *sets, elements=held, probed=probed)
    assert asks(nft.match(both, "@large"), nft.packet(TCP), loaded)
    # Nothing of that name is a set: a link's name may begin with @.
    assert not asks(nft.match(nft.meta("iifname"), "@none"), nft.packet(TCP), loaded)


def test_extension_headers_are_there_when_they_are_told() -> None:
    there, kind = {"exthdr": {"name": "rt"}}, {"exthdr": {"name": "rt", "field": "type"}}
    check(TCP, (there, True, "==", False), (there, False, "==", True), (kind, 0, "==", False))
    check(TCP, (there, True, "==", True), (kind, 0, "==", True), (kind, 2, "==", False),
          (nft.payload("ip6", "nexthdr"), 43, "==", True), w="rt type=0")  # fmt: skip
    chunk = {"sctp chunk": {"name": "init"}}
    check(TCP, (chunk, True, "==", False))
    check(TCP.replace("tcp", "sctp"), (chunk, True, "==", True))
    fragment = {"&": [nft.payload("ip", "frag-off"), 0x1FFF]}
    check(UDP4, (fragment, 0, "!=", False), ({"ip option": {"name": "lsrr"}}, True, "==", False))


def test_what_is_not_understood_stops() -> None:
    assert unknown(TCP, {"numgen": {"mod": 2}}) == 'expression "numgen"'
    assert unknown(TCP, nft.payload("ip6", "hoplimit")).startswith("ip6 hoplimit of the packet")
    assert unknown(TCP, nft.meta("skuid")).startswith("meta skuid of the packet")
    assert unknown(TCP, nft.payload("tcp", "dport"), 1, "like") == 'operator "like"'
    assert unknown(TCP, {"payload": {"base": "nh", "offset": 0, "len": 8}}).startswith(
        "raw payload"
    )
    assert unknown(TCP, {"tcp option": {"name": "maxseg"}}) == "tcp option maxseg"
    assert unknown(TCP, {"fib": {"result": "type", "flags": ["daddr"]}}).startswith("fib")
    assert unknown("::1 ::2 esp in lan0", nft.payload("th", "dport"))
    assert unknown(TCP, nft.payload("tcp", "dport"), "https") == 'value "https"'
