from firewall.ruleset.model import Output, Values
from firewall.stock.home_router import home_router
from services.dhcp6.definition import Dhcp6, Lan
from services.firewall.definition import PacketFilter, zone
from services.link.definition import Ethernet
from services.model import Site

wan = Ethernet(name="wan", ifname="eth0")
lan = Ethernet(name="lan", ifname="eth1")
wan6 = Dhcp6(on=wan, lans=(Lan(on=lan, id=1),))
firewall = PacketFilter(
    ruleset=home_router(
        wan=zone("wan", wan, Output("wan6/ifnam")),
        lan=zone("lan", lan, Output("ppp/ifname")),
        prefixes="wan6-prefix",
    ),
)

SITE = Site(hostname="router", services=(wan, lan, wan6, firewall))
