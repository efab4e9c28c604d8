"""The router's own services, side by side: RFC 6092 REC-8, 9, 50; DHCPv6 and DNS; its clients."""

from scapy.layers.dhcp6 import DUID_LL, DHCP6_Solicit, DHCP6OptClientId
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6EchoRequest, IPv6
from scapy.packet import Packet, Raw

from tests.lab.firewall import addresses as at
from tests.lab.firewall.case import Case, tcp
from tests.lab.firewall.shapes import SERVICE
from tests.lab.firewall.suite import case

DNS, DHCP6, UNOFFERED = "RFC 6092 REC-8", "RFC 6092 REC-9", "RFC 6092 REC-50"
DEFAULT, ISOLATION = "default deny", "guest isolation"
GUESTS = ("guest0", "open0")
MANAGEMENT_TCP = (22, 80, 443)
MANAGEMENT_UDP = (123, 161, 5351, 5353, 67)


def to_router(c: Case, link: str, v4: bool = False) -> Packet:
    """The header of a packet to the router's address on the link."""
    if v4:
        if link == "wan":
            return IP(src=c.far4, dst=at.WAN4_ROUTER)
        return IP(src=c.host4(link), dst=at.router4(link))
    if link == "wan":
        return IPv6(src=c.far, dst=at.WAN6_ROUTER)
    return IPv6(src=c.host(link), dst=at.router6(link))


def datagram(c: Case, port: int, source: int = 0) -> Packet:
    """UDP to a port of the router's."""
    return UDP(sport=source or c.port, dport=port) / Raw(c.token)


def syn(c: Case, port: int) -> Packet:
    """TCP's first segment to a port of the router's."""
    return TCP(sport=c.port, dport=port, flags="S", seq=1)


for v4 in (False, True):
    family = "IPv4" if v4 else "IPv6"
    for link in at.LANS:

        @case("RFC 7084 L-10", "MUST", f"DNS is served on {link}, {family}, UDP and TCP")
        def _(c: Case, link: str = link, v4: bool = v4) -> None:
            c.send(link, to_router(c, link, v4) / datagram(c, 53)).reaches("udp/53")
            c.send(link, to_router(c, link, v4) / syn(c, 53)).answered(tcp("SA"))

    @case(DNS, "MUST", f"DNS is not served on the WAN, {family}, UDP and TCP")
    def _(c: Case, v4: bool = v4) -> None:
        c.send("wan", to_router(c, "wan", v4) / datagram(c, 53)).denied(DNS)
        c.send("wan", to_router(c, "wan", v4) / syn(c, 53)).denied(DNS)

    @case(UNOFFERED, "MUST", f"no management is offered to the WAN, {family}")
    def _(c: Case, v4: bool = v4) -> None:
        for port in MANAGEMENT_TCP:
            c.send("wan", to_router(c, "wan", v4) / syn(c, port)).denied(UNOFFERED)
        for port in MANAGEMENT_UDP:
            c.send("wan", to_router(c, "wan", v4) / datagram(c, port)).denied(UNOFFERED)

    @case("services", "HOUSE", f"the LAN reaches ssh and ntp on the router, {family}")
    def _(c: Case, v4: bool = v4) -> None:
        c.send("lan0", to_router(c, "lan0", v4) / syn(c, 22)).answered(tcp("SA"))
        c.send("lan0", to_router(c, "lan0", v4) / datagram(c, 123)).reaches("udp/123")

    for link in GUESTS:

        @case("services", "HOUSE", f"{link} reaches neither ssh nor ntp, {family}")
        def _(c: Case, link: str = link, v4: bool = v4) -> None:
            c.send(link, to_router(c, link, v4) / syn(c, 22)).denied(DEFAULT)
            c.send(link, to_router(c, link, v4) / datagram(c, 123)).denied(DEFAULT)

    @case("services", "HOUSE", f"what is not offered is not reached from the LAN, {family}")
    def _(c: Case, v4: bool = v4) -> None:
        for port in (80, 443):
            c.send("lan0", to_router(c, "lan0", v4) / syn(c, port)).denied(DEFAULT)
        for port in (161, 5351, 5353, 546, 68):
            c.send("lan0", to_router(c, "lan0", v4) / datagram(c, port)).denied(DEFAULT)

    @case("RFC 1122 3.2.1.3", "MUST", f"the router reaches its own services, {family}")
    def _(c: Case, v4: bool = v4) -> None:
        header = IP(src="127.0.0.1", dst="127.0.0.1") if v4 else IPv6(src="::1", dst="::1")
        c.send("router", header / datagram(c, 53)).reaches("udp/53")


@case(UNOFFERED, "MUST", "the router's LAN addresses offer the WAN nothing either")
def _(c: Case) -> None:
    for lan in at.LANS:
        c.send("wan", IPv6(src=c.far, dst=at.router6(lan)) / syn(c, 22)).denied(UNOFFERED)
        c.send("wan", IP(src=c.far4, dst=at.router4(lan)) / syn(c, 22)).denied(UNOFFERED)


@case(UNOFFERED, "MUST", "a guest does not get at ssh by the LAN's address")
def _(c: Case) -> None:
    c.send("guest0", IPv6(src=c.host("guest0"), dst=at.router6("lan0")) / syn(c, 22)).denied(
        ISOLATION
    )


for link in GUESTS:
    others = [other for other in at.LANS if other != link]

    @case("guest zone", "HOUSE", f"{link} reaches the router by its own link's addresses alone")
    def _(c: Case, link: str = link, others: list[str] = others) -> None:
        six = [*(at.router6(other) for other in others), at.WAN6_ROUTER]
        for address in six:
            header = IPv6(src=c.host(link), dst=address)
            c.send(link, header / ICMPv6EchoRequest(id=c.port, data=c.token)).denied(ISOLATION)
            c.send(link, header / datagram(c, 53)).denied(ISOLATION)
        four = [*(at.router4(other) for other in others), at.WAN4_ROUTER]
        for address in four:
            header = IP(src=c.host4(link), dst=address)
            c.send(link, header / ICMP(id=c.port) / c.token).denied(ISOLATION)
            c.send(link, header / datagram(c, 53)).denied(ISOLATION)


def solicit(c: Case) -> Packet:
    """A DHCPv6 client's discovery (RFC 9915 18.2.1)."""
    duid = DUID_LL(lladdr="00:00:5e:00:53:99")
    return UDP(sport=546, dport=547) / DHCP6_Solicit() / DHCP6OptClientId(duid=duid) / Raw(c.token)


for link in at.LANS:

    @case("RFC 7084 L-8", "MUST", f"DHCPv6 is served on {link}")
    def _(c: Case, link: str = link) -> None:
        source = c.under("fe80::")
        c.send(link, IPv6(src=source, dst="ff02::1:2", hlim=1) / solicit(c)).reaches("udp/547")

    @case("RFC 2131 4.1", "MUST", f"DHCP is served on {link}")
    def _(c: Case, link: str = link) -> None:
        header = IP(src="0.0.0.0", dst="255.255.255.255")
        packet = header / UDP(sport=68, dport=67) / Raw(c.token)
        c.send(link, packet).reaches("udp/67")
        c.send(link, to_router(c, link, True) / datagram(c, 67, 68)).reaches("udp/67")


@case(DHCP6, "MUST", "DHCPv6 is not served on the WAN, neither by multicast nor by unicast")
def _(c: Case) -> None:
    source = c.under("fe80::")
    c.send("wan", IPv6(src=source, dst="ff02::1:2", hlim=1) / solicit(c)).denied(DHCP6)
    c.send("wan", IPv6(src=c.far, dst="ff05::1:3") / solicit(c)).denied(DHCP6)
    c.send("wan", IPv6(src=c.far, dst=at.WAN6_ROUTER) / solicit(c)).denied(DHCP6)
    c.send("wan", IPv6(src=source, dst="fe80::1") / solicit(c)).denied(DHCP6)


@case(DHCP6, "MUST", "DHCP is not served on the WAN")
def _(c: Case) -> None:
    packet = IP(src=c.far4, dst=at.WAN4_ROUTER) / datagram(c, 67, 68)
    c.send("wan", packet).denied(UNOFFERED)


@case("RFC 7084 WAA-1", "MUST", "answers to the router's DHCPv6 client come in by the WAN alone")
def _(c: Case) -> None:
    header = IPv6(src=c.under("fe80::"), dst="fe80::1")
    c.send("wan", header / datagram(c, 546, 547)).reaches("udp/546")
    c.send("wan", header / datagram(c, 546, SERVICE)).denied(UNOFFERED)
    c.send("lan0", header / datagram(c, 546, 547)).denied(DEFAULT)


@case("RFC 2131 4.1", "MUST", "answers to the router's DHCP client come in by the WAN alone")
def _(c: Case) -> None:
    header = IP(src=at.far4(c.number), dst="255.255.255.255")
    c.send("wan", header / datagram(c, 68, 67)).reaches("udp/68")
    c.send("wan", header / datagram(c, 68, SERVICE)).denied(UNOFFERED)
    header = IP(src=c.host4(), dst=at.router4("lan0"))
    c.send("lan0", header / datagram(c, 68, 67)).denied(DEFAULT)


@case("RFC 6092 REC-31", "MUST", "the router's own flows are answered")
def _(c: Case) -> None:
    def same(sent: bytes, got: bytes) -> str:
        return "" if sent[40:] == got[40:] else "changed"

    header = IPv6(src=at.WAN6_ROUTER, dst=c.far, hlim=64)
    c.send("router", header / UDP(sport=123, dport=123) / Raw(c.token)).arrives("wan", same)
    back = IPv6(src=c.far, dst=at.WAN6_ROUTER)
    c.send("wan", back / UDP(sport=123, dport=123) / Raw(c.token)).reaches("udp/123")


@case("RFC 6092 REC-31", "MUST", "the router's own flows are answered, IPv4")
def _(c: Case) -> None:
    header = IP(src=at.WAN4_ROUTER, dst=c.far4)
    step = c.send("router", header / UDP(sport=123, dport=123) / Raw(c.token))
    step.arrives("wan", lambda sent, got: "" if sent[20:] == got[20:] else "changed")
    back = IP(src=c.far4, dst=at.WAN4_ROUTER)
    c.send("wan", back / UDP(sport=123, dport=123) / Raw(c.token)).reaches("udp/123")


@case("RFC 6092 REC-10", "HOUSE", "invalid packets do not reach the router's services")
def _(c: Case) -> None:
    packet = to_router(c, "lan0") / TCP(sport=c.port, dport=22, flags="SF")
    c.send("lan0", packet).denied("RFC 6092 REC-10")
    packet = to_router(c, "lan0", True) / TCP(sport=c.port, dport=22, flags="SF")
    c.send("lan0", packet).denied("RFC 6092 REC-10")
