from services.link.definition import Ethernet

port = Ethernet(name="port", ifname="eth0")
