"""A wireless access point: radio and cable are one network; another box is its router.

eth0 leads to that router. The access point itself asks there for an address, to be reached by ssh.
"""

from services.link.definition import Ethernet
from services.model import Secret, Site, User
from services.profiles.definition import AccessPointBox
from services.ssh.definition import Ssh
from services.wlan.definition import AccessPoint

# The passphrase is a file on the device, /etc/frost/secrets/wifi, and never in here.
wifi = Secret(name="wifi")

radio = AccessPoint(
    name="radio",
    ifname="wlan0",
    ssid="Example",
    country="DE",  # the country that it stands in
    channel=36,
    passphrase=wifi,
    ipv6=False,
)
box = AccessPointBox(port=Ethernet(name="port", ifname="eth0", ipv6=False), radios=(radio,))

SITE = Site(
    hostname="ap",
    services=(*box.services, Ssh(name="ssh")),
    secrets=(wifi,),
    users=(User(name="root", keys=()),),
)
