"""wlan: hostapd makes a radio an access point, a link that a bridge can have as a member."""

from services.link.definition import NAME, Link
from services.model import (
    Debian,
    Delivered,
    File,
    Module,
    Resource,
    Secret,
    Unit,
    kinds,
    link,
    longrun,
    oneshot,
    parameter,
)
from services.site import places
from services.site.conditions import ServiceIs

CHANNELS24 = tuple(range(1, 14))
CHANNELS5 = (36, 40, 44, 48, 52, 56, 60, 64, *range(100, 145, 4), 149, 153, 157, 161, 165)
# The key management of each choice, and whether management frames are protected (IEEE 802.11w).
SECURITY = {
    "wpa2": ("WPA-PSK", 0),
    "wpa2+wpa3": ("WPA-PSK SAE", 1),
    "wpa3": ("SAE", 2),
}


class AccessPoint(Link):
    """One radio with one network (SSID)."""

    ifname: str = parameter("the radio's name in the kernel", NAME, default="wlan0")
    ssid: str = parameter(
        "the network's name, 1 to 32 characters",
        kinds.text("1 to 32 printable ASCII characters, no blank at either end",
                   r"[!-~]([ -~]{0,30}[!-~])?"),
    )  # fmt: skip
    country: str = parameter(
        "the country that the router is in: its law says what a radio may do",
        kinds.text("a country's two capital letters (ISO 3166)", r"[A-Z]{2}"),
    )
    channel: int = parameter(
        "the channel: 1 to 13 is 2.4 GHz, 36 and more 5 GHz",
        kinds.number(1, 165),
    )
    passphrase: Secret = parameter("the secret that clients know: 8 to 63 characters")
    security: str = parameter(
        "what clients must be able to do", kinds.choice(*SECURITY), default="wpa2+wpa3"
    )
    driver: tuple[str, ...] = parameter(
        "the radio's kernel modules, where the kernel does not find them by itself",
        kinds.each(kinds.text("a kernel module's name", r"[A-Za-z0-9_-]{1,60}")),
        default=(),
    )

    def check(self) -> None:
        if self.channel and self.channel not in CHANNELS24 + CHANNELS5:
            known = " ".join(map(str, CHANNELS24 + CHANNELS5))
            self.tell("channel", f"expected one of {known}, got {self.channel}")

    @property
    def _file(self) -> str:
        return f"/etc/frost/{self.name}.conf"

    def units(self) -> tuple[Unit, ...]:
        """The configuration with its secret, and the daemon."""
        whole = f"{places.RUN}/secrets/{self.name}.conf"
        secret = f"{self.name}-secret"
        configuration = oneshot(
            secret,
            *("with_secret", "hostapd", self.passphrase.name, self._file, whole),
            stop=("with_secret", "-r", whole),
            description="hostapd's configuration with the passphrase",
            where=self.where,
        )
        return (
            configuration,
            longrun(
                self.name,
                *("hostapd", whole),
                needs=ServiceIs(secret, where=self.where) & link(self.ifname, "present"),
                description=f"the access point {self.ssid}",
                where=self.where,
            ),
        )

    def resources(self) -> tuple[Resource, ...]:
        return (
            *super().resources(),
            Debian("hostapd", ("usr/sbin/hostapd",), self.where),
            Delivered(self.passphrase.name, self.where),
            File(self._file, render(self), where=self.where),
            *(Module(name, where=self.where) for name in self.driver),
        )


def render(ap: AccessPoint) -> str:
    """hostapd's configuration, all but the secret. No value has a newline."""
    management, protection = SECURITY.get(ap.security, SECURITY["wpa2"])
    fast = ap.channel > 13
    lines = [
        f"interface={ap.ifname}",
        "driver=nl80211",
        f"ssid={ap.ssid}",
        "utf8_ssid=1",
        f"country_code={ap.country}",
        "ieee80211d=1",
        f"hw_mode={'a' if fast else 'g'}",
        f"channel={ap.channel}",
        "ieee80211n=1",
        *(["ieee80211ac=1", "ieee80211h=1"] if fast else []),
        "wmm_enabled=1",
        "auth_algs=1",
        "wpa=2",
        f"wpa_key_mgmt={management}",
        "rsn_pairwise=CCMP",
        f"ieee80211w={protection}",
    ]
    lines += ["sae_require_mfp=1"] if protection == 1 else []
    return "".join(line + "\n" for line in lines)
