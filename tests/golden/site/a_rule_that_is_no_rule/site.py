from firewall.ruleset.model import Link, Rule, Rulegroup, Zone
from firewall.stock.home_router import home_router
from services.firewall.definition import PacketFilter
from services.model import Site

# What home_router follows is not in this site: each output is told, too.
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
    ruleset=home_router(
        wan=Zone("wan", (Link("eth0"),)), lan=Zone("lan", (Link("eth1"),)), groups=(forwards,)
    ),
)

SITE = Site(hostname="router", services=(firewall,))
