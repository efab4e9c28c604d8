"""A home router with two radios, for tests/machine/test_wlan.py: networks for the home and for
guests at 5 GHz, one for the garden at 2.4.

The radios are mac80211_hwsim's, and wait for calibration data as real ones would; its others are
for the test's own stations.
"""

from firewall.stock.home_router import home_router
from services.dhcp4.definition import Dhcp4
from services.dhcp6.definition import Dhcp6, Lan
from services.dns.definition import Dns
from services.firewall.definition import PacketFilter, zone
from services.lan.definition import DhcpServer
from services.link.definition import Address, Bridge, Ethernet
from services.model import Debian, Module, Secret, Site, User
from services.ra.definition import RouterAdvertisements
from services.ssh.definition import Ssh
from services.wlan.definition import AccessPoint, Calibration, Driver, Ssid

wifi = Secret(name="wifi")
visitors = Secret(name="visitors")

wan = Ethernet(name="wan", ifname="eth0")
port = Ethernet(name="port", ifname="eth1", ipv6=False)
driver = Driver(
    name="driver",
    modules=("mac80211_hwsim",),
    calibration=(
        Calibration(partition="mtdram test device", offset=4096, size=64, file="radio/cal.bin"),
    ),
)
guests = Ssid(
    name="guests",
    ifname="wlan0-1",
    ssid="Café",
    passphrase=visitors,
    security="wpa2",
    hidden=True,
    isolated=True,
    ipv6=False,
)
radio = AccessPoint(
    name="radio",
    ssid="Home",
    country="DE",
    channel=36,
    passphrase=wifi,
    more=(guests,),
    driver=driver,
    ipv6=False,
)
garden = AccessPoint(
    name="garden",
    ifname="wlan3",
    ssid="Garden",
    country="DE",
    channel=6,
    standard="ax",
    passphrase=wifi,
    driver=driver,
    ipv6=False,
)
lan = Bridge(name="lan", ifname="br-lan", members=(port, radio, garden))
guest = Bridge(name="guest", ifname="br-guest", members=(guests,))

wan4 = Dhcp4(name="wan4", on=wan)
lan4 = Address(name="lan4", on=lan, address="192.168.1.1/24")
guest4 = Address(name="guest4", on=guest, address="192.168.2.1/24")
wan6 = Dhcp6(name="wan6", on=wan, lans=(Lan(on=lan, id=1), Lan(on=guest, id=2)))
ra = RouterAdvertisements(name="ra", lease=wan6)

SITE = Site(
    hostname="router",
    services=(
        *(wan, port, driver, radio, guests, garden, lan, guest, wan4, lan4, guest4, wan6, ra),
        DhcpServer(name="dhcp", address=lan4, first="192.168.1.100", last="192.168.1.249"),
        DhcpServer(name="dhcp2", address=guest4, first="192.168.2.100", last="192.168.2.249"),
        Dns(name="dns", links=(lan, guest), upstream=(wan6.outputs.dns, wan4.outputs.dns)),
        PacketFilter(
            name="firewall",
            ruleset=home_router(
                wan=zone("wan", wan),
                lan=zone("lan", lan),
                guest=zone("guest", guest),
                prefixes=wan6.prefixes,
                advertiser=ra.name,
                address=wan4.outputs.address.path,
            ),
        ),
        Ssh(name="ssh"),
    ),
    users=(User(name="root", keys=()),),
    secrets=(wifi, visitors),
    modules=(Module("mtdram"),),
    packages=(
        Debian("iw", ("usr/sbin/iw",)),
        Debian("iproute2", ("usr/bin/ip",)),  # tests/machine/leavings.py
        Debian("wpasupplicant", ("usr/sbin/wpa_supplicant",)),  # the stations'
    ),
)
