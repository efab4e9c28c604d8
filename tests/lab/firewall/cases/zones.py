"""Guests, the open zone, transparent mode (REC-49 in both positions), the log, the bare router."""

from scapy.layers.inet6 import IPv6, IPv6ExtHdrRouting
from scapy.packet import Raw

from tests.lab.firewall import addresses as at
from tests.lab.firewall.case import Case, icmp6
from tests.lab.firewall.cases.trackers import init
from tests.lab.firewall.shapes import ESP, UNASSIGNED, ends, sctp, tcp, udp, udplite
from tests.lab.firewall.suite import case

REC49, ISOLATION, UNSOLICITED = "RFC 6092 REC-49", "guest isolation", "RFC 6092 REC-11, 17, 33"
PROHIBITED = icmp6(1, 1)

for source in ("guest0", "open0"):
    for target in ("lan0", "lan1", "guest0", "open0"):
        if source != target:

            @case("guest zone", "HOUSE", f"{source} does not reach {target}")
            def _(c: Case, source: str = source, target: str = target) -> None:
                header = IPv6(src=c.host(source), dst=c.host(target))
                for part in (udp(c, True), tcp(c, True, "S", 1)):
                    c.send(source, header / part).denied(ISOLATION)

    @case("guest zone", "HOUSE", f"{source}: hosts that the router joins do not reach each other")
    def _(c: Case, source: str = source) -> None:
        packet = IPv6(src=c.host(source), dst=c.under(at.lan6(source))) / udp(c, True)
        c.send(source, packet).denied(ISOLATION)

    @case("guest zone", "HOUSE", f"{source} answers what a LAN has begun")
    def _(c: Case, source: str = source) -> None:
        one, two = c.host("lan0"), c.host(source)
        c.send("lan0", IPv6(src=one, dst=two) / udp(c, True)).arrives(source)
        c.send(source, IPv6(src=two, dst=one) / udp(c, False)).arrives("lan0")


def unsolicited(c: Case, lan: str) -> list[IPv6]:
    """Beginnings from outside by every protocol."""
    header = ends(c, False, lan)
    return [
        header / udp(c, False),
        header / tcp(c, False, "S", 1),
        header / sctp(c, False, init(7), 0),
        IPv6(src=c.far, dst=c.host(lan), nh=UNASSIGNED) / Raw(c.token),
        IPv6(src=c.far, dst=c.host(lan), nh=ESP) / Raw(c.token),
    ]


for world in ("home", "transparent"):
    lans = ("open0",) if world == "home" else ("lan0", "lan1", "guest0", "open0")
    for lan in lans:

        @case(REC49, "MUST", f"flows of any protocol begin from outside to {lan} ({world})", world)
        def _(c: Case, lan: str = lan) -> None:
            for packet in unsolicited(c, lan):
                c.send("wan", packet).arrives(lan)


@case(REC49, "MUST", "the switch is off by default: unsolicited flows are refused")
def _(c: Case) -> None:
    header = ends(c, False)
    c.send("wan", header / udp(c, False)).denied(UNSOLICITED)
    c.send("wan", header / tcp(c, False, "S", 1)).denied("RFC 6092 REC-34", PROHIBITED)


@case(REC49, "MUST", "UDP-Lite passes in transparent mode", "transparent")
def _(c: Case) -> None:
    c.send("wan", udplite(c, False)).arrives("lan0")


@case(REC49, "HOUSE", "transparent mode still guards addresses", "transparent")
def _(c: Case) -> None:
    documentation = IPv6(src=c.under("2001:db8::"), dst=c.host()) / udp(c, False)
    c.send("wan", documentation).denied("RFC 6092 REC-3")
    c.send("wan", IPv6(src=c.host("lan1"), dst=c.host()) / udp(c, False)).denied("RFC 6092 REC-6")
    routed = IPv6ExtHdrRouting(type=0, segleft=1, addresses=[c.under("2001:2:0:f001::")])
    c.send("wan", ends(c, False) / routed / udp(c, False)).denied("RFC 6092 REC-4")


@case(REC49, "HOUSE", "transparent mode opens no service of the router's", "transparent")
def _(c: Case) -> None:
    packet = IPv6(src=c.far, dst=at.WAN6_ROUTER) / tcp(c, False, "S", 1)
    c.send("wan", packet).denied("RFC 6092 REC-50")


@case(
    REC49, "HOUSE", "transparent mode is IPv6's: IPv4 stays behind its translation", "transparent"
)
def _(c: Case) -> None:
    from scapy.layers.inet import IP

    c.send("wan", IP(src=c.far4, dst=c.host4()) / udp(c, False)).denied(UNSOLICITED)


# --- the router that has nothing but a LAN and a WAN


@case("RFC 6092 REC-14", "MUST", "the router without guests forwards its LAN's flows", "bare")
def _(c: Case) -> None:
    c.send("lan0", ends(c, True) / udp(c, True)).arrives("wan")
    c.send("wan", ends(c, False) / udp(c, False)).arrives("lan0")


@case("RFC 6092 REC-34", "MUST", "the router without guests refuses what comes", "bare")
def _(c: Case) -> None:
    c.send("wan", ends(c, False) / udp(c, False)).denied(UNSOLICITED)
    c.send("wan", ends(c, False) / tcp(c, False, "S", 1)).denied("RFC 6092 REC-34", PROHIBITED)


@case("RFC 6092 REC-34", "HOUSE", "links in no zone are nobody's", "bare")
def _(c: Case) -> None:
    c.send("guest0", ends(c, True, "guest0") / udp(c, True)).denied("default deny")
    c.send("lan0", IPv6(src=c.host(), dst=c.host("guest0")) / udp(c, True)).denied("default deny")


# --- the log


@case("log limit", "HOUSE", "denials of one requirement are told at a limited rate", "quiet")
def _(c: Case) -> None:
    step = c.send("wan", ends(c, False) / udp(c, False), times=200)
    step.some_denied(UNSOLICITED, 10, 40)


@case("log limit", "HOUSE", "each requirement has its own limit", "quiet")
def _(c: Case) -> None:
    packet = IPv6(src=c.under("2001:db8::"), dst=c.host()) / udp(c, False)
    c.send("wan", packet, times=200).some_denied("RFC 6092 REC-3", 10, 40)
