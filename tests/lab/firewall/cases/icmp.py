"""ICMPv6 per RFC 4890 and ICMP: what may begin, what the router itself answers, at which rate."""

from scapy.layers.inet import ICMP, IP
from scapy.layers.inet6 import (
    ICMPv6EchoReply,
    ICMPv6EchoRequest,
    ICMPv6MLReport2,
    ICMPv6ND_NA,
    ICMPv6ND_NS,
    ICMPv6ND_RA,
    ICMPv6ND_RS,
    ICMPv6NDOptSrcLLAddr,
    IPv6,
    IPv6ExtHdrHopByHop,
    RouterAlert,
)
from scapy.packet import Packet

from tests.lab.firewall import addresses as at
from tests.lab.firewall.case import Case, icmp4, icmp6
from tests.lab.firewall.room import far_mac
from tests.lab.firewall.shapes import ends, ends4, error, typed, udp
from tests.lab.firewall.suite import case

TRANSIT, LOCAL = "RFC 4890 4.3", "RFC 4890 4.4"
UNSOLICITED, DEFAULT = "RFC 6092 REC-11, 17, 33", "default deny"
INVALID, UNOFFERED = "RFC 6092 REC-10", "RFC 6092 REC-50"
ANSWER, ANSWER4 = icmp6(129, 0), icmp4(0, 0)


def ping(c: Case) -> Packet:
    """An echo request."""
    return ICMPv6EchoRequest(id=c.port, data=c.token)


@case(TRANSIT, "SHOULD", "echo requests and replies pass, outbound (4.3.1)")
def _(c: Case) -> None:
    c.send("lan0", ends(c, True) / ping(c)).arrives("wan")
    c.send("wan", ends(c, False) / ICMPv6EchoReply(id=c.port, data=c.token)).arrives("lan0")


for lan in ("lan0", "guest0", "open0"):

    @case(TRANSIT, "SHOULD", f"echo requests pass to {lan} and are answered (4.3.1)")
    def _(c: Case, lan: str = lan) -> None:
        c.send("wan", ends(c, False, lan) / ping(c)).arrives(lan)
        answer = ICMPv6EchoReply(id=c.port, data=c.token)
        c.send(lan, ends(c, True, lan) / answer).arrives("wan")


for lan in ("guest0", "open0"):

    @case(TRANSIT, "SHOULD", f"echo requests leave {lan} (4.3.1)")
    def _(c: Case, lan: str = lan) -> None:
        c.send(lan, ends(c, True, lan) / ping(c)).arrives("wan")


@case(TRANSIT, "SHOULD", "an echo reply that nobody asked for is dropped")
def _(c: Case) -> None:
    answer = ICMPv6EchoReply(id=c.port, data=c.token)
    c.send("wan", ends(c, False) / answer).denied(INVALID)


for kind in (144, 145, 146, 147):
    for lan in ("lan0", "guest0", "open0"):

        @case(TRANSIT, "SHOULD", f"type {kind} (mobile nodes) passes to {lan} (4.3.2)")
        def _(c: Case, kind: int = kind, lan: str = lan) -> None:
            c.send("wan", ends(c, False, lan) / typed(c, kind)).arrives(lan)


for kind in (144, 146):
    for lan in ("lan0", "guest0", "open0"):

        @case(TRANSIT, "SHOULD", f"type {kind} (mobile nodes) leaves {lan} (4.3.2)")
        def _(c: Case, kind: int = kind, lan: str = lan) -> None:
            c.send(lan, ends(c, True, lan) / typed(c, kind)).arrives("wan")


for kind in (133, 134, 135, 136, 137, 141, 142, 130, 131, 132, 143, 148, 149, 151, 152, 153):

    @case(TRANSIT, "SHOULD", f"type {kind} is a link's own and not forwarded (4.3.3)")
    def _(c: Case, kind: int = kind) -> None:
        tracked = kind in (137, 141, 142, 148, 149, 153)  # the others conntrack leaves alone
        packet = ends(c, False) / typed(c, kind)
        c.send("wan", packet).denied(INVALID if tracked else UNSOLICITED)
        packet = ends(c, True) / typed(c, kind)
        c.send("lan0", packet).denied(INVALID if tracked else DEFAULT)


for kind in (138, 140, 150, 200, 201, 155):

    @case(TRANSIT, "SHOULD", f"type {kind} is dropped: renumbering, node information (4.3.4)")
    def _(c: Case, kind: int = kind) -> None:
        c.send("wan", ends(c, False) / typed(c, kind)).denied(INVALID)


@case(TRANSIT, "SHOULD", "node information queries are dropped in both directions (4.3.4)")
def _(c: Case) -> None:
    c.send("wan", ends(c, False) / typed(c, 139)).denied(UNSOLICITED)
    c.send("lan0", ends(c, True) / typed(c, 139)).denied(DEFAULT)


# --- towards the router itself


def solicit(c: Case, source: str, target: str) -> Packet:
    """A neighbour solicitation for an address of the router's."""
    host = int(target.rpartition(":")[2] or "0", 16)
    group = f"ff02::1:ff00:{host:x}"
    return IPv6(src=source, dst=group, hlim=255) / ICMPv6ND_NS(tgt=target)


for link, target in (("wan", at.WAN6_ROUTER), *((lan, at.router6(lan)) for lan in at.LANS)):

    @case(LOCAL, "MUST", f"neighbours find the router on {link} (4.4.1)")
    def _(c: Case, link: str = link, target: str = target) -> None:
        source = c.under(target[: target.rindex("::") + 2])
        option = ICMPv6NDOptSrcLLAddr(lladdr=far_mac(link))
        c.send(link, solicit(c, source, target) / option).answered(icmp6(136, 0))

    @case(LOCAL, "MUST", f"neighbour advertisements reach the router on {link} (4.4.1)")
    def _(c: Case, link: str = link, target: str = target) -> None:
        source = c.under("fe80::")
        packet = IPv6(src=source, dst="fe80::1", hlim=255) / ICMPv6ND_NA(tgt=source, R=0)
        c.send(link, packet).reaches("icmp6/136")

    @case(LOCAL, "SHOULD", f"listener reports reach the router on {link} (4.4.1)")
    def _(c: Case, link: str = link) -> None:
        alert = IPv6ExtHdrHopByHop(options=[RouterAlert()])
        packet = IPv6(src=c.under("fe80::"), dst="ff02::16", hlim=1) / alert / ICMPv6MLReport2()
        c.send(link, packet).reaches("icmp6/143")

    @case(LOCAL, "SHOULD", f"the router answers pings on {link} (4.4.1)")
    def _(c: Case, link: str = link, target: str = target) -> None:
        source = c.far if link == "wan" else c.host(link)
        c.send(link, IPv6(src=source, dst=target) / ping(c)).answered(ANSWER)


for kind in (130, 131, 132):

    @case(LOCAL, "SHOULD", f"listener messages of type {kind} reach the router (4.4.1)")
    def _(c: Case, kind: int = kind) -> None:
        packet = IPv6(src=c.under("fe80::"), dst="fe80::1", hlim=1) / typed(c, kind)
        c.send("lan0", packet).reaches(f"icmp6/{kind}")


@case(LOCAL, "MUST", "neighbour messages that were forwarded (hop limit 254) do not reach it")
def _(c: Case) -> None:
    packet = IPv6(src=c.host(), dst=at.router6("lan0"), hlim=254)
    c.send("lan0", packet / ICMPv6ND_NS(tgt=at.router6("lan0"))).denied(DEFAULT)
    c.send("lan0", packet / ICMPv6ND_NA(tgt=c.host())).denied(DEFAULT)


@case(LOCAL, "MUST", "listener messages that were forwarded do not reach it")
def _(c: Case) -> None:
    packet = IPv6(src=c.host(), dst=at.router6("lan0"), hlim=2) / typed(c, 131)
    c.send("lan0", packet).denied(DEFAULT)


for lan in at.LANS:

    @case(LOCAL, "MUST", f"router solicitations reach the router on {lan} (4.4.1)")
    def _(c: Case, lan: str = lan) -> None:
        packet = IPv6(src=c.under("fe80::"), dst="ff02::2", hlim=255) / ICMPv6ND_RS()
        c.send(lan, packet).reaches("icmp6/133")

    @case(LOCAL, "MUST", f"router advertisements from {lan} do not reach the router")
    def _(c: Case, lan: str = lan) -> None:
        packet = IPv6(src=c.under("fe80::"), dst="ff02::1", hlim=255) / ICMPv6ND_RA()
        c.send(lan, packet).denied(DEFAULT)


@case("RFC 7084 W-3", "MUST", "router advertisements of the ISP reach the router")
def _(c: Case) -> None:
    packet = IPv6(src=c.under("fe80::"), dst="ff02::1", hlim=255) / ICMPv6ND_RA(routerlifetime=0)
    c.send("wan", packet).reaches("icmp6/134")


@case(LOCAL, "MUST", "forwarded router messages (hop limit 254) do not reach the router")
def _(c: Case) -> None:
    packet = IPv6(src=c.under("fe80::"), dst="ff02::1", hlim=254) / ICMPv6ND_RA(routerlifetime=0)
    c.send("wan", packet).denied(UNOFFERED)
    packet = IPv6(src=c.under("fe80::"), dst="ff02::2", hlim=254) / ICMPv6ND_RS()
    c.send("lan0", packet).denied(DEFAULT)


@case(LOCAL, "SHOULD", "router solicitations from the ISP do not reach the router")
def _(c: Case) -> None:
    packet = IPv6(src=c.under("fe80::"), dst="ff02::2", hlim=255) / ICMPv6ND_RS()
    c.send("wan", packet).denied(UNOFFERED)


@case(LOCAL, "SHOULD", "node information queries to the router are dropped (4.4.4)")
def _(c: Case) -> None:
    c.send("wan", IPv6(src=c.far, dst=at.WAN6_ROUTER) / typed(c, 139)).denied(UNOFFERED)
    c.send("lan0", IPv6(src=c.host(), dst=at.router6("lan0")) / typed(c, 139)).denied(DEFAULT)


@case(LOCAL, "MUST", "an error about a flow of the router's own reaches it (4.4.1)")
def _(c: Case) -> None:
    flow = IPv6(src=at.WAN6_ROUTER, dst=c.far) / udp(c, True)
    c.send("router", flow).arrives("wan", lambda sent, got: "" if sent == got else "changed")
    c.send("wan", error(c, "too big", flow)).reaches("icmp6/2")
    c.send("wan", IPv6(src=c.far, dst=at.WAN6_ROUTER) / udp(c, False)).arrives("wan", icmp6(1, 4))


@case("RFC 1812 4.3.3.6", "MUST", "pings pass and the router answers them, IPv4")
def _(c: Case) -> None:
    c.send("lan0", ends4(c, True) / ICMP(id=c.port) / c.token).arrives_about(
        "wan", 1, 1, lambda sent, got: "" if got[20] == 8 else "no echo request"
    )
    answer = ends4(c, False) / ICMP(type=0, id=c.port) / c.token
    c.send("wan", answer).arrives_about("lan0", 1, 1, ANSWER4)


for link in ("wan", *at.LANS):

    @case("RFC 1812 4.3.3.6", "MUST", f"the router answers IPv4 pings on {link}")
    def _(c: Case, link: str = link) -> None:
        source = c.far4 if link == "wan" else c.host4(link)
        target = at.WAN4_ROUTER if link == "wan" else at.router4(link)
        packet = IP(src=source, dst=target) / ICMP(id=c.port) / c.token
        c.send(link, packet).answered(ANSWER4)


for lan in ("guest0", "open0"):

    @case("RFC 1812 4.3.3.6", "MUST", f"IPv4 pings leave {lan}")
    def _(c: Case, lan: str = lan) -> None:
        packet = ends4(c, True, lan) / ICMP(id=c.port) / c.token
        c.send(lan, packet).arrives_about(
            "wan", 1, 1, lambda sent, got: "" if got[20] == 8 else "no echo request"
        )


# --- rates. In the world `limited` each link may bring 10 a second (and as many in a burst).

LIMITED, OVER = "echo limit", "RFC 4890 4.3.1"


def anything(sent: bytes, got: bytes) -> str:
    """Whatever it is."""
    return ""


@case(LIMITED, "HOUSE", "a link's pings through the router are limited", world="limited")
def _(c: Case) -> None:
    step = c.send("wan", ends(c, False) / ping(c), times=60)
    step.arrives_about("lan0", 9, 40, anything).some_denied(OVER, 20, 51)


@case(LIMITED, "HOUSE", "pings to the router itself are limited on each link", world="limited")
def _(c: Case) -> None:
    step = c.send("lan0", IPv6(src=c.host(), dst=at.router6("lan0")) / ping(c), times=60)
    step.arrives_about("lan0", 9, 40, ANSWER).some_denied(OVER, 20, 51)


@case(LIMITED, "HOUSE", "IPv4 pings to the router itself are limited", world="limited")
def _(c: Case) -> None:
    packet = IP(src=c.host4("lan1"), dst=at.router4("lan1")) / ICMP(id=c.port) / c.token
    step = c.send("lan1", packet, times=60)
    step.arrives_about("lan1", 9, 40, ANSWER4).some_denied(OVER, 20, 51)


@case(LIMITED, "HOUSE", "a guest's IPv4 pings to the Internet are limited", world="limited")
def _(c: Case) -> None:
    packet = ends4(c, True, "guest0") / ICMP(id=c.port) / c.token
    step = c.send("guest0", packet, times=60)
    step.arrives_about("wan", 9, 40, anything).some_denied(OVER, 20, 51)
