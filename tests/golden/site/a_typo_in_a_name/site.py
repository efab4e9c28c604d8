from services.link.definition import Ethernet
from services.model import Site
from services.ssh.definition import Ssh

port = Ethernet(name="port", ifname="eth0")
ssh = Ssh(port=70022)

SITE = Site(hostname="box", services=(port, shs))
