from services.link.definition import Bridge, Ethernet
from services.model import Site, link

port = Ethernet(name="port", ifname="enx02005e0053010")
lan = Bridge(name="lan", members=(port,), ifname="br lan")
condition = link("wireless-network")

SITE = Site(hostname="router", services=(port, lan))
