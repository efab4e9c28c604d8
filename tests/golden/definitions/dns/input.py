from services.dhcp4.definition import Dhcp4
from services.dns.definition import Dns, Forward, Name
from services.link.definition import Ethernet

wan = Ethernet(name="wan", ifname="eth0")
lan = Ethernet(name="lan", ifname="eth1")
wan4 = Dhcp4(on=wan)
dns = Dns(
    links=(lan,),
    upstream=(wan4.outputs.dns,),
    domain="home.arpa",
    hosts=(
        Name(name="nas.home.arpa", address="192.168.1.10"),
        Name(name="nas.home.arpa", address="fd00::10"),
    ),
    forwards=(Forward(domain="corp.example", server="10.0.0.1"),),
    cache=100,
)
SERVICES = (wan, lan, wan4, dns)
