from services.dns.definition import Dns
from services.link.definition import Ethernet
from services.model import Site

lan = Ethernet(name="lan", ifname="eth1")

SITE = Site(
    hostname="router",
    services=(
        lan,
        Dns(
            upstream=(),
            link=(lan,),
            cahce=500,
        ),
    ),
)
