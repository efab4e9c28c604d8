"""A router behind a modem: the ISP wants a name and a password by PPPoE.

eth0 leads to the modem, eth1 is the LAN. home_router.py explains what is the same here.
"""

from services.link.definition import Ethernet
from services.model import Secret, Site, User
from services.ppp.definition import Pppoe
from services.profiles.definition import Gateway
from services.ssh.definition import Ssh

# The password is a file on the device, /etc/frost/secrets/isp-password, and never in here.
password = Secret(name="isp-password")

# Where the ISP wants a VLAN, it goes in between: Pppoe(on=Vlan(name="dsl", on=modem, id=7), ...).
modem = Ethernet(name="modem", ifname="eth0", ipv6=False)
wan = Pppoe(name="wan", on=modem, user="someone@isp.example", password=password)

# IPv4 comes with the session. DHCPv6 runs over it and asks for a prefix, but for no address, which
# many ISPs do not give there.
home = Gateway(
    wan=wan,
    ports=(Ethernet(name="lan", ifname="eth1"),),
    address="192.168.1.1/24",
)

SITE = Site(
    hostname="router",
    services=(*home.services, Ssh(name="ssh")),
    secrets=(password,),
    users=(User(name="root", keys=()),),
)
