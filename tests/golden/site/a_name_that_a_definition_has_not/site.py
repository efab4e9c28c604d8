from services.link.definition import Ethernet, Brigde
from services.model import Site

SITE = Site(hostname="box", services=())
