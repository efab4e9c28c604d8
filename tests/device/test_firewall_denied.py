"""Denied packets as lines, on both runtimes; the packets are written out octet by octet."""

from firewall.loader import denied, guard

# version, payload length, next header, hop limit, source, destination
V6 = bytes.fromhex(
    "600000000014064020010db800000000000000000000000120010db8000100000000000000000002"
)
# version, length, identification, flags, hop limit, protocol, checksum, source, destination
V4 = bytes.fromhex("450000280000000040110000c0000207c6336401")
PORTS = bytes.fromhex("9c40001600000000")


def six(kind: int, payload: bytes) -> str:
    return shown(V6[:6] + bytes([kind]) + V6[7:] + payload)


def shown(packet: bytes) -> str:
    """The line behind its links."""
    line = denied.line("bogons RFC 6092 REC-3", "wan", "", packet)
    begin = "denied bogons RFC 6092 REC-3 in=wan out= "
    assert line.startswith(begin), line
    return line[len(begin) :]


def test_a_packet_with_ports_is_told_whole() -> None:
    assert denied.line("bogons RFC 6092 REC-3 ", "wan", "lan0", V6 + PORTS) == (
        "denied bogons RFC 6092 REC-3 in=wan out=lan0 2001:db8::1 -> 2001:db8:1::2 tcp 40000 -> 22"
    )
    assert shown(V4 + PORTS) == "192.0.2.7 -> 198.51.100.1 udp 40000 -> 22"


def test_icmp_has_type_and_code() -> None:
    assert six(58, b"\x80\0\0\0") == "2001:db8::1 -> 2001:db8:1::2 icmpv6 128/0"
    assert shown(V4[:9] + b"\x01" + V4[10:] + b"\x03\x0d\0\0") == (
        "192.0.2.7 -> 198.51.100.1 icmp 3/13"
    )


def test_protocols_without_ports_and_unknown_ones() -> None:
    assert six(50, PORTS) == "2001:db8::1 -> 2001:db8:1::2 esp"
    assert six(199, PORTS) == "2001:db8::1 -> 2001:db8:1::2 199"


def test_extension_headers_are_passed_over() -> None:
    hop = b"\x3c\0" + bytes(6)  # then destination options
    options = b"\x2b\1" + bytes(14)  # of 16 octets, then routing
    routing = b"\x11\0" + bytes(6)  # then UDP
    assert six(0, hop + options + routing + PORTS).endswith(" udp 40000 -> 22")
    first = b"\x06\0\0\1" + bytes(4)  # the first fragment
    assert six(44, first + PORTS).endswith(" tcp 40000 -> 22")
    later = b"\x06\0\0\x09" + bytes(4)
    assert six(44, later + PORTS).endswith(" tcp")
    assert six(0, b"\0\0" + bytes(6)).endswith("2001:db8:1::2 0")  # on and on


def test_a_later_fragment_of_ipv4_has_no_ports() -> None:
    assert shown(V4[:6] + b"\x20\x01" + V4[8:] + PORTS).endswith(" udp")


def test_whatever_is_cut_off_or_rubbish_is_a_line() -> None:
    whole = V6[:6] + b"\0" + V6[7:] + b"\x2c\0" + bytes(6) + b"\x06\0\0\1" + bytes(4) + PORTS
    for end in range(len(whole)):
        assert " -> " in shown(whole[:end])
    for first in range(256):
        assert " -> " in shown(bytes([first]) + bytes([255] * 60))
    assert shown(b"") == "? -> ? ?"


END = ("new", "generation", "", "")
GONE = ("del", "rule", "ip6", "frost_ip6")


def test_transactions_that_take_something_out_are_counted() -> None:
    for changes, expected in (
        ([], (0, False)),
        ([GONE, GONE, END], (1, False)),
        ([GONE, END, GONE, END], (2, False)),
        ([GONE], (1, True)),
        ([("del", "rule", "ip6", "fw4"), END], (0, False)),
        ([("new", "rule", "ip6", "frost_ip6"), END], (0, False)),
        ([("del", "element", "ip", "frost_ip"), END], (0, False)),
        ([("del", "table", "ip", "frost_ip"), END], (1, False)),
    ):
        assert guard.count(changes) == expected, changes
    assert guard.count([GONE, END], True) == (0, False)
