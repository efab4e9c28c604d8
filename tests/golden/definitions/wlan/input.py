from services.link.definition import Bridge
from services.model import Secret
from services.wlan.definition import AccessPoint, Calibration, Driver, Ssid, Station

wifi = Secret(name="wifi")
visitors = Secret(name="visitors")
guests = Ssid(
    name="guests", ifname="wlan0-1", ssid='Café "#1"', passphrase=visitors, security="wpa2",
    isolated=True, mac="02:00:5e:00:53:01", ipv6=False,
)  # fmt: skip
hidden = Ssid(
    name="hidden", ifname="wlan0-2", ssid="Cellar", passphrase=wifi, security="wpa3", hidden=True
)
driver = Driver(
    name="ath10k",
    modules=("ath10k_pci",),
    calibration=(
        Calibration(
            partition="ART", offset=0x5000, size=2116, file="ath10k/cal-pci-0000:00:00.0.bin"
        ),
    ),
)
fast = AccessPoint(
    name="fast", ifname="wlan0", ssid="Two words", country="DE", channel=40, passphrase=wifi,
    standard="ax", more=(guests, hidden), driver=driver, ipv6=False,
)  # fmt: skip
slow = AccessPoint(
    name="slow", ifname="wlan1", ssid="x", country="FR", channel=11, passphrase=wifi,
    security="wpa2", driver=("ath9k",),
)  # fmt: skip
SERVICES = (
    driver,
    fast,
    guests,
    hidden,
    slow,
    Station(name="uplink", ifname="wlan2", ssid="Next door", country="DE", passphrase=visitors),
    Bridge(name="guest-lan", ifname="br-guest", members=(guests,)),
)
