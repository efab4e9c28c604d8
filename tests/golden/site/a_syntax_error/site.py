from services.link.definition import Ethernet
from services.model import Site

port = Ethernet(name="port", ifname="eth0"

SITE = Site(hostname="box", services=(port,))
