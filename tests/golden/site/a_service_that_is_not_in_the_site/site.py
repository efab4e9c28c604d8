from services.dhcp6.definition import Dhcp6
from services.dns.definition import Dns
from services.link.definition import Address, Ethernet
from services.model import Site

wan = Ethernet(name="wan", ifname="eth0")
lan = Ethernet(name="lan", ifname="eth1")
wan6 = Dhcp6(name="wan6", on=wan)
lan4 = Address(name="lan4", on=lan, address="192.168.1.1/24")
dns = Dns(upstream=(wan6.outputs.dns,), links=(lan,))

SITE = Site(hostname="router", services=(wan, lan4, dns))
