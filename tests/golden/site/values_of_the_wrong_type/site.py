from services.dhcp6.definition import Dhcp6
from services.dns.definition import Dns
from services.link.definition import Address, Ethernet
from services.model import Site
from services.ssh.definition import Ssh

wan = Ethernet(name="wan", ifname="eth0")
wan6 = Dhcp6(name="wan6", on="eth0")
ssh = Ssh(port="22", passwords="no")
dns = Dns(upstream=("2001:db8::53", wan6, wan6.outputs.dns), links=wan)
address = Address(name="address", on=Ethernet, address=192)

SITE = Site(hostname="router", services=[wan, wan6, ssh, dns, address])
