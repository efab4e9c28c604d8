from firewall.ruleset.model import Firewall, Log, Rule, Rulegroup, Zone

WAN = Zone("wan")
RULES = (
    Rule("forward", "drop", "ip6 saddr ff00::/8", family="ip6", requirement="RFC 6092 REC-1"),
    Rule("forward", "drop", "ip6 daddr ff00::/8", family="ip6", requirement="RFC 6092 REC-1"),
    Rule("forward", "reject with icmpv6 type no-route", "", "wan", family="ip6"),
)
GROUP = Rulegroup("bad", "RFC 6092 REC-3", "what is bad", RULES, "guard")
FIREWALL = Firewall((WAN,), (GROUP,), Log(7, 2, 4))
