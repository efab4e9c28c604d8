from services.dhcp6.definition import Dhcp6
from services.link.definition import Ethernet, Vlan
from services.model import Secret
from services.ppp.definition import L2tp, Pppoe, Serial

modem = Ethernet(name="modem", ifname="eth0")
isp = Secret(name="isp")
wan = Pppoe(on=modem, user="someone@isp.example", password=isp, mtu=1480, metric=700, redial=10)
jumbo = Ethernet(name="jumbo", ifname="eth1", mtu=1508)
dsl = Vlan(name="dsl", on=jumbo, id=7)
SERVICES = (
    modem,
    wan,
    jumbo,
    dsl,
    Pppoe(name="wide", ifname="ppp-wide", on=dsl, user="someone", password=isp, mtu=1500),
    Dhcp6(on=wan, address=False),
    L2tp(name="tunnel", on=modem, server="l2tp.isp.example", user="someone", password=isp),
    Serial(name="mobile", tty="ttyUSB2", apn="internet", commands=("AT+CFUN=1",)),
    Serial(
        name="fax", tty="ttyS1", ifname="ppp-fax", dial="0W5550123", user="someone", password=isp,
        speed=57600, ipv6=False,
    ),
)  # fmt: skip
