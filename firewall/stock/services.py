"""What of the router itself may be reached, zone by zone."""

from firewall.ruleset.model import Rule, Rulegroup

# name: (family, match, requirement)
SERVICES = {
    "dns": (("", "meta l4proto { tcp, udp } th dport 53", "RFC 7084 L-10"),),
    "dhcp": (
        ("ip", "udp sport 68 udp dport 67", "RFC 2131 4.1"),
        ("ip6", "udp dport 547", "RFC 7084 L-8"),
    ),
    "ssh": (("", "tcp dport 22", "ssh"),),
    "ntp": (("", "udp dport 123", "ntp"),),
    "mdns": (("", "udp dport 5353", "RFC 6762 3"),),
}


def services(name: str, zones: tuple[str, ...], offered: tuple[str, ...]) -> Rulegroup:
    """The router's services that `zones` may use: names of SERVICES, or `tcp 8080`, `udp 51820`.

    Raises ValueError for what is neither.
    """
    rules = []
    for each in offered:
        protocol, _, port = each.partition(" ")
        if each in SERVICES:
            rows = SERVICES[each]
        elif protocol in ("tcp", "udp") and port.isdigit() and 0 < int(port) < 65536:
            rows = (("", f"{protocol} dport {port}", each),)
        else:
            known = ", ".join(sorted(SERVICES))
            raise ValueError(f"service {each!r}: expected {known}, 'tcp PORT' or 'udp PORT'")
        rules += [Rule("input", "accept", match, zones, (), family, requirement)
                  for family, match, requirement in rows]  # fmt: skip
    return Rulegroup(
        name=f"services-{name}",
        requirement="router services",
        text=f"{', '.join(zones)} may use the router's {', '.join(offered)}",
        rules=tuple(rules),
        parameters=(("services", " ".join(offered)),),
    )


def local() -> Rulegroup:
    """The router talks to itself."""
    return Rulegroup(
        name="local",
        requirement="RFC 1122 3.2.1.3",
        text="the router reaches its own services",
        rules=(Rule("input", "accept", 'iifname "lo"'),),
    )


def dhcp_client(wan: tuple[str, ...]) -> Rulegroup:
    """Answers of DHCP servers reach the router's clients: they come to an address that conntrack
    has not seen the question go out from."""
    return Rulegroup(
        name="dhcp-client",
        requirement="RFC 7084 WAA-1",
        text="DHCP servers of the ISP reach the router's clients",
        rules=(
            Rule("input", "accept", "udp sport 67 udp dport 68", wan, (), "ip",
                 "RFC 2131 4.1"),
            Rule("input", "accept", "udp sport 547 udp dport 546", wan, (), "ip6"),
        ),
    )  # fmt: skip
