from services.dhcp6.definition import Dhcp6, Lan
from services.dns.definition import Dns, Name
from services.lan.definition import DhcpServer, Reservation
from services.link.definition import Address, Bridge, Ethernet
from services.ra.definition import AdvertisedLan, RouterAdvertisements

wan = Ethernet(name="wan", ifname="eth0")
lan = Bridge(name="lan", members=())
guest = Ethernet(name="guest", ifname="eth2")
lan4 = Address(name="lan4", on=lan, address="192.168.1.1/24")
guest4 = Address(name="guest4", on=guest, address="192.168.2.1/24")
wan6 = Dhcp6(
    on=wan,
    lans=(Lan(on=lan, id=1, lease_time=600), Lan(on=guest, id=2)),
    address=False,
    ula="fd12:3456:789a::/48",
)
dns = Dns(
    links=(lan, guest),
    upstream=(wan6.outputs.dns,),
    hosts=(Name(name="nas.lan", suffix="::77", on=lan),),
)
dhcp = DhcpServer(
    address=lan4,
    first="192.168.1.100",
    last="192.168.1.199",
    names=dns,
    ipv6="stateful",
    lease_time6=600,
    first6="::a:0",
    last6="::a:ffff",
    dns=("192.168.1.2", "fd00::2", "fd00::3"),
    ntp=("fd00::2",),
    hosts=(
        Reservation(
            mac="02:00:5e:00:53:01",
            duid="00:03:00:01:02:00:5e:00:53:01",
            address="192.168.1.10",
            suffix="::10",
            name="nas",
        ),
        Reservation(duid="00:04:01:02", suffix="::11"),
    ),
)
guests = DhcpServer(
    name="guests",
    address=guest4,
    first="192.168.2.100",
    last="192.168.2.199",
    names=dns,
    ipv6="stateless",
    domain="guest",
    upstream=(wan6.outputs.domains, wan6.outputs.ntp),
)
ra = RouterAdvertisements(
    lease=wan6,
    dhcp=(dhcp, guests),
    lans=(AdvertisedLan(on=lan), AdvertisedLan(on=guest, preference="low")),
)
SERVICES = (wan, lan, guest, lan4, guest4, wan6, dns, dhcp, guests, ra)
