from firewall.ruleset.model import Firewall, Link, Output, Rule, Rulegroup, Zone

ZONES = (Zone("wan", (Output("wan"),)), Zone("lan", (Link("ppp*"),)), Zone("wan"))
RULES = (
    Rule("forwad", "accept"),
    Rule("input", "accept", "", source="lna"),
    Rule("input", "accept", "", destination="lan"),
    Rule("output", "accept", "", source="lan"),
    Rule("input", "accept", "tcp dport 22; drop"),
    Rule("input", "accept", "", family="inet"),
    Rule("input", "accept", "", stage="late"),
    Rule("input", "accept", "", requirement='a "quoted" one'),
)
GROUP = Rulegroup("bad group", "x", "wrong", RULES, settings=(("kernel/../core", "1"),))
FIREWALL = Firewall(ZONES, (GROUP,), offload=("dmz",))
