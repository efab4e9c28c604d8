from house import LINKS
from services.link.definition import Ethernet
from services.model import Site

SITE = Site(hostname="box", services=tuple(Ethernet(name=each, ifname=each) for each in LINKS))
