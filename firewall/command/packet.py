"""A packet as it stands at one point of its way: what is known of it, by the names that nft gives.

The walk asks for fields and changes them (NAT, marks). What is not known raises Unknown: the walk
then says where it had to stop and never guesses. Pure.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firewall.command.facts import Facts

# linux/in.h
PROTOCOLS = (
    ("icmp", 1),
    ("igmp", 2),
    ("tcp", 6),
    ("udp", 17),
    ("dccp", 33),
    ("ipv6", 41),
    ("gre", 47),
    ("esp", 50),
    ("ah", 51),
    ("icmpv6", 58),
    ("comp", 108),
    ("sctp", 132),
    ("udplite", 136),
    ("hip", 139),
)
ICMP, TCP, UDP, DCCP, IPV6, AH, ICMPV6, SCTP, UDPLITE = 1, 6, 17, 33, 41, 51, 58, 132, 136
WITH_PORTS = (TCP, UDP, DCCP, SCTP, UDPLITE)
WITH_TYPES = (ICMP, ICMPV6)

# nf_conntrack_common.h, NF_CT_STATE_BIT
STATES = (("invalid", 1), ("established", 2), ("related", 4), ("new", 8), ("untracked", 64))
TCP_FLAGS = (("fin", 1), ("syn", 2), ("rst", 4), ("psh", 8), ("ack", 16), ("urg", 32),
             ("ecn", 64), ("cwr", 128))  # fmt: skip
IPS_SRC_NAT, IPS_DST_NAT = 16, 32  # nf_conntrack_common.h

# What conntrack lets begin a flow: nf_conntrack_proto_icmp.c, nf_conntrack_proto_icmpv6.c
ICMP_BEGINS = (8, 13, 15, 17)
ICMPV6_BEGINS = (128, 139)
NEVER_TRACKED = (130, 131, 132, 133, 134, 135, 136, 137, 143)  # ICMPv6
NEIGHBORS, LISTENERS = (133, 134, 135, 136, 137), (130, 131, 132, 143)  # RFC 4861, RFC 3810


class Unknown(Exception):
    """What decides is not known, or not understood."""


def number_of(pairs: "tuple[tuple[str, int], ...]", name: str) -> int | None:
    """The number that a table has for a name."""
    for known, number in pairs:
        if known == name:
            return number
    return None


def name_of(pairs: "tuple[tuple[str, int], ...]", number: int) -> str:
    """The name that a table has for a number, or its digits."""
    for name, known in pairs:
        if known == number:
            return name
    return "%d" % number


class Packet:
    """`fields`: values by nft's names ("ip6 saddr", "meta mark"); addresses and numbers are int.

    `original`: the fields as they were when it came. `iif`, `oif`: names, "" where there is none.
    """

    def __init__(self, family: int, source: int, destination: int, protocol: int) -> None:
        self.family = family  # 4 or 6
        self.protocol = protocol
        self.ip = "ip" if family == 4 else "ip6"
        self.fields: dict[str, int] = {
            self.ip + " saddr": source,
            self.ip + " daddr": destination,
            self.ip + " version": family,
            ("ip protocol" if family == 4 else "ip6 nexthdr"): protocol,
            "ct zone": 0,
        }
        self.original: dict[str, int] = {}
        self.iif = ""
        self.oif = ""
        self.state = "new"
        self.tracked = False  # conntrack has seen it
        self.exempt = False  # a rule told conntrack not to
        self.redirected = False  # to the router itself
        self.status = 0  # IPS_SRC_NAT, IPS_DST_NAT: what was translated
        self.unsure = 0  # the same, of what may have been translated to what it was
        self.translated: list[str] = []  # of "dnat", "snat": what has been decided
        self.chunk = ""  # SCTP's first
        self.routing: int | None = None  # type of an IPv6 routing header
        self.facts: Facts | None = None
        if family == 6 and protocol == AH:
            # An extension header (RFC 4302 3.1.1): what it protects is the transport protocol.
            self.protocol = IPV6

    @property
    def source(self) -> int:
        return self.field(self.ip + " saddr")

    @property
    def destination(self) -> int:
        return self.field(self.ip + " daddr")

    def field(self, name: str) -> int:
        """A field's value; Unknown when nobody has told it."""
        value = self.fields.get(name)
        if value is None:
            raise Unknown("%s of the packet is not known (-w '%s=NUMBER' tells)" % (name, name))
        return value

    def set_ports(self, source: int, destination: int) -> None:
        self.fields["th sport"], self.fields["th dport"] = source, destination

    def set_type(self, number: int, code: int) -> None:
        """ICMP's type and code, and what follows from them."""
        name = "icmp" if self.protocol == ICMP else "icmpv6"
        self.fields[name + " type"], self.fields[name + " code"] = number, code
        if self.protocol == ICMPV6 and number in NEIGHBORS:
            self.fields["ip6 hoplimit"] = 255  # RFC 4861: anything else is no neighbour's
        elif self.protocol == ICMPV6 and number in LISTENERS:
            self.fields["ip6 hoplimit"] = 1  # RFC 3810 section 5

    def first_state(self) -> str:
        """What conntrack says of such a packet when it knows no flow for it."""
        if self.protocol == ICMPV6:
            number = self.field("icmpv6 type")
            if number in NEVER_TRACKED:
                return "untracked"
            return "new" if number in ICMPV6_BEGINS else "invalid"
        if self.protocol == ICMP:
            return "new" if self.field("icmp type") in ICMP_BEGINS else "invalid"
        if self.protocol == TCP:
            # nf_conntrack_proto_tcp.c: a SYN begins, an ACK is picked up (tcp_loose)
            flags = self.field("tcp flags") & 0x17
            return "new" if flags in (2, 16) else "invalid"
        return "new"

    def begin(self) -> None:
        """Keep what it is now as what it was when it came."""
        self.original = dict(self.fields)
