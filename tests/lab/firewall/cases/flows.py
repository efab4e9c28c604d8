"""Flows by protocol: RFC 6092 REC-11 to 34 without conntrack's finer states (trackers.py)."""

from scapy.layers.inet import TCP, UDP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrRouting, PadN
from scapy.layers.ipsec import AH as AuthenticationHeader
from scapy.packet import Packet, Raw

from tests.lab.firewall import addresses as at
from tests.lab.firewall.case import Case, icmp6
from tests.lab.firewall.shapes import (
    ESP,
    HIP,
    IPV6,
    MOBILITY,
    SERVICE,
    SHIM6,
    UNASSIGNED,
    dccp_request,
    ends,
    numbered,
    tcp,
    udp,
    udplite,
)
from tests.lab.firewall.suite import case

UNSOLICITED = "RFC 6092 REC-11, 17, 33"
PROHIBITED = icmp6(1, 1)
SIDES = ("lan0", "guest0", "open0")


def rec(number: int) -> str:
    """A recommendation's name."""
    return f"RFC 6092 REC-{number}"


# --- UDP

for lan in SIDES:

    @case(rec(14), "MUST", f"UDP begins from {lan} and is answered; it lasts 300 s")
    def _(c: Case, lan: str = lan) -> None:
        c.send(lan, ends(c, True, lan) / udp(c, True)).arrives("wan").leaves("udp", 295, 300)
        c.send("wan", ends(c, False, lan) / udp(c, False)).arrives(lan).leaves("udp", 295, 300)


@case(rec(14), "MUST", "a UDP stream in both directions lasts as long")
def _(c: Case) -> None:
    for _ in range(3):
        c.send("lan0", ends(c, True) / udp(c, True)).arrives("wan")
        c.send("wan", ends(c, False) / udp(c, False)).arrives("lan0")
    c.steps[-1].leaves("udp", 295, 300)


@case(rec(14), "HOUSE", "ports of the well-known range have the same timer (REC-15: MAY)")
def _(c: Case) -> None:
    c.send("lan0", ends(c, True) / udp(c, True, far=53)).arrives("wan").leaves("udp", 295, 300)


@case(rec(16), "MUST", "a packet from inside refreshes the timer of a UDP flow", world="patient")
def _(c: Case) -> None:
    c.send("lan0", ends(c, True) / udp(c, True)).arrives("wan")
    c.send("wan", ends(c, False) / udp(c, False)).arrives("lan0")
    c.send("lan0", ends(c, True) / udp(c, True), after_s=2.5).arrives("wan").leaves("udp", 298, 300)


@case(rec(17), "SHOULD", "unsolicited UDP is dropped without an answer")
def _(c: Case) -> None:
    c.send("wan", ends(c, False) / udp(c, False)).denied(UNSOLICITED)


@case(rec(17), "SHOULD", "filtering is address and port dependent: the documented deviation")
def _(c: Case) -> None:
    c.send("lan0", ends(c, True) / udp(c, True)).arrives("wan")
    other = IPv6(src=c.under("2001:2:0:f002::"), dst=c.host()) / udp(c, False)
    c.send("wan", other).denied(UNSOLICITED)
    c.send("wan", ends(c, False) / udp(c, False, far=SERVICE + 1)).denied(UNSOLICITED)


# --- UDP-Lite


@case(rec(20), "SHOULD", "UDP-Lite begins from inside, is answered, and lasts as UDP does")
def _(c: Case) -> None:
    c.send("lan0", udplite(c, True)).arrives("wan")
    c.send("wan", udplite(c, False)).arrives("lan0")


for lan in ("guest0", "open0"):

    @case(rec(20), "SHOULD", f"UDP-Lite begins from {lan}")
    def _(c: Case, lan: str = lan) -> None:
        c.send(lan, udplite(c, True, lan)).arrives("wan")


@case(rec(20), "MUST", "UDP packets do not match UDP-Lite's state, nor the other way round")
def _(c: Case) -> None:
    c.send("lan0", udplite(c, True)).arrives("wan")
    c.send("wan", ends(c, False) / udp(c, False)).denied(UNSOLICITED)
    c.send("wan", udplite(c, False)).arrives("lan0")


@case(rec(20), "MUST", "UDP-Lite packets do not match UDP's state")
def _(c: Case) -> None:
    c.send("lan0", ends(c, True) / udp(c, True)).arrives("wan")
    c.send("wan", udplite(c, False)).denied(UNSOLICITED)


@case(rec(20), "SHOULD", "unsolicited UDP-Lite is dropped")
def _(c: Case) -> None:
    c.send("wan", udplite(c, False)).denied(UNSOLICITED)


# --- generic protocols

for lan in SIDES:

    @case(rec(12), "MUST", f"a protocol nobody knows begins from {lan} and lasts 300 s")
    def _(c: Case, lan: str = lan) -> None:
        packet = numbered(c, True, UNASSIGNED, b"", lan)
        c.send(lan, packet).arrives("wan").leaves(f"{UNASSIGNED}", 295, 300)
        packet = numbered(c, False, UNASSIGNED, b"", lan)
        c.send("wan", packet).arrives(lan).leaves(f"{UNASSIGNED}", 295, 300)


@case(rec(11), "SHOULD", "an unsolicited packet of a protocol nobody knows is dropped")
def _(c: Case) -> None:
    c.send("wan", numbered(c, False, UNASSIGNED, b"")).denied(UNSOLICITED)


@case(rec(11), "SHOULD", "filtering is address dependent for generic protocols")
def _(c: Case) -> None:
    c.send("lan0", numbered(c, True, UNASSIGNED, b"")).arrives("wan")
    other = IPv6(src=c.under("2001:2:0:f002::"), dst=c.host(), nh=UNASSIGNED) / Raw(c.token)
    c.send("wan", other).denied(UNSOLICITED)


# --- IPsec, IKE, HIP: by default in both directions


def ah(c: Case, outbound: bool, lan: str = "lan0", inner: Packet | None = None) -> Packet:
    """UDP (or `inner`) behind an authentication header; its checksum is the inner one's own."""
    header = ends(c, outbound, lan)
    part = bytes(header / (inner or udp(c, outbound)))[40:]
    number = 17 if inner is None else 6
    # payloadlen counts words of 4 octets, less 2 (RFC 4302 2.2)
    made = AuthenticationHeader(nh=number, payloadlen=4, spi=c.number, seq=1, icv=bytes(12))
    return header / made / Raw(part)


for lan in SIDES:

    @case(rec(21), "MUST", f"AH passes out of {lan}")
    def _(c: Case, lan: str = lan) -> None:
        c.send(lan, ah(c, True, lan)).arrives("wan")

    @case(rec(21), "MUST", f"AH passes into {lan}, unsolicited")
    def _(c: Case, lan: str = lan) -> None:
        c.send("wan", ah(c, False, lan)).arrives(lan)
        c.send(lan, ah(c, True, lan)).arrives("wan")

    @case(rec(21), "MUST", f"AH with TCP inside passes into {lan}, its SYN too")
    def _(c: Case, lan: str = lan) -> None:
        c.send("wan", ah(c, False, lan, tcp(c, False, "S"))).arrives(lan)

    @case(rec(21), "MUST", f"AH behind destination options passes into {lan}")
    def _(c: Case, lan: str = lan) -> None:
        options = IPv6ExtHdrDestOpt(nh=51, options=[PadN(optdata=b"\0\0\0\0")])
        c.send("wan", ends(c, False, lan) / options / ah(c, False, lan).payload).arrives(lan)

    @case(rec(22), "MUST", f"ESP passes out of {lan} and is answered")
    def _(c: Case, lan: str = lan) -> None:
        c.send(lan, numbered(c, True, ESP, b"\0\0\1\0\0\0\0\1", lan)).arrives("wan")

    @case(rec(22), "MUST", f"ESP passes into {lan}, unsolicited")
    def _(c: Case, lan: str = lan) -> None:
        c.send("wan", numbered(c, False, ESP, b"\0\0\1\0\0\0\0\1", lan)).arrives(lan)

    @case(rec(24), "MUST", f"IKE (UDP port 500) passes out of {lan}")
    def _(c: Case, lan: str = lan) -> None:
        c.send(lan, ends(c, True, lan) / udp(c, True, own=500, far=500)).arrives("wan")

    @case(rec(24), "MUST", f"IKE (UDP port 500) passes into {lan}, unsolicited")
    def _(c: Case, lan: str = lan) -> None:
        c.send("wan", ends(c, False, lan) / udp(c, False, own=500)).arrives(lan)

    @case(rec(26), "MUST", f"HIP passes out of {lan}")
    def _(c: Case, lan: str = lan) -> None:
        c.send(lan, numbered(c, True, HIP, bytes(8), lan)).arrives("wan")

    @case(rec(26), "MUST", f"HIP passes into {lan}, unsolicited")
    def _(c: Case, lan: str = lan) -> None:
        c.send("wan", numbered(c, False, HIP, bytes(8), lan)).arrives(lan)


@case(rec(22), "MUST", "guests get no ESP from other zones by that")
def _(c: Case) -> None:
    packet = IPv6(src=c.host("guest0"), dst=c.host(), nh=ESP) / Raw(c.token)
    c.send("guest0", packet).denied("guest isolation")


@case(rec(25), "SHOULD", "ESP's state is addresses and protocol: another SPI is the same flow")
def _(c: Case) -> None:
    c.send("lan0", numbered(c, True, ESP, b"\0\0\1\0\0\0\0\1")).arrives("wan").leaves(
        "50", 295, 300
    )
    c.send("wan", numbered(c, False, ESP, b"\0\0\2\0\0\0\0\1")).arrives("lan0").leaves(
        "50", 295, 300
    )


# --- Mobile IPv6, Shim6, DCCP


@case(rec(27), "MUST", "a type 2 routing header in a known flow passes")
def _(c: Case) -> None:
    c.send("lan0", ends(c, True) / udp(c, True)).arrives("wan")
    header = IPv6ExtHdrRouting(type=2, segleft=1, addresses=[c.under("2001:2:0:f001::")])
    c.send("wan", ends(c, False) / header / udp(c, False)).arrives("lan0")


for lan in SIDES:

    @case(rec(28), "MUST", f"Mobility Header packets pass from {lan} and back")
    def _(c: Case, lan: str = lan) -> None:
        for outbound, side, other in ((True, lan, "wan"), (False, "wan", lan)):
            packet = numbered(c, outbound, MOBILITY, b"\x3b\0\1\0\0\0\0\0", lan)
            c.send(side, packet).arrives(other)

    @case(rec(47), "MUST", f"Shim6 packets pass from {lan} and back")
    def _(c: Case, lan: str = lan) -> None:
        for outbound, side, other in ((True, lan, "wan"), (False, "wan", lan)):
            packet = numbered(c, outbound, SHIM6, b"\x3b\0" + bytes(6), lan)
            c.send(side, packet).arrives(other)

    @case(rec(43), "MUST", f"DCCP passes from {lan} (as a generic protocol: no tracker)")
    def _(c: Case, lan: str = lan) -> None:
        c.send(lan, dccp_request(c, True, lan)).arrives("wan")
        c.send("wan", dccp_request(c, False, lan)).arrives(lan)


@case(rec(28), "MUST", "an unsolicited Mobility Header is dropped")
def _(c: Case) -> None:
    c.send("wan", numbered(c, False, MOBILITY, b"\x3b\0\1\0\0\0\0\0")).denied(UNSOLICITED)


@case(rec(29), "MUST", "IPv6 in IPv6 of a mobile node passes, from inside and back")
def _(c: Case) -> None:
    inner = IPv6(src=c.host(), dst=c.far) / udp(c, True)
    c.send("lan0", IPv6(src=c.host(), dst=c.far, nh=IPV6) / inner).arrives("wan")
    inner = IPv6(src=c.far, dst=c.host()) / udp(c, False)
    c.send("wan", IPv6(src=c.far, dst=c.host(), nh=IPV6) / inner).arrives("lan0")


@case(rec(43), "MUST", "an unsolicited DCCP-Request is dropped")
def _(c: Case) -> None:
    c.send("wan", dccp_request(c, False)).denied(UNSOLICITED)


# --- TCP's beginnings (its states: trackers.py)

for lan in ("lan0", "guest0"):

    @case(rec(34), "MUST", f"an unsolicited SYN to {lan} is answered with type 1 code 1")
    def _(c: Case, lan: str = lan) -> None:
        packet = ends(c, False, lan) / tcp(c, False, "S", seq=1)
        c.send("wan", packet).denied(rec(34), PROHIBITED)


@case(rec(34), "MUST", "SYN with ECN's bits (RFC 3168) is a SYN too")
def _(c: Case) -> None:
    packet = ends(c, False) / tcp(c, False, "SEC", seq=1)
    c.send("wan", packet).denied(rec(34), PROHIBITED)


@case(rec(33), "SHOULD", "filtering is address and port dependent for TCP: documented deviation")
def _(c: Case) -> None:
    c.send("lan0", ends(c, True) / tcp(c, True, "S", seq=1)).arrives("wan")
    other = IPv6(src=c.under("2001:2:0:f002::"), dst=c.host()) / tcp(c, False, "S", seq=1)
    c.send("wan", other).denied(rec(34), PROHIBITED)


@case(rec(33), "SHOULD", "an unsolicited ACK is dropped")
def _(c: Case) -> None:
    packet = ends(c, False) / tcp(c, False, "A", seq=1, ack=1)
    c.send("wan", packet).denied(UNSOLICITED)


@case(rec(33), "SHOULD", "segments that no state of TCP has are dropped")
def _(c: Case) -> None:
    for flags in ("SF", "SR", "FPU"):
        c.send("wan", ends(c, False) / tcp(c, False, flags, seq=1)).denied("RFC 6092 REC-10")


# --- a host that is opened (pinhole)

OPENED = 2047


@case("pinhole", "HOUSE", "the opened host's port is reached, others are not", number=OPENED)
def _(c: Case) -> None:
    c.send("wan", ends(c, False) / TCP(sport=SERVICE, dport=443, flags="S")).arrives("lan0")
    c.send("wan", ends(c, False) / TCP(sport=SERVICE, dport=444, flags="S")).denied(
        rec(34), PROHIBITED
    )
    c.send("wan", ends(c, False) / UDP(sport=SERVICE, dport=443) / c.token).denied(UNSOLICITED)


@case("pinhole", "HOUSE", "the same port of another host is not reached")
def _(c: Case) -> None:
    c.send("wan", ends(c, False) / TCP(sport=SERVICE, dport=443, flags="S")).denied(
        rec(34), PROHIBITED
    )


# --- between LANs

for source, target in (("lan0", "lan1"), ("lan1", "lan0"), ("lan0", "guest0"), ("lan0", "open0")):

    @case("RFC 7084 L-2", "HOUSE", f"{source} begins any flow to {target} and is answered")
    def _(c: Case, source: str = source, target: str = target) -> None:
        one, two = c.host(source), c.host(target)
        c.send(source, IPv6(src=one, dst=two) / udp(c, True)).arrives(target)
        c.send(target, IPv6(src=two, dst=one) / udp(c, False)).arrives(source)
        packet = IPv6(src=one, dst=two, nh=UNASSIGNED) / Raw(c.token)
        c.send(source, packet).arrives(target)


@case("RFC 7084 L-2", "HOUSE", "what has no zone is denied by default")
def _(c: Case) -> None:
    # the softwire carries IPv4 alone
    packet = IPv6(src=c.far, dst=c.host()) / udp(c, False)
    c.send(at.SOFTWIRE, packet).denied("default deny")
