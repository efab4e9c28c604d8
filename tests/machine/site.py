"""The home router that tests of the machine load: the documentation's addresses stand for the
internet's. lan0 and wan are there at once, lan1 joins by an output, lan2 is plugged in later."""

from dataclasses import replace

from firewall.ruleset.model import Link, Output, Zone
from firewall.stock.home_router import home_router

FIREWALL = home_router(
    wan=Zone("wan", (Link("wan"),)),
    lan=Zone("lan", (Link("lan0"), Output("lan/ifname"), Link("lan2"))),
    permit=("2001:db8::/32", "192.0.2.0/24"),
    offload=True,
)
WITHOUT = replace(FIREWALL, offload=())
