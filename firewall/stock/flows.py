"""Which flows may begin, by protocol (RFC 6092 3.2 and 3.3), and how the rest is refused."""

from firewall.ruleset.model import Rule, Rulegroup
from firewall.stock.icmp import ECHO

# Protocol numbers that nft 1.0.6 has no name for
HIP, SHIM6, MOBILITY = 139, 140, 135

# What begins a flow from inside: protocol, requirement
OUTBOUND = (
    ("tcp", "RFC 6092 REC-31"),
    ("udp", "RFC 6092 REC-14"),
    ("udplite", "RFC 6092 REC-20"),
    ("sctp", "RFC 6092 REC-38"),
    ("dccp", "RFC 6092 REC-43"),
    ("esp", "RFC 6092 REC-22"),
)
# IPv6 alone
OUTBOUND6 = (
    (f"{HIP}", "RFC 6092 REC-26"),
    (f"{SHIM6}", "RFC 6092 REC-47"),
    (f"{MOBILITY}", "RFC 6092 REC-28"),
)
ICMP = {"ip": "icmp", "ip6": "icmpv6"}


def outbound(inside: tuple[str, ...], wan: tuple[str, ...]) -> Rulegroup:
    """Hosts of `inside` begin flows to the internet with every protocol, future ones too.

    Each protocol has its own rule so that its counter tells of it. Of ICMP pass echo requests, and
    what icmp() lets mobile nodes ask; node information and renumbering do not (RFC 4890 4.3.4).
    """
    rules = []

    def add(match: str, requirement: str, family: str) -> None:
        rules.append(Rule("forward", "accept", match, inside, wan, family, requirement))

    for protocol, requirement in OUTBOUND:
        add(f"meta l4proto {protocol}", requirement, "")
    for protocol, requirement in OUTBOUND6:
        add(f"meta l4proto {protocol}", requirement, "ip6")
    for family, own in (("ip", OUTBOUND), ("ip6", OUTBOUND + OUTBOUND6)):
        add(ECHO[family], "RFC 4890 4.3.1" if family == "ip6" else "RFC 1812 4.3.3.6", family)
        known = ", ".join([protocol for protocol, _ in own] + [ICMP[family]])
        add(f"meta l4proto != {{ {known} }}", "RFC 6092 REC-11", family)
    return Rulegroup(
        name="outbound",
        requirement="RFC 6092 REC-11",
        text="hosts inside may begin flows to the internet, whatever the protocol",
        rules=tuple(rules),
    )


def inbound(wan: tuple[str, ...], inside: tuple[str, ...]) -> Rulegroup:
    """What protects itself may begin from outside too: IPsec, IKE, HIP.

    AH is looked for right behind the IPv6 header, and behind one header of hop-by-hop or
    destination options: nft has no word for it further back.
    """

    def rule(match: str, requirement: str) -> Rule:
        return Rule("forward", "accept", match, wan, inside, "ip6", requirement)

    return Rulegroup(
        name="inbound",
        requirement="RFC 6092 REC-21",
        text="IPsec, IKE and HIP may begin from outside",
        rules=(
            rule("ip6 nexthdr ah", "RFC 6092 REC-21"),
            rule("ip6 nexthdr { 0, 60 } @nh,320,8 51", "RFC 6092 REC-21"),
            rule("meta l4proto esp", "RFC 6092 REC-22"),
            rule("udp dport 500", "RFC 6092 REC-24"),
            rule(f"meta l4proto {HIP}", "RFC 6092 REC-26"),
        ),
    )


def between(zones: tuple[str, ...], to: tuple[str, ...], name: str = "between") -> Rulegroup:
    """Everything may begin from `zones` to `to`."""
    return Rulegroup(
        name=name,
        requirement="RFC 7084 L-2",
        text=f"{', '.join(zones)} may begin any flow to {', '.join(to)}",
        rules=(Rule("forward", "accept", "", zones, to),),
    )


def transparent(wan: tuple[str, ...], inside: tuple[str, ...]) -> Rulegroup:
    """The one switch: every unsolicited IPv6 flow passes inside. Sources are still checked."""
    return Rulegroup(
        name="transparent",
        requirement="RFC 6092 REC-49",
        text=f"flows from the internet may begin to {', '.join(inside)} (transparent mode)",
        rules=(Rule("forward", "accept", "", wan, inside, "ip6"),),
    )


def isolation(guests: tuple[str, ...], inside: tuple[str, ...]) -> Rulegroup:
    """Guests reach neither the other zones nor each other's links, and the router by its addresses
    on their own link alone: the others tell which networks there are."""
    return Rulegroup(
        name="isolation",
        requirement="guest isolation",
        text=f"{', '.join(guests)} reach nothing but the internet, and the router where they are",
        rules=(
            Rule("forward", "drop", "", guests, tuple(dict.fromkeys(inside + guests))),
            Rule("input", "drop", "fib daddr type local fib daddr . iif type != local", guests),
        ),
        stage="deny",
    )


def answers(wan: tuple[str, ...]) -> Rulegroup:
    """What nothing has allowed: unsolicited TCP and SCTP beginnings are answered, the rest is
    dropped, each by the name of the requirement that it falls under.

    Linux cannot wait the 6 seconds of REC-34 and REC-39: the answer comes at once.
    """
    prohibited = "reject with icmpv6 type admin-prohibited"
    syn = "tcp flags & (fin | syn | rst | ack) == syn"
    rules = (
        Rule("forward", prohibited, syn, wan, family="ip6", requirement="RFC 6092 REC-34"),
        Rule("forward", prohibited, "sctp chunk init exists", wan, family="ip6",
             requirement="RFC 6092 REC-39"),
        Rule("forward", "drop", "", wan, requirement="RFC 6092 REC-11, 17, 33"),
        Rule("forward", "drop", "", stage="last"),
        Rule("input", "drop", "meta l4proto { tcp, udp } th dport 53", wan,
             requirement="RFC 6092 REC-8"),
        Rule("input", "drop", "udp dport 547", wan, family="ip6", requirement="RFC 6092 REC-9"),
        Rule("input", "drop", "", wan, requirement="RFC 6092 REC-50"),
        Rule("input", "drop", "", stage="last"),
    )  # fmt: skip
    return Rulegroup(
        name="answers",
        requirement="default deny",
        text="what nothing allows is refused; beginnings of TCP and SCTP from outside hear of it",
        rules=rules,
        stage="answer",
    )
