from services.dhcp6.definition import Dhcp6, Lan
from services.link.definition import Ethernet
from services.model import Site

wan = Ethernet(name="wan", ifname="eth0")
spare = Ethernet(name="spare", ifname="eth1")
lan = Ethernet(name="lan", ifname="eth2")
wan6 = Dhcp6(name="wan6", on=wan, lans=(Lan(on=lan, id=1),))
spare6 = Dhcp6(name="spare6", on=spare, lans=(Lan(on=lan, id=1),))

SITE = Site(hostname="router", services=(wan, spare, lan, wan6, spare6))
