"""A computer on the router's LAN: dhcpcd asks for everything that a home's computers ask for."""

from packager.isp.namespaces import Machine

LINK = "eth0"

# nodev: no udevd runs in here. The hooks left out would change what the host's people see.
DHCPCD_CONF = f"""nodev
duid
slaac hwaddr
noipv4ll
option domain_name_servers, domain_name, domain_search, classless_static_routes, interface_mtu
nohook hostname, ntp, ntp.conf, timesyncd, ypbind, yp.conf, lookup-hostname
allowinterfaces {LINK}
"""

DHCPCD_RUN = f"""#!/usr/bin/execlineb -P
fdmove -c 1 2
dhcpcd -B -f /run/dhcpcd.conf {LINK}
"""


def start(machine: Machine) -> None:
    """Its link up, and the client. Addresses come when the router gives them."""
    machine.ip("link", "set", LINK, "up")
    machine.write("/run/dhcpcd.conf", DHCPCD_CONF)
    machine.add_service("dhcpcd", DHCPCD_RUN)
