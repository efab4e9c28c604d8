"""ICMP (RFC 4890): what may begin by it, towards hosts and towards the router itself."""

from firewall.ruleset.model import Rule, Rulegroup

# Mobile IPv6: home agent address discovery and mobile prefix solicitation (RFC 6275)
MOBILITY = "icmpv6 type { 144, 145, 146, 147 }"
LISTENERS = "icmpv6 type { 130, 131, 132, 143 } ip6 hoplimit 1"
NEIGHBORS = "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255"
SOLICIT = "icmpv6 type nd-router-solicit ip6 hoplimit 255"
ADVERT = "icmpv6 type nd-router-advert ip6 hoplimit 255"
ECHO = {"ip": "icmp type echo-request", "ip6": "icmpv6 type echo-request"}
OVER = "limit name iifname map @icmp_limits"


def icmp(wan: tuple[str, ...], inside: tuple[str, ...], reachable: tuple[str, ...]) -> Rulegroup:
    """Echo requests pass inside and reach the router at the rate that their zone allows; neighbour
    discovery, routers' and listeners' messages reach the router on the side that they belong to.

    wan: router advertisements come from there. inside: router solicitations do. reachable: the
    zones whose hosts answer pings from the internet by this rule alone. Errors are the rulegroup
    state's. The rate is looked at first of all: an answered ping is a known flow.
    """
    rules = []
    for family, echo in ECHO.items():
        for hook in ("forward", "input"):
            rules.append(Rule(hook, "drop", f"{echo} {OVER}", family=family, stage="check"))
        rules.append(Rule("input", "accept", echo, wan + inside, family=family))
    rules += [
        Rule("forward", "accept", ECHO["ip6"], wan, reachable, "ip6"),
        # conntrack knows no beginning of these and calls them invalid: before that is dropped
        Rule("forward", "accept", MOBILITY, wan, inside, "ip6", "RFC 4890 4.3.2", "errors"),
        Rule("forward", "accept", MOBILITY, inside, wan, "ip6", "RFC 4890 4.3.2", "errors"),
        Rule("input", "accept", NEIGHBORS, family="ip6", requirement="RFC 4890 4.4.1"),
        Rule("input", "accept", LISTENERS, family="ip6", requirement="RFC 4890 4.4.1"),
        Rule("input", "accept", SOLICIT, inside, (), "ip6", "RFC 4890 4.4.1"),
        Rule("input", "accept", ADVERT, wan, (), "ip6", "RFC 7084 W-3"),
    ]
    return Rulegroup(
        name="icmp",
        requirement="RFC 4890 4.3.1",
        text="ICMP that is needed passes on the right side, pings at a limited rate",
        rules=tuple(rules),
    )
