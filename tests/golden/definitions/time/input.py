from services.dhcp4.definition import Dhcp4
from services.link.definition import Ethernet
from services.time.definition import Time

wan = Ethernet(name="wan", ifname="eth0")
wan4 = Dhcp4(on=wan)
SERVICES = (
    wan,
    wan4,
    Time(
        servers=("ntp.example", "192.0.2.123", "2001:db8::123"),
        upstream=(wan4.outputs.ntp,),
        serve=("192.168.1.0/24", "fd00::/8"),
    ),
)
