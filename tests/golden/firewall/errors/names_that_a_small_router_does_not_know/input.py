from firewall.ruleset.model import Firewall, Rule, Rulegroup

RULES = (
    Rule("input", "accept", "meta l4proto ipv6-icmp", family="ip6"),
    Rule("input", "accept", "tcp dport ssh"),
    Rule("input", "accept", "meta l4proto icmpv6", family="ip6"),
)
FIREWALL = Firewall((), (Rulegroup("names", "names", "names", RULES),))
