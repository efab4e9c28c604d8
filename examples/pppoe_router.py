"""A router behind a modem: the ISP wants a name and a password by PPPoE.

eth0 leads to the modem, eth1 is the LAN. home_router.py explains what is the same here.
"""

from firewall.stock.home_router import home_router
from services.dhcp6.definition import Dhcp6, Lan
from services.dns.definition import Dns
from services.firewall.definition import PacketFilter, zone
from services.lan.definition import DhcpServer
from services.link.definition import Address, Ethernet
from services.model import Secret, Site, User
from services.ppp.definition import Pppoe
from services.ra.definition import RouterAdvertisements
from services.ssh.definition import Ssh

# The password is a file on the device, /etc/frost/secrets/isp-password, and never in here.
password = Secret(name="isp-password")

modem = Ethernet(name="modem", ifname="eth0", ipv6=False)
wan = Pppoe(name="wan", on=modem, user="someone@isp.example", password=password)
lan = Ethernet(name="lan", ifname="eth1")

lan4 = Address(name="lan4", on=lan, address="192.168.1.1/24")

# DHCPv6 runs over the ppp link; many ISPs delegate a prefix there and give no address.
wan6 = Dhcp6(name="wan6", on=wan, lans=(Lan(on=lan, id=1),), address=False)

dns = Dns(name="dns", links=(lan,), upstream=(wan6.outputs.dns, wan.outputs.dns))
dhcp = DhcpServer(
    name="dhcp",
    address=lan4,
    first="192.168.1.100",
    last="192.168.1.249",
    names=dns,
    ipv6="stateless",
)
ra = RouterAdvertisements(name="ra", lease=wan6, dhcp=(dhcp,))

firewall = PacketFilter(
    name="firewall",
    ruleset=home_router(
        wan=zone("wan", wan),
        lan=zone("lan", lan),
        clamped=True,  # TCP's segments fit the smaller packets of the ppp link
        prefixes=wan6.prefixes,
        advertiser=ra.name,
        address=wan.outputs.address.path,
    ),
)

SITE = Site(
    hostname="router",
    services=(modem, wan, lan, lan4, dhcp, wan6, ra, dns, firewall, Ssh(name="ssh")),
    secrets=(password,),
    users=(User(name="root", keys=()),),
)
