from firewall.ruleset.model import Entries, Firewall, Rule, Rulegroup, Set, Value, Values

SETS = (
    Set("fixed", "ipv4_addr", "ip", flags=("interval",), elements=("192.0.2.0/24", "10.0.0.1")),
    Set("large", "ipv4_addr", "ip", flags=("interval",), file="/etc/frost/blocklist.nft"),
    Set("leased", "ipv6_addr", "ip6", flags=("interval",), follow=(
        Entries("lan_prefix/delegated/*", length="length"), Values("static/prefixes"),
        Value("2001:db8::/32"))),
    Set("learned", "ipv6_addr", "ip6", flags=("dynamic", "timeout")),
    Set("colours", "inet_service", data="mark", elements=("22 : 1", "80 : 2")),
)  # fmt: skip
RULES = (
    Rule("input", "accept", "ip saddr @fixed", family="ip"),
    Rule("input", "drop", "ip saddr @large", family="ip", stage="deny"),
    Rule("input", "accept", "ip6 saddr @leased", family="ip6"),
    Rule("input", "", "tcp dport 22 add @learned { ip6 saddr timeout 1h }", family="ip6"),
    Rule("input", "", "meta mark set tcp dport map @colours"),
)
FIREWALL = Firewall((), (Rulegroup("sets", "sets", "four kinds of sets", RULES, sets=SETS),))
