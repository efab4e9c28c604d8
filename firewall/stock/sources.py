"""Whose address a packet may carry: bogons, spoofed, stale and unique local addresses."""

from firewall.ruleset.model import Entries, Rule, Rulegroup, Set

# REC-3 and RFC 6890's registry: what may not appear in the public internet. fe80::/10, ::1, ::
# and v4-mapped sources never get as far as this: the kernel forwards none of them.
BOGONS6 = (
    "::/96",  # IPv4-compatible (RFC 4291 2.5.5.1)
    "::ffff:0:0/96",  # IPv4-mapped
    "100::/64",  # discard only (RFC 6666)
    "2001:2::/48",  # benchmarking (RFC 5180)
    "2001:10::/28",  # ORCHID (RFC 4843)
    "2001:db8::/32",  # documentation (RFC 3849)
    "3fff::/20",  # documentation (RFC 9637)
    "5f00::/16",  # segment identifiers (RFC 9602)
    "fec0::/10",  # site-local (RFC 3879)
)
BOGONS4 = (
    "0.0.0.0/8",  # this network (RFC 791)
    "127.0.0.0/8",  # loopback
    "192.0.2.0/24",  # documentation (RFC 5737)
    "198.51.100.0/24",
    "203.0.113.0/24",
    "240.0.0.0/4",  # reserved, and limited broadcast
)
ORGANIZATION_LOCAL = 8  # RFC 4291 2.7, RFC 6092 REC-2


def bogons(permit: tuple[str, ...] = (), scope: int = ORGANIZATION_LOCAL) -> Rulegroup:
    """Addresses that are nobody's are neither source nor destination of what is forwarded.

    permit: entries of the lists that this site uses all the same. scope: the boundary for
    multicast (RFC 4291 2.7), whose packets stay inside up to this scope; multicast sources never
    pass the kernel (REC-1).
    """
    six = tuple(each for each in BOGONS6 if each not in permit)
    four = tuple(each for each in BOGONS4 if each not in permit)
    scopes = ", ".join(f"ff0{number:x}::" for number in range(scope + 1))
    rules = [
        Rule("forward", "drop", f"ip6 daddr & ff0f:: {{ {scopes} }}", family="ip6",
             requirement="RFC 6092 REC-2")
    ]  # fmt: skip
    for family in ("ip", "ip6"):
        for field in ("saddr", "daddr"):
            rules.append(Rule("forward", "drop", f"{family} {field} @bogons", family=family))
    return Rulegroup(
        name="bogons",
        requirement="RFC 6092 REC-3",
        text="what bears an address that may not appear in the internet is not forwarded",
        rules=tuple(rules),
        stage="guard",
        sets=(
            Set("bogons", "ipv4_addr", "ip", flags=("interval",), elements=four),
            Set("bogons", "ipv6_addr", "ip6", flags=("interval",), elements=six),
        ),
        parameters=(("permit", " ".join(permit)), ("scope", str(scope))),
    )


def routing_header() -> Rulegroup:
    """Routing header type 0 (RFC 5095), in every packet, whatever flow it belongs to."""
    return Rulegroup(
        name="routing-header",
        requirement="RFC 6092 REC-4",
        text="packets with a routing header of type 0 are not forwarded",
        rules=(Rule("forward", "drop", "rt type 0", family="ip6"),),
        stage="check",
    )


def spoofing(
    wan: tuple[str, ...], inside: tuple[str, ...], prefixes: str = "lan_prefix"
) -> Rulegroup:
    """Sources are where they belong, in both directions, as the lease says at this moment.

    wan, inside: zones. prefixes: the service that publishes what each LAN has
    (services/dhcp6, lan_prefix). Unique local sources are ula_border()'s: they pass between LANs,
    whoever gave them out. A foreign source gets no answer: that would go to whoever really has the
    address. IPv4 asks the routing table (strict reverse path, RFC 3704 2.2).
    """
    foreign = "ip6 saddr != fc00::/7 ip6 saddr . iifname != @assigned"
    rules = (
        Rule("forward", "drop", foreign, source=inside,
             family="ip6", requirement="RFC 6092 REC-5"),
        Rule("forward", "drop", "ip6 saddr @delegated", source=wan, family="ip6"),
        Rule("input", "drop", "ip6 saddr @delegated", source=wan, family="ip6"),
        Rule("forward", "drop", "fib saddr . iif oif missing", family="ip",
             requirement="BCP 38"),
    )  # fmt: skip
    return Rulegroup(
        name="spoofing",
        requirement="RFC 6092 REC-6",
        text="a packet's source is one of the link that it comes from (BCP 38, RFC 7084 S-2)",
        rules=rules,
        stage="guard",
        sets=(assigned(prefixes), delegated(prefixes)),
        parameters=(("prefixes", prefixes),),
    )


def assigned(prefixes: str) -> Set:
    """The prefixes that LANs have, each with its link."""
    sources = (Entries(f"{prefixes}/lan/*/*", length="length", link=0),) if prefixes else ()
    return Set("assigned", "ipv6_addr . ifname", "ip6", flags=("interval",), follow=sources)


def delegated(prefixes: str) -> Set:
    """The prefixes that the ISP has delegated."""
    sources = (Entries(f"{prefixes}/delegated/*", length="length"),) if prefixes else ()
    return Set("delegated", "ipv6_addr", "ip6", flags=("interval",), follow=sources)


def stale(wan: tuple[str, ...], advertiser: str = "ra") -> Rulegroup:
    """Hosts that still use a prefix which was taken back hear so at once, in known flows too.

    advertiser: the service that publishes what it withdraws (services/ra). The answer is RFC 4443's
    code 5; the elements live for as long as the withdrawal lasts.
    """
    elsewhere = " ".join(f"iifname != @{zone}" for zone in wan)
    source = Entries(f"{advertiser}/withdrawn/*", length="length", until="until")
    sources = (source,) if advertiser else ()
    return Rulegroup(
        name="stale",
        requirement="RFC 7084 L-14",
        text="packets from a prefix that was taken back are answered with ICMPv6 type 1 code 5",
        rules=(
            Rule("forward", "reject with icmpv6 type policy-fail",
                 f"ip6 saddr @stale {elsewhere}".strip(), family="ip6"),
        ),
        stage="check",
        sets=(Set("stale", "ipv6_addr", "ip6", flags=("interval", "timeout"), follow=sources),),
        parameters=(("advertiser", advertiser),),
    )  # fmt: skip


def ula_border(wan: tuple[str, ...]) -> Rulegroup:
    """Unique local addresses stay inside, and pass between LANs."""
    rules = []
    for source, destination in ((wan, ()), ((), wan)):
        for match in ("ip6 saddr fc00::/7", "ip6 daddr fc00::/7"):
            rules.append(Rule("forward", "drop", match, source, destination, "ip6"))
    rules.append(Rule("output", "drop", "ip6 saddr fc00::/7", destination=wan, family="ip6"))
    return Rulegroup(
        name="ula-border",
        requirement="RFC 7084 ULA-4, RFC 6092 REC-7",
        text="unique local addresses do not cross the WAN in either direction",
        rules=tuple(rules),
        stage="guard",
    )


def unassigned(wan: tuple[str, ...], prefixes: str = "lan_prefix") -> Rulegroup:
    """What goes to a delegated prefix is not sent back to the ISP, even while no route says so."""
    return Rulegroup(
        name="unassigned",
        requirement="RFC 7084 WPD-5",
        text="packets for a part of the delegated prefix that no LAN has are refused",
        rules=(
            Rule("forward", "reject with icmpv6 type no-route", "ip6 daddr @delegated",
                 destination=wan, family="ip6"),
        ),
        stage="guard",
        sets=(delegated(prefixes),),
        parameters=(("prefixes", prefixes),),
    )  # fmt: skip
