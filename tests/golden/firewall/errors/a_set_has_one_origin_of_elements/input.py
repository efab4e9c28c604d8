from firewall.ruleset.model import Firewall, Rulegroup, Set, Values

SETS = (
    Set("two", "ipv4_addr", "ip", elements=("192.0.2.1",), file="/etc/list"),
    Set("relative", "ipv4_addr", "ip", file="list"),
    Set("nowhere", "ipv4_addr", "ip", follow=(Values("dhcp4"),)),
)
FIREWALL = Firewall((), (Rulegroup("sets", "sets", "sets", sets=SETS, stage="never"),))
