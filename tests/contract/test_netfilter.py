"""Connections, logged packets and changes of rulesets, on the runtime that runs this."""

from agent import conntrack, packetlog, rulesets
from agent.port import errno, files, netlink, nft, poll
from agent.port.records import Overrun
from tests.contract.links import shell
from tests.contract.tables import errno_of

TRACKED = """\
table inet t {
\tchain output {
\t\ttype filter hook output priority 0; ct state new counter;
\t}
}
"""
TRANSLATED = """\
table ip n {
\tchain output {
\t\ttype nat hook output priority -100; ip daddr 192.0.2.99 dnat to 192.0.2.7
\t}
}
"""
MASQUERADED = """\
table ip m {
\tchain postrouting {
\t\ttype nat hook postrouting priority 100; ip saddr 192.0.2.8 snat to 192.0.2.7
\t}
}
"""
LOGGED = """\
table inet t {
\tchain output {
\t\ttype filter hook output priority 0; udp dport 7 log prefix "bogons RFC 6092 REC-3" group 9
\t}
\tchain input {
\t\ttype filter hook input priority 0; udp dport 9 log prefix "in" group 9 drop
\t}
}
"""


def addresses() -> None:
    """Addresses of lo: two of each family."""
    shell("ip link set lo up; for a in 192.0.2.7 192.0.2.8; do ip addr add $a/32 dev lo; done")
    shell("for a in 2001:db8::7 2001:db8::8; do ip addr add $a/128 dev lo nodad; done")


def send(source: str, to: str, port: int = 7) -> None:
    """A UDP datagram from a local address, which begins a connection."""
    words = "import socket; s = socket.socket(socket.%s, socket.SOCK_DGRAM); "
    words += "s.bind(('%s', 0)); s.sendto(b'x', ('%s', %d))"
    family = "AF_INET6" if ":" in to else "AF_INET"
    shell('/usr/bin/python3 -c "%s"' % (words % (family, source, to, port)))


def known() -> int:
    """How many connections the kernel knows."""
    return int(files.read("/proc/sys/net/netfilter/nf_conntrack_count"))


def test_connections_of_an_address_are_forgotten_in_either_direction() -> None:
    addresses()
    assert nft.apply(TRACKED) == ""
    send("192.0.2.7", "192.0.2.8")
    send("192.0.2.8", "192.0.2.7")
    send("192.0.2.8", "192.0.2.8")
    send("2001:db8::7", "2001:db8::8")
    send("2001:db8::8", "2001:db8::8")
    assert known() == 5
    assert conntrack.forget("192.0.2.7") == 2
    assert known() == 3
    assert conntrack.forget("192.0.2.7") == 0
    assert conntrack.forget("2001:DB8:0::7") == 1
    assert known() == 2
    assert conntrack.forget("2001:db8::8") == 1
    assert conntrack.forget("192.0.2.8") == 1
    assert known() == 0


def test_a_connection_is_found_by_what_is_behind_its_translation() -> None:
    addresses()
    shell("ip route add 192.0.2.99/32 dev lo")
    assert nft.apply(TRACKED + TRANSLATED) == ""
    send("192.0.2.8", "192.0.2.99")
    assert known() == 1
    assert conntrack.forget("192.0.2.77") == 0
    assert conntrack.forget("192.0.2.7") == 1  # in the reply's tuple alone
    assert known() == 0


def test_a_connection_is_found_by_the_address_that_it_was_given() -> None:
    addresses()
    assert nft.apply(TRACKED + MASQUERADED) == ""
    send("192.0.2.8", "192.0.2.8")
    assert known() == 1
    assert conntrack.forget("192.0.2.7") == 1  # the reply's destination alone
    assert known() == 0


def test_many_connections_are_forgotten_and_no_other_one() -> None:
    addresses()
    assert nft.apply(TRACKED) == ""
    words = "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); "
    words += "[s.sendto(b'x', ('192.0.2.%d' % (7 + n % 2), n + 1000)) for n in range(600)]"
    shell('/usr/bin/python3 -c "%s"' % words)
    assert known() == 600
    assert conntrack.forget("192.0.2.8") == 300
    assert known() == 300


def test_what_is_no_address_is_refused() -> None:
    for text in ("", "192.0.2.7/32", "lan0", "::1%lo"):
        try:
            conntrack.forget(text)
        except ValueError:
            continue
        raise AssertionError(text)


def test_a_logged_packet_is_told_with_prefix_links_and_octets() -> None:
    addresses()
    assert nft.apply(LOGGED) == ""
    log = packetlog.Log(9)
    assert log.read() == []
    lo = [link.index for link in netlink.Kernel().dump("link") if link.name == "lo"][0]
    send("2001:db8::7", "2001:db8::8", 7)
    assert poll.ready([log.fileno()], 5.0) == [log.fileno()]
    [(prefix, into, out, octets)] = log.read()
    assert (prefix, into, out) == ("bogons RFC 6092 REC-3", 0, lo)
    assert octets[0] >> 4 == 6 and octets[6] == 17
    assert octets[40 + 2 : 40 + 4] == b"\0\7" and octets[-1:] == b"x"
    send("192.0.2.7", "192.0.2.8", 9)
    assert poll.ready([log.fileno()], 5.0) == [log.fileno()]
    [(prefix, into, out, octets)] = log.read()
    assert (prefix, into, out, octets[0] >> 4) == ("in", lo, 0, 4)
    assert octets[12:20] == bytes([192, 0, 2, 7, 192, 0, 2, 8])
    assert log.read() == []


def test_a_long_packet_is_told_by_its_beginning() -> None:
    addresses()
    assert nft.apply(LOGGED) == ""
    log = packetlog.Log(9)
    words = "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); "
    shell('/usr/bin/python3 -c "%s"' % (words + "s.sendto(b'x' * 1000, ('192.0.2.8', 7))"))
    assert poll.ready([log.fileno()], 5.0) == [log.fileno()]
    assert len(log.read()[0][3]) == packetlog.SIZE


def test_a_group_has_one_owner() -> None:
    addresses()
    first = packetlog.Log(9)
    assert errno_of(packetlog.Log, 9) == errno.EPERM
    first.close()
    packetlog.Log(9).close()


def read_all(changes: rulesets.Changes) -> list[tuple[str, str, str, str]]:
    """All changes that wait."""
    found: list[tuple[str, str, str, str]] = []
    while True:
        some = changes.read()
        if not some:
            return found
        found += some


def test_changes_of_rulesets_are_told_by_table() -> None:
    changes = rulesets.Changes()
    assert changes.read() == []
    end = ("new", "generation", "", "")
    assert nft.apply("table ip6 t {\nset s { type ifname; }\nchain c {\naccept\n}\n}\n") == ""
    assert poll.ready([changes.fileno()], 5.0) == [changes.fileno()]
    own = [each for each in read_all(changes) if each != end]
    assert sorted(own) == [("new", kind, "ip6", "t") for kind in ("chain", "rule", "set", "table")]
    assert nft.apply('add element ip6 t s { "lo" }\n') == ""
    assert read_all(changes) == [("new", "element", "ip6", "t"), end]
    assert nft.apply("nonesuch\n") != ""
    assert read_all(changes) == []
    shell("nft flush ruleset")
    gone = read_all(changes)
    assert gone[-1] == end and ("del", "table", "ip6", "t") in gone
    assert ("del", "rule", "ip6", "t") in gone


def test_what_is_skipped_is_counted() -> None:
    changes = rulesets.Changes()
    assert changes.skip() == 0
    text = "table ip t {\nchain c {\n" + "accept\n" * 50 + "}\n}\n"
    assert nft.apply(text) == ""
    assert changes.skip() == 1
    assert nft.apply(text) == ""
    assert nft.apply("flush table ip t\n") == ""
    assert nft.apply("nonesuch\n") != ""
    assert changes.skip() == 2
    assert read_all(changes) == []


def test_lost_changes_are_told_once() -> None:
    changes = rulesets.Changes()
    text = "table ip t {\nchain c {\n" + "accept\n" * 2000 + "}\n}\n"
    for _ in range(4):
        assert nft.apply(text) == ""
    try:
        read_all(changes)
    except Overrun:
        assert changes.read() == []
        assert nft.apply("add table ip6 u\n") == ""
        assert read_all(changes)[0] == ("new", "table", "ip6", "u")
        return
    raise AssertionError("nothing was lost")
