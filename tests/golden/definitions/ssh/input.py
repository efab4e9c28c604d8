from services.link.definition import Address, Ethernet
from services.model import Secret
from services.ssh.definition import Ssh

lan = Ethernet(name="lan", ifname="eth1")
four = Address(name="four", on=lan, address="192.0.2.1/24")
six = Address(name="six", on=lan, address="2001:db8::1/64")
SERVICES = (
    lan,
    four,
    six,
    Ssh(name="ssh", at=(four, six), port=2222),
    Ssh(name="ssh-out", passwords=True, forwarding=True, keys=Secret(name="admins", lines=True)),
)
