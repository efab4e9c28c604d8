from services.link.definition import Bridge, Ethernet
from services.model import Site
from services.ssh.definition import Ssh

port = Ethernet(name="lan", ifname="eth1")
lan = Bridge(name="lan", members=(port,))
clash = Ssh(name="lan-lan")

SITE = Site(hostname="router", services=(port, lan, clash))
