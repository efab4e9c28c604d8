from firewall.ruleset.model import Firewall, Rule, Rulegroup, Zone

ZONES = (Zone("wan"), Zone("lan"), Zone("guest"))
RULES = (
    Rule("forward", "accept", "", ("lan", "guest"), "wan"),
    Rule("forward", "accept", "tcp dport 80", "lan", "guest"),
    Rule("forward", "accept", "udp dport 500", "wan", "lan", "ip6"),
)
FIREWALL = Firewall(ZONES, (Rulegroup("flows", "flows", "between zones", RULES),))
