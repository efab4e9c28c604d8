from services.link.definition import Address, Ethernet
from services.route.definition import Route

lan = Ethernet(name="lan", ifname="eth1")
SERVICES = (
    lan,
    Address(name="here", on=lan, address="192.168.1.1/24"),
    Route(name="lab", to="10.8.0.0/16", on=lan, via="192.168.1.2", metric=50),
    Route(name="lab6", to="2001:db8:8::/48", on=lan, via="fe80::2"),
    Route(name="near", to="192.0.2.0/24", on=lan),
    Route(name="martians", to="10.0.0.0/8", type="unreachable"),
)
