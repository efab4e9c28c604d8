from services.lan.definition import DhcpServer
from services.link.definition import Address, Ethernet
from services.model import Site

lan = Ethernet(name="lan", ifname="eth1")
lan4 = Address(name="lan4", on=lan, address="192.168.1.1")
guest = Ethernet(name="guest", ifname="eth2", mac="02-00-5E-00-53-01")
guest4 = Address(name="guest4", on=guest, address="192.168.2.1/24")
dhcp = DhcpServer(address=lan4, first="192.168.1.100", last="192.168.1.200")
more = DhcpServer(name="more", address=guest4, first="192.168.1.100", last="192.168.2.300")

SITE = Site(hostname="router", services=(lan, lan4, guest, guest4, dhcp, more))
