"""The home router of home_router.py, service by service: for those who want something else.

What Gateway(...) makes there is written out here, and a test holds both to be the same. Copy this
one where the parameters of Gateway are not enough.
"""

from firewall.stock.home_router import home_router
from services.dhcp4.definition import Dhcp4
from services.dhcp6.definition import Dhcp6, Lan
from services.dns.definition import Dns
from services.firewall.definition import PacketFilter, zone
from services.lan.definition import DhcpServer
from services.link.definition import Address, Bridge, Ethernet
from services.model import Site, User
from services.ra.definition import RouterAdvertisements
from services.ssh.definition import Ssh

# The links. Members join the bridge when they have a carrier; they need no addresses themselves.
wan = Ethernet(name="wan", ifname="eth0")
port1 = Ethernet(name="port1", ifname="eth1", ipv6=False)
port2 = Ethernet(name="port2", ifname="eth2", ipv6=False)
lan = Bridge(name="lan", ifname="br-lan", members=(port1, port2))

# IPv4: an address from the ISP; a network of our own behind it, which the firewall hides.
wan4 = Dhcp4(name="wan4", on=wan, hostname="router")
lan4 = Address(name="lan4", on=lan, address="192.168.1.1/24")

# IPv6: the ISP delegates a prefix, the LAN gets the first /64 of it, and one of a unique local
# prefix that stays when the ISP renumbers.
wan6 = Dhcp6(name="wan6", on=wan, lans=(Lan(on=lan, id=1),))

# Names: whom to ask is what the ISP tells, IPv6 first. router.lan is this router.
dns = Dns(name="dns", links=(lan,), upstream=(wan6.outputs.dns, wan4.outputs.dns))

# Hosts get IPv4 addresses by DHCP, and their names are in DNS. IPv6 they learn from advertisements,
# and that the router answers their queries; they hear of it when the ISP takes a prefix back.
dhcp = DhcpServer(
    name="dhcp",
    address=lan4,
    first="192.168.1.100",
    last="192.168.1.249",
    names=dns,
    ipv6="stateless",
)
ra = RouterAdvertisements(name="ra", lease=wan6, dhcp=(dhcp,))

# Nothing comes in from the internet but answers; hosts inside reach everything and the services
# that `home_router` offers them (DNS, DHCP, ssh, time). Other choices: firewall/README.md.
firewall = PacketFilter(
    name="firewall",
    ruleset=home_router(
        wan=zone("wan", wan),
        lan=zone("lan", lan),
        prefixes=wan6.prefixes,
        advertiser=ra.name,
        address=wan4.outputs.address.path,
    ),
)

# Remote login, by key alone. The firewall lets nobody outside get here.
ssh = Ssh(name="ssh")

SITE = Site(
    hostname="router",
    services=(wan, port1, port2, lan, wan4, lan4, dhcp, wan6, ra, dns, firewall, ssh),
    # Put your own public key here (~/.ssh/id_ed25519.pub): nobody can log in before.
    users=(User(name="root", keys=()),),
)
