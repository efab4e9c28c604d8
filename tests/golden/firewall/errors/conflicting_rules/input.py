from firewall.ruleset.model import Firewall, Rule, Rulegroup

ONE = Rulegroup("one", "a", "a", (Rule("input", "accept", "tcp dport  22"),))
TWO = Rulegroup("two", "b", "b", (Rule("input", "drop", "tcp dport 22", family="ip6"),))
FIREWALL = Firewall((), (ONE, TWO))
