from firewall.ruleset.model import Firewall, Link, Output, Rule, Rulegroup, Zone

ZONES = (Zone("wan", (Output("wan/ifname"),)), Zone("lan", (Link("lan0"), Link("lan1"))))
RULES = (
    Rule("input", "accept", "tcp dport 22", source="lan"),
    Rule("input", "accept", "udp dport 53", source=("lan", "wan"), family="ip6"),
)
FIREWALL = Firewall(ZONES, (Rulegroup("mixed", "what we like", "two rules", RULES),))
