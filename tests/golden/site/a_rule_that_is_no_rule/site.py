from firewall.ruleset.model import Firewall, Link, Rule, Rulegroup, Zone
from services.firewall.definition import PacketFilter
from services.model import Site

forwards = Rulegroup(
    "forwards",
    "site",
    "the web server is reached from outside",
    (
        Rule("forward", "accept", "tcp dport htpp", source="wan", destination="lan"),
        Rule("forward", "acept", "udp dport 5000", source="wan", destination="lan"),
    ),
)
firewall = PacketFilter(
    ruleset=Firewall(
        zones=(Zone("wan", (Link("eth0"),)), Zone("lan", (Link("eth1"),))), groups=(forwards,)
    ),
)

SITE = Site(hostname="router", services=(firewall,))
