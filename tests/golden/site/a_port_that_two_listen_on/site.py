from services.dns.definition import Dns
from services.link.definition import Ethernet
from services.model import Site
from services.ssh.definition import Ssh

port = Ethernet(name="port", ifname="eth0")
again = Ethernet(name="again", ifname="eth0")
ssh = Ssh()
second = Ssh(name="second", passwords=True)

SITE = Site(hostname="box", services=(port, again, ssh, second))
