"""A wireless access point: radio and cable are one network; another box is its router.

eth0 leads to that router. The access point itself asks there for an address, to be reached by ssh.
"""

from services.dhcp4.definition import Dhcp4
from services.dns.definition import Resolver
from services.link.definition import Bridge, Ethernet
from services.model import Secret, Site, User
from services.ssh.definition import Ssh
from services.wlan.definition import AccessPoint

# The passphrase is a file on the device, /etc/frost/secrets/wifi, and never in here.
wifi = Secret(name="wifi")

port = Ethernet(name="port", ifname="eth0", ipv6=False)
radio = AccessPoint(
    name="radio",
    ifname="wlan0",
    ssid="Example",
    country="DE",  # the country that it stands in
    channel=36,
    passphrase=wifi,
    ipv6=False,
)
network = Bridge(name="network", ifname="br-lan", members=(port, radio))

address = Dhcp4(name="address", on=network)
names = Resolver(name="names", upstream=(address.outputs.dns,))

SITE = Site(
    hostname="ap",
    services=(port, radio, network, address, names, Ssh(name="ssh")),
    secrets=(wifi,),
    users=(User(name="root", keys=()),),
)
