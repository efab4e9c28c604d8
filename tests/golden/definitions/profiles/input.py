from services.lan.definition import Reservation
from services.link.definition import Ethernet
from services.model import Secret
from services.ppp.definition import Pppoe
from services.profiles.definition import Gateway

modem = Ethernet(name="modem", ifname="eth0", ipv6=False)
isp = Secret(name="isp")
home = Gateway(
    wan=Pppoe(name="wan", on=modem, user="someone@isp.example", password=isp),
    ports=(Ethernet(name="lan", ifname="eth1"),),
    address="10.0.0.1/16",
    first="10.0.1.0",
    last="10.0.9.255",
    hosts=(Reservation(mac="02:00:5e:00:53:01", address="10.0.0.10", name="nas"),),
)
SERVICES = home.services
