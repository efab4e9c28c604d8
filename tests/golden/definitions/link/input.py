from services.link.definition import Bridge, Ethernet, Vlan

eth0 = Ethernet(name="eth0", ifname="eth0", by="mac=02:00:5e:00:53:10", mac="02:00:5e:00:53:77")
wan = Ethernet(name="wan", ifname="wan", by="path=0000:00:04.0", mtu=1508)
dsl = Vlan(name="dsl", on=wan, id=7, mtu=1508)
tv = Vlan(name="tv", ifname="tv", on=dsl, id=8, tag="802.1ad", ipv6=False)
lan = Bridge(name="lan", members=(eth0, tv))
SERVICES = (eth0, wan, dsl, tv, lan)
