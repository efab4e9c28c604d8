from services.dhcp4.definition import Dhcp4
from services.link.definition import Ethernet

wan = Ethernet(name="wan", ifname="eth0")
SERVICES = (wan, Dhcp4(on=wan, hostname="router", metric=100))
