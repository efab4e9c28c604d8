"""IPv4: masquerading, port forwards with hairpin, DS-Lite, bogons, spoofing; MSS for both."""

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.sctp import SCTP, SCTPChunkInit
from scapy.packet import Packet, Raw

from tests.lab.firewall import addresses as at
from tests.lab.firewall.case import Case, both, forwarded, having
from tests.lab.firewall.shapes import SERVICE, UNASSIGNED, ends, ends4, tcp, udp
from tests.lab.firewall.suite import case, softwire_number

NAT, UNSOLICITED, DEFAULT = "RFC 3022 4.1", "RFC 6092 REC-11, 17, 33", "default deny"
BOGON, SPOOFED = "RFC 6092 REC-3", "BCP 38"
SIDES = ("lan0", "lan1", "guest0", "open0")


def protocols(c: Case, lan: str) -> list[Packet]:
    """A packet of each protocol that leaves a LAN."""
    header = ends4(c, True, lan)
    return [
        header / udp(c, True),
        header / tcp(c, True, "S", 1),
        header.copy().__class__(src=header.src, dst=header.dst, proto=UNASSIGNED) / Raw(c.token),
    ]


for lan in SIDES:

    @case(NAT, "MUST", f"what leaves {lan} bears the router's address, and answers find back")
    def _(c: Case, lan: str = lan) -> None:
        out = having(src=at.WAN4_ROUTER, dst=c.far4, ttl=63)
        for packet in protocols(c, lan):
            c.send(lan, packet).arrives("wan", out)
        c.send("wan", ends4(c, False) / udp(c, False)).arrives(
            lan, having(src=c.far4, dst=c.host4(lan), ttl=63, dport=c.port)
        )
        c.send("wan", ends4(c, False) / tcp(c, False, "SA", 1, 2)).arrives(
            lan, having(src=c.far4, dst=c.host4(lan), ttl=63, dport=c.port)
        )


PORTS = b"\x10\x00\x10\x00"
OTHERS = {
    "UDP-Lite": (136, PORTS + b"\0\0\1\1"),  # it must have a checksum
    "DCCP": (33, PORTS + bytes(24)),
    "ESP": (50, bytes(8)),
    "SCTP": (132, bytes(SCTP(sport=4096, dport=4096) / SCTPChunkInit(init_tag=1, a_rwnd=2048))),
}

for lan in SIDES:
    for what, (number, body) in OTHERS.items():

        @case(NAT, "MUST", f"{what} leaves {lan} with the router's address")
        def _(c: Case, lan: str = lan, number: int = number, body: bytes = body) -> None:
            packet = IP(src=c.host4(lan), dst=c.far4, proto=number) / Raw(body)
            c.send(lan, packet).arrives("wan", having(src=at.WAN4_ROUTER, dst=c.far4))


for lan in ("guest0", "open0"):

    @case(
        "guest zone", "HOUSE", f"{lan}: hosts that the router joins do not reach each other, IPv4"
    )
    def _(c: Case, lan: str = lan) -> None:
        packet = IP(src=c.host4(lan), dst=at.router4(lan)[:-1] + "2") / udp(c, True)
        c.send(lan, packet).denied("guest isolation")


@case(NAT, "MUST", "what stays inside is not translated")
def _(c: Case) -> None:
    for target in ("lan1", "guest0", "open0"):
        packet = IP(src=c.host4(), dst=c.host4(target)) / UDP(sport=c.port, dport=9) / Raw(c.token)
        c.send("lan0", packet).arrives(target)


@case(NAT, "HOUSE", "unsolicited packets to the router's address reach nobody inside")
def _(c: Case) -> None:
    for packet in (udp(c, False), tcp(c, False, "S", 1)):
        c.send("wan", ends4(c, False) / packet).denied("RFC 6092 REC-50")


@case(NAT, "HOUSE", "a packet to a host's own address from the WAN is dropped")
def _(c: Case) -> None:
    for lan in ("lan0", "guest0"):
        packet = IP(src=c.far4, dst=c.host4(lan))
        c.send("wan", packet / udp(c, False)).denied(UNSOLICITED)
        c.send("wan", packet / tcp(c, False, "S", 1)).denied(UNSOLICITED)


@case(NAT, "HOUSE", "a guest reaches no other zone by IPv4")
def _(c: Case) -> None:
    for source, targets in (("guest0", ("lan0", "open0")), ("open0", ("lan0", "guest0"))):
        for target in targets:
            packet = IP(src=c.host4(source), dst=c.host4(target)) / udp(c, True)
            c.send(source, packet).denied("guest isolation")


@case(NAT, "HOUSE", "other LANs' answers pass by IPv4")
def _(c: Case) -> None:
    one, two = c.host4("lan0"), c.host4("lan1")
    c.send("lan0", IP(src=one, dst=two) / udp(c, True)).arrives("lan1")
    c.send("lan1", IP(src=two, dst=one) / udp(c, False)).arrives("lan0")


@case(NAT, "HOUSE", "what no state of TCP has is dropped by IPv4 too")
def _(c: Case) -> None:
    c.send("lan0", ends4(c, True) / tcp(c, True, "SF", 1)).denied("RFC 6092 REC-10")


# --- port forwards

for name, port, inner, part in (
    ("web", 8080, 80, lambda c, d: TCP(sport=c.port, dport=d, flags="S") / c.token),
    ("game", 3074, 3074, lambda c, d: UDP(sport=c.port, dport=d) / Raw(c.token)),
):

    @case("port forward", "HOUSE", f"{name}: the server inside is reached from outside")
    def _(c: Case, name: str = name, port: int = port, inner: int = inner, part=part) -> None:
        packet = IP(src=c.far4, dst=at.WAN4_ROUTER) / part(c, port)
        c.send("wan", packet).arrives(
            "lan0", having(src=c.far4, dst=at.SERVER, dport=inner, ttl=63)
        )
        back = IP(src=at.SERVER, dst=c.far4)
        if name == "web":
            back /= TCP(sport=inner, dport=c.port, flags="SA", seq=1, ack=2)
        else:
            back /= UDP(sport=inner, dport=c.port) / Raw(c.token)
        c.send("lan0", back).arrives("wan", having(src=at.WAN4_ROUTER, sport=port, dst=c.far4))

    @case("port forward", "HOUSE", f"{name}: the outside address is reached from its own LAN")
    def _(c: Case, name: str = name, port: int = port, inner: int = inner, part=part) -> None:
        packet = IP(src=c.host4(), dst=at.WAN4_ROUTER) / part(c, port)
        c.send("lan0", packet).arrives(
            "lan0", having(src=at.router4("lan0"), dst=at.SERVER, dport=inner)
        )

    @case("port forward", "HOUSE", f"{name}: and from the other LAN")
    def _(c: Case, name: str = name, port: int = port, inner: int = inner, part=part) -> None:
        packet = IP(src=c.host4("lan1"), dst=at.WAN4_ROUTER) / part(c, port)
        c.send("lan1", packet).arrives("lan0", having(dst=at.SERVER, dport=inner))

    @case("port forward", "HOUSE", f"{name}: the server's own port is not open by itself")
    def _(c: Case, name: str = name, port: int = port, inner: int = inner, part=part) -> None:
        packet = IP(src=c.far4, dst=at.SERVER) / part(c, inner + 1)
        c.send("wan", packet).denied(UNSOLICITED)

    @case("port forward", "HOUSE", f"{name}: the same port elsewhere is nobody's from inside")
    def _(c: Case, name: str = name, port: int = port, inner: int = inner, part=part) -> None:
        packet = IP(src=c.host4(), dst=c.far4) / part(c, port)
        c.send("lan0", packet).arrives("wan", having(src=at.WAN4_ROUTER, dst=c.far4, dport=port))

    @case("port forward", "HOUSE", f"{name}: guests do not reach the server")
    def _(c: Case, name: str = name, port: int = port, inner: int = inner, part=part) -> None:
        packet = IP(src=c.host4("guest0"), dst=at.SERVER) / part(c, inner)
        c.send("guest0", packet).denied("guest isolation")


@case("port forward", "HOUSE", "web: the server's port from outside without translation is closed")
def _(c: Case) -> None:
    packet = IP(src=c.far4, dst=at.SERVER) / TCP(sport=c.port, dport=80, flags="S")
    c.send("wan", packet).denied(UNSOLICITED)


@case("port forward", "HOUSE", "game and web: a guest who asks for the outside address is denied")
def _(c: Case) -> None:
    packet = IP(src=c.host4("guest0"), dst=at.WAN4_ROUTER)
    c.send("guest0", packet / TCP(sport=c.port, dport=8080, flags="S")).denied("guest isolation")


@case("port forward", "HOUSE", "LANs reach the server by its own address, untranslated")
def _(c: Case) -> None:
    for part in (
        TCP(sport=c.port, dport=80, flags="S"),
        UDP(sport=c.port, dport=3074) / Raw(c.token),
    ):
        c.send("lan1", IP(src=c.host4("lan1"), dst=at.SERVER) / part).arrives("lan0")


# --- DS-Lite

for lan in SIDES:

    @case("RFC 7084 DLW-2", "MUST", f"IPv4 from {lan} enters the softwire untranslated",
          number=softwire_number())  # fmt: skip
    def _(c: Case, lan: str = lan) -> None:
        c.send(lan, ends4(c, True, lan) / udp(c, True)).arrives(at.SOFTWIRE)
        back = IP(src=c.far4, dst=c.host4(lan)) / udp(c, False)
        c.send(at.SOFTWIRE, back).arrives(lan)


@case("RFC 7084 DLW-2", "HOUSE", "nothing begins from the softwire", number=softwire_number())
def _(c: Case) -> None:
    c.send(at.SOFTWIRE, IP(src=c.far4, dst=c.host4()) / udp(c, False)).denied(DEFAULT)


# --- addresses

BOGONS4 = {
    "this network": "0.9.{}.{}",
    "documentation": "192.0.2.{1}",
    "documentation 2": "198.51.100.{1}",
    "documentation 3": "203.0.113.{1}",
    "reserved": "240.9.{}.{}",
}

for what, pattern in BOGONS4.items():

    @case("RFC 1812 5.3.7", "MUST", f"IPv4 addresses that are nobody's are not forwarded: {what}")
    def _(c: Case, pattern: str = pattern) -> None:
        bogon = pattern.format(c.number >> 8, c.number & 255)
        c.send("wan", IP(src=bogon, dst=c.host4("open0")) / udp(c, False)).denied(BOGON)
        c.send("lan0", IP(src=c.host4(), dst=bogon) / udp(c, True)).denied(BOGON)


@case("BCP 38", "SHOULD", "a source is one of its link's, IPv4")
def _(c: Case) -> None:
    c.send("lan0", IP(src=c.host4("lan1"), dst=c.far4) / udp(c, True)).denied(SPOOFED)
    c.send("guest0", IP(src=c.host4("lan0"), dst=c.far4) / udp(c, True)).denied(SPOOFED)
    c.send("lan0", IP(src=c.far4, dst=c.far4) / udp(c, True)).denied(SPOOFED)
    c.send("wan", IP(src=c.host4("lan1"), dst=c.host4()) / udp(c, False)).denied(SPOOFED)


# --- the size of TCP segments

SIZE6, SIZE4 = 1492 - 60, 1492 - 40  # the WAN's MTU without headers
BIG = [("MSS", 1460)]
SMALL = [("MSS", 1200)]


@case("RFC 4459 3.2", "HOUSE", "TCP's segments fit the WAN, both ways, and are made no larger")
def _(c: Case) -> None:
    syn = ends(c, True) / tcp(c, True, "S", 1, options=BIG)
    c.send("lan0", syn).arrives("wan", both(having(mss=SIZE6, src=c.host())))
    answer = ends(c, False) / tcp(c, False, "SA", 1, 2, options=BIG)
    c.send("wan", answer).arrives("lan0", having(mss=SIZE6))


@case("RFC 4459 3.2", "HOUSE", "segments that fit are left alone")
def _(c: Case) -> None:
    c.send("lan0", ends(c, True) / tcp(c, True, "S", 1, options=SMALL)).arrives("wan", forwarded)
    answer = ends(c, False) / tcp(c, False, "SA", 1, 2, options=SMALL)
    c.send("wan", answer).arrives("lan0", forwarded)


@case("RFC 4459 3.2", "HOUSE", "TCP's segments fit the WAN, both ways, IPv4")
def _(c: Case) -> None:
    c.send("lan0", ends4(c, True) / tcp(c, True, "S", 1, options=BIG)).arrives(
        "wan", having(mss=SIZE4)
    )
    answer = ends4(c, False) / tcp(c, False, "SA", 1, 2, options=BIG)
    c.send("wan", answer).arrives("lan0", having(mss=SIZE4))


@case("RFC 4459 3.2", "HOUSE", "TCP's segments fit the softwire", number=softwire_number())
def _(c: Case) -> None:
    c.send("lan0", ends4(c, True) / tcp(c, True, "S", 1, options=BIG)).arrives(
        at.SOFTWIRE, having(mss=1460 - 40)
    )
    answer = IP(src=c.far4, dst=c.host4()) / tcp(c, False, "SA", 1, 2, options=BIG)
    c.send(at.SOFTWIRE, answer).arrives("lan0", having(mss=1460 - 40))


@case("RFC 4459 3.2", "HOUSE", "between LANs segments are left alone")
def _(c: Case) -> None:
    packet = IP(src=c.host4(), dst=c.host4("lan1"))
    packet /= TCP(sport=c.port, dport=SERVICE, flags="S", options=BIG)
    c.send("lan0", packet).arrives("lan1")
