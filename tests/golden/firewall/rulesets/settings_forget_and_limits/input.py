from firewall.ruleset.model import Firewall, IcmpLimit, Output, Rule, Rulegroup, Values, Zone

WAN = Zone("wan", (Output("wan/ifname"),), IcmpLimit("wan/bandwidth", 20, 50))
ECHO = "icmpv6 type echo-request limit name iifname map @icmp_limits"
GROUP = Rulegroup(
    "ping", "RFC 4890 4.4.1", "pings at a rate", (Rule("input", "accept", ECHO, family="ip6"),),
    settings=(("net/netfilter/nf_conntrack_udp_timeout", "300"),),
    forget=(Values("dhcp4/address"),), parameters=(("share", "20"),),
)  # fmt: skip
FIREWALL = Firewall((WAN,), (GROUP,))
