from firewall.ruleset.model import Firewall, Link, Rule, Rulegroup, Zone
from services.firewall.definition import PacketFilter
from services.model import Site

firewall = PacketFilter(
    ruleset=Firewall(
        zones=(Zone("wan", (Link("eth0"),)),),
        groups=(
            Rulegroup(
                "doors",
                "site",
                "ssh from outside",
                (
                    Rule("inptu", "accept", "tcp dport 22", source="wan"),
                    Rule("input", "accept", "tcp dport 80", source="wna"),
                ),
            ),
        ),
    ),
)

SITE = Site(hostname="router", services=(firewall,))
