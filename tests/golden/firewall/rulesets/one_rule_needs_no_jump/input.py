from firewall.ruleset.model import Firewall, Output, Rule, Rulegroup, Zone

WAN = Zone("wan", (Output("wan/ifname"),))
RULE = Rule("input", "accept", "tcp dport 22", source="wan")
FIREWALL = Firewall((WAN,), (Rulegroup("ssh", "ssh", "ssh from outside", (RULE,)),))
