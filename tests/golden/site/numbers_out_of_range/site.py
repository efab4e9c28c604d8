from services.dns.definition import Dns
from services.link.definition import Ethernet
from services.model import Site
from services.ssh.definition import Ssh

port = Ethernet(name="port", ifname="eth0", mtu=20)

ssh = [Ssh(name=name, port=port) for name, port in (("one", 22), ("two", 70000))]

SITE = Site(hostname="box", services=(port, Ssh(port=70022), Dns(upstream=(), cache=-1)))
