from services.link.definition import Bridge, Ethernet

eth0 = Ethernet(name="eth0", ifname="eth0", by="mac=02:00:5e:00:53:10", mac="02:00:5e:00:53:77")
wan = Ethernet(name="wan", ifname="wan", by="path=0000:00:04.0", mtu=1508)
SERVICES = (eth0, wan, Bridge(name="lan", members=(eth0,)))
