from services.dhcp6.definition import Dhcp6, Lan
from services.link.definition import Ethernet
from services.ra.definition import AdvertisedLan, RouterAdvertisements

wan = Ethernet(name="wan", ifname="eth0")
lan = Ethernet(name="lan", ifname="eth1")
guests = Ethernet(name="guests", ifname="eth2")
uplink = Dhcp6(
    on=wan,
    lans=(Lan(on=lan, id=1, suffix="::ff", priority=2), Lan(on=guests, id=0xAB)),
    address=False,
    hold=2.5,
)
told = AdvertisedLan(
    on=guests, interval=60, other=True, preference="low", mtu=1280, dns=("none",), domains=("none",)
)
SERVICES = (wan, lan, guests, uplink, RouterAdvertisements(lease=uplink, lans=(told,)))
