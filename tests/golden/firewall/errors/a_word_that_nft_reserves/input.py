from firewall.ruleset.model import Firewall, Rule, Rulegroup, Set, Zone

LAST = Zone("last")
SETS = (Set("fwd", "ipv4_addr", "ip"),)
RULES = (Rule("input", "accept", "", source="last"),)
FIREWALL = Firewall((LAST,), (Rulegroup("names", "names", "names", RULES, sets=SETS),))
