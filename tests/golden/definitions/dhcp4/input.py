from services.dhcp4.definition import Dhcp4
from services.dns.definition import Resolver
from services.link.definition import Ethernet

wan = Ethernet(name="wan", ifname="eth0")
wan4 = Dhcp4(on=wan, hostname="router", metric=100)
SERVICES = (wan, wan4, Resolver(upstream=(wan4.outputs.dns,)))
