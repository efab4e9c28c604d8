"""A first evening with frostgate."""

from firewall.stock.home_router import home_router
from services.dhcp6.definition import Dhcp6, Lan
from services.dns.definition import Dns
from services.firewall.definition import PacketFilter, zone
from services.lan.definition import DhcpServer
from services.link.definition import Address, Bridge, Ethernet
from services.model import Site, User
from services.ssh.definition import Ssh

wan = Ethernet(name="wan", ifname="eth0", mtu=1500000)
port = Ethernet(name="port", ifname="eth1")
lan = Bridge(name="lan", members=[port])
lan4 = Address(name="lan4", on=lan, address="192.168.1.0/24")
dhcp = DhcpServer(address=lan4, first="192.168.1.100", last="192.168.1.10")
wan6 = Dhcp6(on=wan, lans=(Lan(on=lan, id=1, sufix="::2"),))
dns = Dns(upstream=(wan6.outputs.servers,), hosts=("nas=192.168.1.10",))
firewall = PacketFilter(ruleset=home_router(wan=zone("wan", wan), lan=zone("lan", lan)))

SITE = Site(
    hostname="my router",
    services=(wan, lan, lan4, dhcp, wan6, dns, firewall, Ssh(port=22), Ssh(name="ssh2")),
    users=(User(keys=("ssh-rsa",)),),
)
