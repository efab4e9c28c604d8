from services.link.definition import Ethernet
from services.dnsmasq.definition import Dns
from services.model import Site

SITE = Site(hostname="box", services=(Dns(),))
