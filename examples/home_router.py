"""A home router: the ISP gives addresses by DHCP, the LAN gets IPv6 and IPv4. Read this one first.

A site is this one file. Every service is a value with a name; values refer to each other, so an
editor completes them and a mistake is told with its line before anything is built:

    frostgate check examples/home_router.py
    frostgate run examples/home_router.py --isp       # in QEMU, with an ISP to play with

eth0 leads to the ISP, eth1 and eth2 are the LAN.
"""

from services.link.definition import Ethernet
from services.model import Site, User
from services.profiles.definition import Gateway
from services.ssh.definition import Ssh

# The usual services of a home, in one: DHCP clients for IPv4 and IPv6, a bridge of the ports, DHCP
# and advertisements for its hosts, their names, the firewall. Nothing comes in but answers.
# Change what is different at home by its parameters: docs/reference.md has them all. Where
# they are not enough, home_router_in_full.py has the same router, service by service.
home = Gateway(
    wan=Ethernet(name="wan", ifname="eth0"),
    # They join the bridge when they have a carrier, and need no addresses themselves.
    ports=(
        Ethernet(name="port1", ifname="eth1", ipv6=False),
        Ethernet(name="port2", ifname="eth2", ipv6=False),
    ),
    address="192.168.1.1/24",
    hostname="router",
)

# Remote login, by key alone. The firewall lets nobody outside get here.
ssh = Ssh(name="ssh")

SITE = Site(
    hostname="router",
    # More services go behind these. They refer to what is there: home.lan, home.dns, home.wan6...
    services=(*home.services, ssh),
    # Put your own public key here (~/.ssh/id_ed25519.pub): nobody can log in before.
    users=(User(name="root", keys=()),),
)
