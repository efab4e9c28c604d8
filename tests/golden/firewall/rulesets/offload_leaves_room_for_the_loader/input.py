from firewall.ruleset.model import Firewall, Link, Zone
from firewall.stock import state

ZONES = (Zone("wan", (Link("wan"),)), Zone("lan", (Link("lan"),)))
FIREWALL = Firewall(ZONES, (state.state(),), offload=("lan", "wan"))
