from firewall.ruleset.model import Firewall, Link, Zone
from firewall.stock import translation

ZONES = (Zone("wan", (Link("wan"),)), Zone("lan", (Link("lan"),)))
NAS = translation.pinhole("nas", "tcp", 443, link="lan0", suffix="::10")
FIREWALL = Firewall(ZONES, (NAS,), forwarding=("ip6",))
