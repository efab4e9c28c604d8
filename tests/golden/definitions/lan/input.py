from services.lan.definition import DhcpServer, Reservation
from services.link.definition import Address, Ethernet

lan = Ethernet(name="lan", ifname="eth1")
address = Address(name="address", on=lan, address="10.1.0.1/16")
SERVICES = (
    lan,
    address,
    DhcpServer(
        address=address,
        first="10.1.1.0",
        last="10.1.255.254",
        lease_time=600,
        hosts=(
            Reservation(mac="02:00:5e:00:53:01", address="10.1.0.10", name="nas"),
            Reservation(mac="02:00:5e:00:53:02", address="10.1.0.11"),
        ),
        router=False,
        dns=("10.1.0.2", "10.1.0.3"),
        ntp=("10.1.0.2",),
        domain="",
    ),
)
