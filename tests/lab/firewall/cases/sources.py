"""Addresses: RFC 6092 REC-1 to REC-7, RFC 7084 L-14, ULA-4, WPD-5, BCP 38."""

from scapy.layers.inet6 import (
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
    PadN,
)

from tests.lab.firewall import addresses as at
from tests.lab.firewall.case import Case, both, having, icmp6
from tests.lab.firewall.shapes import ICMPv6EchoRequest, ends, error, typed, udp
from tests.lab.firewall.suite import case

REC2, REC3, REC4 = "RFC 6092 REC-2", "RFC 6092 REC-3", "RFC 6092 REC-4"
REC5, REC6 = "RFC 6092 REC-5", "RFC 6092 REC-6"
ULA = "RFC 7084 ULA-4, RFC 6092 REC-7"
POLICY = icmp6(1, 5)


def multicast(c: Case, source: str, group: str, link: str) -> IPv6:
    """A multicast packet that the router's routes would carry to all other links."""
    c.groups += ((source, group, link),)
    return IPv6(src=source, dst=group) / udp(c, True)


COPIES = (len(at.LINKS) - 1, len(at.LINKS) - 1)  # a packet is forwarded to each other link


@case("RFC 6092 REC-1", "MUST", "a multicast source is not forwarded, inbound")
def _(c: Case) -> None:
    c.send("wan", IPv6(src=c.under("ff0e::"), dst=c.host()) / udp(c, False)).nothing()


@case("RFC 6092 REC-1", "MUST", "a multicast source is not forwarded, outbound")
def _(c: Case) -> None:
    c.send("lan0", IPv6(src=c.under("ff0e::"), dst=c.far) / udp(c, True)).nothing()


for scope in (1, 2, 3, 4, 5, 8):
    for side in ("wan", "lan0"):

        @case(REC2, "MUST", f"multicast of scope {scope:x} is not forwarded, from {side}")
        def _(c: Case, side: str = side, scope: int = scope) -> None:
            source = c.far if side == "wan" else c.host()
            step = c.send(side, multicast(c, source, c.under(f"ff0{scope:x}::"), side))
            # Up to link-local the kernel forwards nothing itself (RFC 4007 section 9).
            if scope > 2:
                step.some_denied(REC2, *COPIES)


@case(REC2, "MUST", "multicast with flags is held to its scope too")
def _(c: Case) -> None:
    packet = multicast(c, c.host(), c.under("ff15::"), "lan0")
    c.send("lan0", packet).some_denied(REC2, *COPIES)


@case(REC2, "MUST", "organization-local multicast does not cross the WAN with any flag")
def _(c: Case) -> None:
    packet = multicast(c, c.far, c.under("ff38::"), "wan")
    c.send("wan", packet).some_denied(REC2, *COPIES)


@case(REC2, "HOUSE", "multicast of global scope leaves a LAN: the boundary is the scope's")
def _(c: Case) -> None:
    step = c.send("lan0", multicast(c, c.host(), c.under("ff0e::"), "lan0"))
    step.arrives("wan").arrives("lan1").arrives("guest0").arrives("open0")
    step.some_denied("default deny", 1, 1)  # the softwire carries IPv4 alone


BOGONS = {
    "IPv4-compatible": "::",  # of ::/96
    "discard-only": "100::",
    "ORCHID": "2001:10::",
    "documentation": "2001:db8::",
    "new documentation": "3fff::",
    "segment identifiers": "5f00::",
    "site-local": "fec0::",
}


def bogon(c: Case, prefix: str) -> str:
    """This case's address under a forbidden prefix."""
    if prefix == "::":
        return f"::{c.far4}"
    return c.under(prefix)


for what, prefix in BOGONS.items():

    @case(REC3, "MUST", f"a {what} source is not forwarded, inbound")
    def _(c: Case, prefix: str = prefix) -> None:
        c.send("wan", IPv6(src=bogon(c, prefix), dst=c.host()) / udp(c, False)).denied(REC3)

    @case(REC3, "MUST", f"a {what} source is not forwarded, outbound")
    def _(c: Case, prefix: str = prefix) -> None:
        c.send("lan0", IPv6(src=bogon(c, prefix), dst=c.far) / udp(c, True)).denied(REC3)

    @case(REC3, "MUST", f"a {what} destination is not forwarded, outbound")
    def _(c: Case, prefix: str = prefix) -> None:
        c.send("lan0", IPv6(src=c.host(), dst=bogon(c, prefix)) / udp(c, True)).denied(REC3)


@case(REC3, "MUST", "an IPv4-mapped source is not forwarded")
def _(c: Case) -> None:
    c.send("wan", IPv6(src=f"::ffff:{c.far4}", dst=c.host()) / udp(c, False)).denied(REC3)


@case(REC3, "MUST", "an IPv4-mapped destination is not forwarded")
def _(c: Case) -> None:
    c.send("lan0", IPv6(src=c.host(), dst=f"::ffff:{c.far4}") / udp(c, True)).denied(REC3)


@case(REC3, "MUST", "a documentation destination is not forwarded, inbound")
def _(c: Case) -> None:
    c.send("wan", IPv6(src=c.far, dst=c.under("2001:db8::")) / udp(c, False)).denied(REC3)


@case(REC3, "MUST", "loopback and the unspecified address are not forwarded")
def _(c: Case) -> None:
    for source in ("::1", "::"):
        c.send("wan", IPv6(src=source, dst=c.host()) / udp(c, False)).nothing()
        c.send("lan0", IPv6(src=source, dst=c.far) / udp(c, True)).nothing()


@case(REC3, "MUST", "a link-local source is not forwarded, the sender hears that (RFC 4443)")
def _(c: Case) -> None:
    packet = IPv6(src="fe80::2", dst=c.host()) / udp(c, False)
    c.send("wan", packet).answered(icmp6(1, 2))


@case(REC3, "MUST", "an ICMPv6 error from a bogon about a known flow is not forwarded")
def _(c: Case) -> None:
    flow = ends(c, True) / udp(c, True)
    c.send("lan0", flow).arrives("wan")
    c.send("wan", error(c, "unreachable", flow, c.under("2001:db8::"))).denied(REC3)


@case(REC3, "MUST", "mobile nodes' messages from a bogon are not forwarded")
def _(c: Case) -> None:
    packet = IPv6(src=c.under("2001:db8::"), dst=c.host()) / typed(c, 144)
    c.send("wan", packet).denied(REC3)


@case(REC3, "HOUSE", "what the site permits of the list is forwarded: its own prefix")
def _(c: Case) -> None:
    c.send("lan0", ends(c, True) / udp(c, True)).arrives("wan")


def rh0(c: Case, outbound: bool, kind: int = 0) -> IPv6:
    """A packet with a routing header on the way to its header's address."""
    header = IPv6ExtHdrRouting(type=kind, segleft=1, addresses=[c.under("2001:2:0:f001::")])
    return ends(c, outbound) / header / udp(c, outbound)


@case(REC4, "MUST", "routing header type 0 is not forwarded, inbound")
def _(c: Case) -> None:
    c.send("wan", rh0(c, False)).denied(REC4)


@case(REC4, "MUST", "routing header type 0 is not forwarded, outbound")
def _(c: Case) -> None:
    c.send("lan0", rh0(c, True)).denied(REC4)


@case(REC4, "MUST", "routing header type 0 is not forwarded between LANs")
def _(c: Case) -> None:
    packet = IPv6(src=c.host(), dst=c.host("lan1"))
    c.send("lan0", packet / rh0(c, True).payload).denied(REC4)


@case(REC4, "MUST", "routing header type 0 behind another header is found too")
def _(c: Case) -> None:
    options = IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0\0\0\0")])
    c.send("wan", ends(c, False) / options / rh0(c, False).payload).denied(REC4)


@case(REC4, "MUST", "routing header type 0 ends in a known flow too")
def _(c: Case) -> None:
    c.send("lan0", ends(c, True) / udp(c, True)).arrives("wan")
    c.send("wan", rh0(c, False)).denied(REC4)
    c.send("wan", ends(c, False) / udp(c, False)).arrives("lan0")


@case(REC4, "HOUSE", "hop-by-hop and destination options are no reason to deny")
def _(c: Case) -> None:
    hop = IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0\0\0\0")])
    options = IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0\0\0\0")])
    c.send("lan0", ends(c, True) / hop / udp(c, True)).arrives("wan")
    c.send("wan", ends(c, False) / options / udp(c, False)).arrives("lan0")


for lan in ("lan0", "guest0", "open0"):

    @case(REC5, "MUST", f"a source of nobody's does not leave {lan}")
    def _(c: Case, lan: str = lan) -> None:
        packet = IPv6(src=c.under("2001:2:0:5555::"), dst=c.far) / udp(c, True)
        c.send(lan, packet).denied(REC5)


@case(REC5, "MUST", "a source of another LAN does not leave by this one")
def _(c: Case) -> None:
    c.send("lan0", IPv6(src=c.host("lan1"), dst=c.far) / udp(c, True)).denied(REC5)


@case(REC5, "MUST", "a source from the delegated prefix that no LAN has does not leave")
def _(c: Case) -> None:
    packet = IPv6(src=c.under("2001:2:0:10ee::"), dst=c.far) / udp(c, True)
    c.send("lan0", packet).denied(REC5)


@case(REC5, "MUST", "a LAN's ICMPv6 error with a foreign source does not leave")
def _(c: Case) -> None:
    flow = ends(c, False) / ICMPv6EchoRequest(data=c.token)
    c.send("wan", flow).arrives("lan0")
    c.send("lan0", error(c, "unreachable", flow, c.under("2001:2:0:5555::"))).denied(REC5)


@case("RFC 7084 S-2", "SHOULD", "a foreign source is dropped without a word to its owner (BCP 38)")
def _(c: Case) -> None:
    c.send("lan0", IPv6(src=c.host("guest0"), dst=c.far) / udp(c, True)).denied(REC5)


@case(REC6, "MUST", "an inside source does not come in from the WAN")
def _(c: Case) -> None:
    c.send("wan", IPv6(src=c.host(), dst=c.host("lan1")) / udp(c, False)).denied(REC6)


@case(REC6, "MUST", "no source of the delegated prefix comes in, assigned or not")
def _(c: Case) -> None:
    packet = IPv6(src=c.under("2001:2:0:10ee::"), dst=c.host()) / udp(c, False)
    c.send("wan", packet).denied(REC6)


@case(REC6, "MUST", "an inside source does not come in to the open zone")
def _(c: Case) -> None:
    c.send("wan", IPv6(src=c.host(), dst=c.host("open0")) / udp(c, False)).denied(REC6)


@case(REC6, "MUST", "an inside source does not reach the router from the WAN")
def _(c: Case) -> None:
    packet = IPv6(src=c.host(), dst=at.WAN6_ROUTER) / ICMPv6EchoRequest(data=c.token)
    c.send("wan", packet).denied(REC6)


@case(REC6, "MUST", "an inside source may not send an error about a known flow either")
def _(c: Case) -> None:
    flow = ends(c, True) / udp(c, True)
    c.send("lan0", flow).arrives("wan")
    c.send("wan", error(c, "unreachable", flow, c.host("lan1"))).denied(REC6)


@case("RFC 6092 REC-7", "SHOULD", "a unique local source does not leave")
def _(c: Case) -> None:
    c.send("lan0", IPv6(src=c.host(prefix=at.ULA), dst=c.far) / udp(c, True)).denied(ULA)


@case("RFC 6092 REC-7", "SHOULD", "a unique local destination does not leave")
def _(c: Case) -> None:
    packet = IPv6(src=c.host(), dst=c.under("fd00:9:9::")) / udp(c, True)
    c.send("lan0", packet).denied(ULA)


@case("RFC 6092 REC-7", "SHOULD", "a unique local source does not come in")
def _(c: Case) -> None:
    packet = IPv6(src=c.under("fd00:9:9::"), dst=c.host()) / udp(c, False)
    c.send("wan", packet).denied(ULA)


@case("RFC 7084 ULA-4", "MUST", "a packet for a LAN's own ULA does not come in")
def _(c: Case) -> None:
    packet = IPv6(src=c.far, dst=c.host(prefix=at.ULA)) / udp(c, False)
    c.send("wan", packet).denied(ULA)


@case("RFC 7084 ULA-4", "MUST", "the open zone's ULA is behind the border too")
def _(c: Case) -> None:
    packet = IPv6(src=c.far, dst=c.host("open0", at.ULA)) / udp(c, False)
    c.send("wan", packet).denied(ULA)


@case("RFC 7084 ULA-4", "MUST", "fc00::/8 is behind the border too")
def _(c: Case) -> None:
    packet = IPv6(src=c.under("fc00:9::"), dst=c.host("open0")) / udp(c, False)
    c.send("wan", packet).denied(ULA)


@case("RFC 7084 ULA-4", "MUST", "an error from a ULA about a known flow does not come in")
def _(c: Case) -> None:
    flow = ends(c, True) / udp(c, True)
    c.send("lan0", flow).arrives("wan")
    c.send("wan", error(c, "too big", flow, c.under("fd00:9:9::"))).denied(ULA)


@case("RFC 7084 ULA-4", "MUST", "the router itself sends nothing from a ULA to the WAN")
def _(c: Case) -> None:
    packet = IPv6(src=at.router6("lan0", at.ULA), dst=c.far, hlim=64) / udp(c, True)
    c.send("router", packet).denied(ULA)


@case("RFC 7084 ULA-4", "MUST", "ULAs of two LANs talk to each other, both ways")
def _(c: Case) -> None:
    one, two = c.host("lan0", at.ULA), c.host("lan1", at.ULA)
    c.send("lan0", IPv6(src=one, dst=two) / udp(c, True)).arrives("lan1")
    c.send("lan1", IPv6(src=two, dst=one) / udp(c, False)).arrives("lan0")
    c.send("lan1", IPv6(src=two, dst=one) / udp(c, True)).arrives("lan0")


@case("RFC 7084 ULA-4", "MUST", "the router is reached by its ULA from a LAN")
def _(c: Case) -> None:
    packet = IPv6(src=c.host(prefix=at.ULA), dst=at.router6("lan0", at.ULA))
    c.send("lan0", packet / udp(c, True, far=53)).reaches("udp/53")


for lan in ("lan0", "guest0"):

    @case("RFC 7084 L-14", "MUST", f"a stale source is answered with code 5, from {lan}")
    def _(c: Case, lan: str = lan) -> None:
        packet = IPv6(src=c.host(lan, at.STALE), dst=c.far) / udp(c, True)
        c.send(lan, packet).denied("RFC 7084 L-14", POLICY)


@case("RFC 7084 L-14", "MUST", "a stale source is answered on its way to another LAN too")
def _(c: Case) -> None:
    packet = IPv6(src=c.host("lan0", at.STALE), dst=c.host("lan1")) / udp(c, True)
    c.send("lan0", packet).denied("RFC 7084 L-14", POLICY)


@case("RFC 7084 L-14", "HOUSE", "who has the prefix now may send from it by the WAN")
def _(c: Case) -> None:
    # a neighbour of the ISP's that got what was ours is no stranger
    packet = IPv6(src=c.host("lan1", at.STALE), dst=c.host("open0")) / udp(c, False)
    c.send("wan", packet).arrives("open0")


@case("RFC 7084 WPD-5", "MUST", "a packet for an unassigned part is not sent back to the ISP")
def _(c: Case) -> None:
    packet = IPv6(src=c.far, dst=c.under("2001:2:0:10ee::")) / udp(c, False)
    c.send("wan", packet).answered(icmp6(1, 0))


@case("RFC 7084 WPD-5", "MUST", "a LAN's packet for an unassigned part does not leave")
def _(c: Case) -> None:
    packet = IPv6(src=c.host(), dst=c.under("2001:2:0:10ee::")) / udp(c, True)
    c.send("lan0", packet).answered(both(icmp6(1, 0), having(src=at.router6("lan0"))))


@case("RFC 7084 WPD-5", "MUST", "the firewall refuses what no route does")
def _(c: Case) -> None:
    packet = IPv6(src=c.host(), dst=c.under(at.UNROUTED)) / udp(c, True)
    c.send("lan0", packet).denied("RFC 7084 WPD-5", icmp6(1, 0))


@case("RFC 7084 WPD-5", "MUST", "the firewall sends nothing back to the ISP that no route refuses")
def _(c: Case) -> None:
    packet = IPv6(src=c.far, dst=c.under(at.UNROUTED)) / udp(c, False)
    c.send("wan", packet).denied("RFC 7084 WPD-5", icmp6(1, 0))
