from firewall.stock.home_router import home_router
from services.firewall.definition import PacketFilter, zone
from services.link.definition import Ethernet

wan = Ethernet(name="wan", ifname="eth0")
lan = Ethernet(name="lan", ifname="eth1")
SERVICES = (
    wan,
    lan,
    PacketFilter(ruleset=home_router(wan=zone("wan", wan), lan=zone("lan", lan), offload=True)),
)
