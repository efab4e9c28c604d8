from services.link.definition import Bridge, Ethernet, Vlan

wan = Ethernet(name="wan", ifname="eth0", mtu=1508)
dsl = Vlan(name="dsl", on=wan, id=7, mtu=1508)
tv = Vlan(name="tv", ifname="tv", on=dsl, id=8, tag="802.1ad", ipv6=False)
SERVICES = (wan, dsl, tv, Bridge(name="lan", members=(tv,)))
