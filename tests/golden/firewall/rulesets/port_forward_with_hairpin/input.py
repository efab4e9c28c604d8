from firewall.ruleset.model import Firewall, Link, Zone
from firewall.stock import translation

ZONES = (Zone("wan", (Link("wan"),)), Zone("lan", (Link("lan"),)))
WEB = translation.port_forward("web", "tcp", 443, "192.168.1.10", to_port=8443)
FIREWALL = Firewall(ZONES, (WEB, translation.masquerade(("wan",))), forwarding=("ip",))
