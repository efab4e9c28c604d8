"""ICMPv6 errors: those about known flows pass, others do not, and none ends a flow's state."""

from collections.abc import Callable

from scapy.layers.inet import IP, UDP, IPerror
from scapy.layers.inet6 import IPv6
from scapy.packet import Packet, Raw

from tests.lab.firewall.case import Case
from tests.lab.firewall.cases.trackers import TAG_OURS, TAG_THEIRS, associate, init, init_ack
from tests.lab.firewall.shapes import (
    ESP,
    ICMP,
    MOBILITY,
    UNASSIGNED,
    SCTPChunkData,
    dccp_request,
    ends,
    ends4,
    error,
    numbered,
    sctp,
    tcp,
    udp,
    udplite,
)
from tests.lab.firewall.suite import case

Flow = Callable[[Case, bool], Packet]
INVALID = "RFC 6092 REC-10"


def plain(build: Flow) -> Flow:
    """A protocol's part behind the header of a packet from inside or to it."""
    return lambda c, outbound: ends(c, outbound) / build(c, outbound)


def generic(protocol: int) -> Flow:
    """A protocol without a tracker."""
    return lambda c, outbound: numbered(c, outbound, protocol, bytes(8))


def segment(c: Case, outbound: bool) -> Packet:
    """A segment of an established TCP flow, or of one that is picked up."""
    return ends(c, outbound) / tcp(c, outbound, "A", 1000, 1000)


def chunk(c: Case, outbound: bool) -> Packet:
    """An association's beginning, and its answer."""
    if outbound:
        return ends(c, True) / sctp(c, True, init(TAG_OURS), 0)
    return ends(c, False) / sctp(c, False, init_ack(TAG_THEIRS), TAG_OURS)


# protocol: REC about its errors, REC about its state's end, packets of a flow in both directions
FLOWS: dict[str, tuple[int, int, Flow]] = {
    "generic protocols": (10, 0, generic(UNASSIGNED)),
    "UDP": (18, 19, plain(udp)),
    "UDP-Lite": (18, 19, udplite),
    "ESP": (23, 0, generic(ESP)),
    "Mobility Headers": (30, 0, generic(MOBILITY)),
    "TCP": (36, 37, segment),
    "SCTP": (41, 42, chunk),
    "DCCP": (45, 46, dccp_request),
}
ERRORS = ("unreachable", "too big", "time exceeded", "parameter problem")

for name, (rec, _last, build) in FLOWS.items():
    level = "SHOULD" if rec == 10 else "MUST"
    for kind in ERRORS:

        @case(f"RFC 6092 REC-{rec}", level, f"{kind} about a flow of {name} reaches the host")
        def _(c: Case, build: Flow = build, kind: str = kind) -> None:
            packet = build(c, True)
            c.send("lan0", packet).arrives("wan")
            c.send("wan", error(c, kind, packet)).arrives("lan0")

    @case(f"RFC 6092 REC-{rec}", level, f"an error from a router on the path is known too: {name}")
    def _(c: Case, build: Flow = build) -> None:
        packet = build(c, True)
        c.send("lan0", packet).arrives("wan")
        hop = c.under("2001:2:0:f009::")
        c.send("wan", error(c, "too big", packet, hop)).arrives("lan0")

    @case(f"RFC 6092 REC-{rec}", level, f"an inside host's error about {name} reaches the far end")
    def _(c: Case, build: Flow = build) -> None:
        c.send("lan0", build(c, True)).arrives("wan")
        answer = build(c, False)
        c.send("wan", answer).arrives("lan0")
        c.send("lan0", error(c, "unreachable", answer, c.host(), code=4)).arrives("wan")

    @case("RFC 6092 REC-10", "SHOULD", f"an error about a flow of {name} that is not is dropped")
    def _(c: Case, build: Flow = build) -> None:
        for kind in ERRORS:
            c.send("wan", error(c, kind, build(c, True))).denied(INVALID)


for code in range(7):

    @case("RFC 6092 REC-18", "MUST", f"unreachable with code {code} passes")
    def _(c: Case, code: int = code) -> None:
        packet = ends(c, True) / udp(c, True)
        c.send("lan0", packet).arrives("wan")
        c.send("wan", error(c, "unreachable", packet, code=code)).arrives("lan0")


@case("RFC 6092 REC-10", "SHOULD", "an error that quotes another port is dropped")
def _(c: Case) -> None:
    c.send("lan0", ends(c, True) / udp(c, True)).arrives("wan")
    c.send("wan", error(c, "unreachable", ends(c, True) / udp(c, True, far=4001))).denied(INVALID)


@case("RFC 6092 REC-10", "SHOULD", "an error that quotes less than an IPv6 header is dropped")
def _(c: Case) -> None:
    packet = ends(c, True) / udp(c, True)
    c.send("lan0", packet).arrives("wan")
    short = IPv6(src=c.far, dst=c.host()) / error(c, "too big", packet).payload.copy()
    short.payload.remove_payload()
    c.send("wan", short / Raw(bytes(packet)[:30])).denied(INVALID)


@case("RFC 6092 REC-10", "SHOULD", "an error to another host than the flow's is dropped")
def _(c: Case) -> None:
    packet = ends(c, True) / udp(c, True)
    c.send("lan0", packet).arrives("wan")
    wrong = IPv6(src=c.far, dst=c.host("lan1")) / error(c, "too big", packet).payload
    c.send("wan", wrong).denied(INVALID)


def outlives(c: Case, build: Flow, begin: list[tuple[bool, Packet]]) -> None:
    """A flow goes on after every error that there is."""
    for outbound, packet in begin:
        c.send("lan0" if outbound else "wan", packet).arrives("wan" if outbound else "lan0")
    for kind in ERRORS:
        c.send("wan", error(c, kind, build(c, True))).arrives("lan0")
    for code in (0, 1, 3, 4, 5, 6):
        c.send("wan", error(c, "unreachable", build(c, True), code=code)).arrives("lan0")
    c.send("wan", build(c, False)).arrives("lan0")
    c.send("lan0", build(c, True)).arrives("wan")


for name, (_first, rec, build) in FLOWS.items():
    if rec:

        @case(f"RFC 6092 REC-{rec}", "MUST", f"no ICMPv6 error ends a flow of {name}")
        def _(c: Case, build: Flow = build, name: str = name) -> None:
            begin = [(True, build(c, True)), (False, build(c, False))]
            if name == "TCP":
                begin = [
                    (True, ends(c, True) / tcp(c, True, "S", 999)),
                    (False, ends(c, False) / tcp(c, False, "SA", 999, 1000)),
                    (True, build(c, True)),
                ]
            outlives(c, build, begin)


@case("RFC 6092 REC-42", "MUST", "data flow on after errors about an association")
def _(c: Case) -> None:
    associate(c)
    data = ends(c, True) / sctp(c, True, SCTPChunkData(data=c.token), TAG_THEIRS)
    for kind in ERRORS:
        c.send("wan", error(c, kind, data)).arrives("lan0")
    c.send("lan0", data).arrives("wan")
    back = ends(c, False) / sctp(c, False, SCTPChunkData(data=c.token), TAG_OURS)
    c.send("wan", back).arrives("lan0")


# --- IPv4: the same rules stand in its table


def _quotes_inside(c: Case):
    def check(sent: bytes, got: bytes) -> str:
        decoded = IP(got)
        quoted = decoded[IPerror].src if IPerror in decoded else "nothing"
        good = decoded.dst == c.host4() and quoted == c.host4()
        return "" if good else f"to {decoded.dst}, quotes {quoted}"

    return check


@case("RFC 792", "MUST", "an ICMP error about a known flow reaches the host, translated back")
def _(c: Case) -> None:
    flow = ends4(c, True) / udp(c, True)
    c.send("lan0", flow).arrives_about("wan", 1, 1, lambda sent, got: "")
    seen = IP(src="198.18.0.2", dst=c.far4) / UDP(sport=c.port, dport=4000) / c.token
    problem = IP(src=c.far4, dst="198.18.0.2") / ICMP(type=3, code=1) / Raw(bytes(seen))
    c.send("wan", problem).arrives_about("lan0", 1, 1, _quotes_inside(c))
    c.send("wan", ends4(c, False) / udp(c, False)).arrives_about("lan0", 1, 1, lambda sent, got: "")


@case("RFC 792", "SHOULD", "an ICMP error about no flow is dropped")
def _(c: Case) -> None:
    seen = IP(src="198.18.0.2", dst=c.far4) / UDP(sport=c.port, dport=4000) / c.token
    problem = IP(src=c.far4, dst="198.18.0.2") / ICMP(type=3, code=1) / Raw(bytes(seen))
    c.send("wan", problem).denied(INVALID)


@case("RFC 792", "MUST", "an error about a flow of the router's own reaches it, IPv4")
def _(c: Case) -> None:
    flow = IP(src="198.18.0.2", dst=c.far4) / udp(c, True)
    c.send("router", flow).arrives_about("wan", 1, 1, lambda sent, got: "")
    problem = IP(src=c.far4, dst="198.18.0.2") / ICMP(type=3, code=4, nexthopmtu=1280)
    c.send("wan", problem / Raw(bytes(flow))).reaches("icmp4/3")
