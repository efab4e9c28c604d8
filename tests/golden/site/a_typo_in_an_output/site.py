from services.dhcp6.definition import Dhcp6
from services.dns.definition import Dns
from services.link.definition import Ethernet
from services.model import Site

wan = Ethernet(name="wan", ifname="eth0")
wan6 = Dhcp6(name="wan6", on=wan)
dns = Dns(upstream=(wan6.outputs.nds, wan6.dns))

SITE = Site(hostname="router", services=(wan, wan6, dns))
