from firewall.ruleset.model import Firewall, Rule, Rulegroup, Zone

LAN = Zone("lan")
B = Rulegroup("b", "b", "b", (Rule("input", "accept", "tcp dport 2"),))
A = Rulegroup("a", "a", "a", (
    Rule("input", "accept", "tcp dport 1", "lan"),
    Rule("input", "accept", "tcp dport 3"),
    Rule("input", "drop", "", stage="answer"),
    Rule("input", "accept", "ct state established", stage="established"),
))  # fmt: skip
FIREWALL = Firewall((LAN,), (B, A))
