from services.link.definition import Address, Bridge, Ethernet

port = Ethernet(name="port", ifname="eth1", mtu=1492, mac="02:00:5e:00:53:01", ipv6=False)
lan = Bridge(name="lan", ifname="br0", members=(port,))
SERVICES = (port, lan, Address(name="ula", on=lan, address="fd00::1/64"))
