from services.model import Secret
from services.wlan.definition import AccessPoint

wifi = Secret(name="wifi")
SERVICES = (
    AccessPoint(
        name="fast", ifname="wlan0", ssid="Two words", country="DE", channel=36, passphrase=wifi
    ),
    AccessPoint(
        name="slow",
        ifname="wlan1",
        ssid="x",
        country="FR",
        channel=11,
        passphrase=wifi,
        security="wpa2",
        driver=("ath9k",),
    ),
)
