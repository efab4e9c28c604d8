from services.link.definition import Ethernet
from services.model import Secret
from services.ppp.definition import Pppoe

modem = Ethernet(name="modem", ifname="eth0")
SERVICES = (
    modem,
    Pppoe(on=modem, user="someone@isp.example", password=Secret(name="isp"), mtu=1480, metric=700),
)
