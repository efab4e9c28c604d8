# arguments: --target qemu-x86_64
from own import Script
from services.link.definition import Bridge, Ethernet
from services.model import Site, link

port = Ethernet(name="port", ifname="eth9")
lan = Bridge(name="lan", ifname="br-lan", members=(port,))
script = Script(name="script", needs=link("br-lna"))
taken = Bridge(name="taken", ifname="eth2", members=())

SITE = Site(hostname="router", services=(port, lan, script, taken))
