"""The smallest site: a box on a network, with a fixed address and remote login.

frostgate run examples/minimal.py
"""

from services.link.definition import Address, Ethernet
from services.model import Site, User
from services.ssh.definition import Ssh

port = Ethernet(name="port", ifname="eth0")

SITE = Site(
    hostname="box",
    services=(
        port,
        Address(name="address", on=port, address="192.168.1.2/24"),
        Ssh(),
    ),
    # Put your own key here: nobody can log in before.
    users=(User(name="root", keys=()),),
)
