"""What an ISP has besides IPv6: DHCPv4, a DNS server and something in the internet to talk to.

dnsmasq leases IPv4 addresses on the WAN link and answers for `.example` (RFC 2606); the rest of
the names does not exist here. IPv4 is of RFC 6598 and RFC 2544: shared with nobody's internet,
and on no list of bogons.
"""

import sys
from pathlib import Path

from packager.isp import wait, web
from packager.isp.isp import Isp
from packager.isp.namespaces import Machine

WAN4 = "100.64.0.1"  # the ISP's address on the WAN link; leases are .100 to .199
POOL4 = ("100.64.0.100", "100.64.0.199")
INTERNET4 = "198.18.0.1"
DNS4 = "198.18.0.53"
NAME = "internet.example"
INSIDE4 = "192.168.1.1"  # what rebind.example and all of .lan lead to, if one believes this ISP

DNSMASQ_RUN = """#!/usr/bin/execlineb -P
fdmove -c 1 2
dnsmasq --keep-in-foreground --log-facility=- --conf-file=/run/dnsmasq.conf
"""


def dnsmasq_config(internet6: str, dns6: str) -> str:
    """dnsmasq(8): DHCPv4 on the WAN link, names on the addresses that clients are told."""
    return f"""user=root
no-resolv
no-hosts
no-ping
bind-dynamic
interface=wan0
listen-address={DNS4},{dns6}
dhcp-authoritative
dhcp-range={POOL4[0]},{POOL4[1]},255.255.255.0,1h
dhcp-option=option:router,{WAN4}
dhcp-option=option:dns-server,{DNS4}
dhcp-leasefile=/run/dnsmasq.leases
address=/example/{INTERNET4}
address=/example/{internet6}
address=/rebind.example/lan/{INSIDE4}
local=/#/
"""


def start(isp: Isp) -> None:
    """Start them on an ISP that has started; return when they answer."""
    machine = isp.machine
    machine.run("ip", "-4", "address", "add", f"{WAN4}/24", "dev", "wan0")
    for address in (INTERNET4, DNS4):
        machine.run("ip", "-4", "address", "add", f"{address}/32", "dev", "lo")
    machine.write("/run/dnsmasq.conf", dnsmasq_config(isp.internet, isp.dns))
    machine.add_service("dnsmasq", DNSMASQ_RUN)
    server = Path(web.__file__).resolve()
    machine.add_service(
        "web", f"#!/usr/bin/execlineb -P\nfdmove -c 1 2\n{sys.executable} {server} 80\n"
    )
    for what, option, port in (
        ("DHCPv4 server", "-Hlnu", 67),
        ("DNS server", "-Hlnu", 53),
        ("web server", "-Hlnt", 80),
    ):
        _await_port(machine, what, option, port)


def _await_port(machine: Machine, what: str, option: str, port: int) -> None:
    wait.until(
        f"the ISP's {what} listens on port {port}",
        lambda: machine.run("ss", option, f"sport = :{port}"),
        evidence=machine.tail,
    )
