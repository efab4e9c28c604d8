from services.link.definition import Ethernet
from services.ssh.definition import Ssh

lan = Ethernet(name="lan", ifname="eth1")
SERVICES = (
    lan,
    Ssh(name="ssh", on=lan, port=2222),
    Ssh(name="ssh-out", addresses=("192.0.2.1", "2001:db8::1"), passwords=True, forwarding=True),
)
