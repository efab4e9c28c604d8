from firewall.ruleset.model import Firewall, Rule, Rulegroup

RULES = (
    Rule("input", "accept", "tcp dport 22"),
    Rule("input", "accept", "tcp dprt 22", family="ip6"),
    Rule("input", "accept", "udp dport 70000"),
    Rule("forward", "reject with icmp type admin-prohibited", "", family="ip6"),
    Rule("input", "masquerade", ""),
    Rule("input", "accept", "ip6 saddr @nowhere", family="ip6"),
)
FIREWALL = Firewall((), (Rulegroup("wrong", "wrong", "wrong", RULES),))
