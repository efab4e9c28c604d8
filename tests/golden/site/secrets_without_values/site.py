# arguments: --secrets values
from services.model import Secret, Site

SITE = Site(
    hostname="box",
    services=(),
    secrets=(
        Secret(name="wlan"),
        Secret(name="ppp"),
    ),
)
