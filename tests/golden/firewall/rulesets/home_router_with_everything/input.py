from firewall.ruleset.model import Link, Zone
from firewall.stock import translation
from firewall.stock.home_router import home_router

FIREWALL = home_router(
    guest=Zone("guest", (Link("guest0"),)),
    open_zone=Zone("grown-ups", (Link("open0"),)),
    softwire=Zone("softwire", (Link("dslite"),)),
    groups=(
        translation.port_forward("web", "tcp", 443, "192.168.1.10"),
        translation.pinhole("nas", "tcp", 443, link="lan0", suffix="::10"),
    ),
    offered=("dns", "dhcp", "ssh", "ntp", "tcp 8080"),
    permit=("2001:db8::/32",),
    clamped=True,
)
