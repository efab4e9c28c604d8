from services.lan.definition import DhcpServer
from services.link.definition import Address, Ethernet
from services.model import Site

lan = Ethernet(name="lan", ifname="eth1")
lan4 = Address(name="lan4", on=lan, address="192.168.1.1/24")
dhcp = DhcpServer(address=lan4, first="192.168.1.100", last="192.168.1.149")
more = DhcpServer(name="more", address=lan4, first="192.168.1.150", last="192.168.1.199")

SITE = Site(hostname="router", services=(lan, lan4, dhcp, more))
