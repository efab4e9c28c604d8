from firewall.ruleset.model import Firewall, Rulegroup, Set, Zone

PATH = "net/netfilter/nf_conntrack_max"
ONE = Rulegroup("one", "a", "a", sets=(Set("hosts", "ipv4_addr", "ip"),), settings=((PATH, "1"),))
TWO = Rulegroup("two", "b", "b", sets=(Set("hosts", "ipv6_addr"),), settings=((PATH, "2"),))
FIREWALL = Firewall((Zone("hosts"),), (ONE, TWO, ONE))
