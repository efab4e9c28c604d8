"""wlan: radios as access points (hostapd) or as stations of somebody else's (wpa_supplicant).

Both are links: a bridge can have an access point's networks as members, a station is an uplink.
"""

from services.link.definition import BEFORE, NAME, Link
from services.model import (
    Account,
    Claim,
    Debian,
    Delivered,
    File,
    Module,
    Resource,
    Secret,
    Service,
    Unit,
    kinds,
    link,
    longrun,
    oneshot,
    parameter,
)
from services.site import places
from services.site.conditions import ServiceIs, every
from services.site.delivery import delivery
from services.site.described import Described
from services.wlan import channels, texts

CHANNELS = channels.CHANNELS24 + channels.CHANNELS5
WIDTHS = (0, 20, 40, 80, 160)
MODULES = kinds.each(kinds.text("a kernel module's name", r"[A-Za-z0-9_-]{1,55}"))
# What mac80211 encrypts with (CCMP, protected management frames) and asks modprobe for too late
CIPHERS = ("ccm", "ctr", "cmac")
# hostapd and wpa_supplicant change links and send frames, and need nothing else of root's
CAPABILITIES = "-all,+net_admin,+net_raw"
COUNTRY = "the country that the router is in: its law says what a radio may do"


def _is_ssid(value: object) -> bool:
    text = str(value)
    return 1 <= len(text.encode()) <= 32 and text.isprintable() and text == text.strip()


SSID = kinds.Kind("1 to 32 octets of printable text, no blank at either end", _is_ssid)
SECURITY = kinds.choice(*texts.SECURITY)


class Calibration(Described):
    """What a radio's driver wants as a file, and the factory has written into the flash."""

    partition: str = parameter(
        "the MTD partition's name, as in /proc/mtd",
        kinds.text("a partition's name", r"[A-Za-z0-9_.:@+-][A-Za-z0-9 _.:@+-]{0,62}"),
    )
    offset: int = parameter(
        "where in the partition it begins", kinds.number(0, 2**20, "octets"), default=0
    )
    size: int = parameter("how long it is", kinds.number(1, 2**20, "octets"))
    file: str = parameter(
        "the name that the driver asks for, below /lib/firmware",
        kinds.text("a path as ath10k/cal-pci-0000:00:00.0.bin",
                   r"[A-Za-z0-9_][A-Za-z0-9_.:@+-]*(/[A-Za-z0-9_][A-Za-z0-9_.:@+-]*)*"),
    )  # fmt: skip


class Driver(Service):
    """A radio's kernel modules, loaded once its calibration data is there."""

    modules: tuple[str, ...] = parameter("the kernel modules", MODULES)
    calibration: tuple[Calibration, ...] = parameter("data for the driver, out of the flash")

    def units(self) -> tuple[Unit, ...]:
        """One for each file, and one that loads the modules."""
        found = []
        for number, each in enumerate(self.calibration, 1):
            found.append(
                oneshot(
                    f"{self.name}-calibration{number}",
                    *("calibration", each.partition, str(each.offset), str(each.size), each.file),
                    stop=("calibration", "-r", each.file),
                    description=f"{each.file} out of the flash",
                    where=self.where,
                )
            )
        needs = every(*(ServiceIs(unit.name, where=self.where) for unit in found))
        load = oneshot(
            self.name,
            *("busybox", "modprobe", "-a", *self.modules),
            stop=("busybox", "modprobe", "-r", *self.modules),
            needs=needs,
            description="the radio's driver",
            where=self.where,
        )
        return (*found, load)

    def resources(self) -> tuple[Resource, ...]:
        return (
            Debian("busybox", ("usr/bin/busybox",), self.where),
            *(Module(name, load=False, where=self.where) for name in self.modules),
        )


DRIVER = "the radio's kernel modules, where the kernel does not find them by itself"


class Ssid(Link):
    """A network on the air: a link of its own. An AccessPoint has it in `more`."""

    ssid: str = parameter("the network's name on the air", SSID)
    passphrase: Secret = parameter("the secret that clients know: 8 to 63 characters")
    security: str = parameter("what clients must be able to do", SECURITY, default="wpa2+wpa3")
    hidden: bool = parameter("its name is not announced: clients have to know it", default=False)
    isolated: bool = parameter("its clients do not reach each other", default=False)

    def units(self) -> tuple[Unit, ...]:
        """One: the link's settings, whenever hostapd has made the link."""
        return (_settings(self, self.name),)

    def resources(self) -> tuple[Resource, ...]:
        return ()  # its radio has them, once for all


class AccessPoint(Ssid):
    """A radio as an access point: its own network, and `more`."""

    ifname: str = parameter("the radio's name in the kernel", NAME, default="wlan0")
    country: str = parameter(COUNTRY, kinds.COUNTRY)
    channel: int = parameter(
        "the channel: 1 to 13 is 2.4 GHz, 36 and more 5 GHz", kinds.number(1, 165)
    )
    width: int = parameter(
        "how wide the channel is, MHz; 0: 20 at 2.4 GHz, at 5 GHz up to 80",
        kinds.number(0, 160, "MHz"),
        default=0,
    )
    standard: str = parameter(
        "the newest of IEEE 802.11 that it offers", kinds.choice(*channels.WIDEST), default="ac"
    )
    more: tuple[Ssid, ...] = parameter("further networks of the same radio", default=())
    driver: tuple[str, ...] | Driver = parameter(DRIVER, MODULES, default=())

    def check(self) -> None:
        if self.channel and self.channel not in CHANNELS:
            known = " ".join(map(str, CHANNELS))
            self.tell("channel", f"expected one of {known}, got {self.channel}")
        elif self.channel and self.width not in (0, *channels.widths(self.channel, self.standard)):
            known = " ".join(map(str, channels.widths(self.channel, self.standard)))
            text = f"expected one of {known} MHz for channel {self.channel} of 802.11"
            self.tell("width", f"{text}{self.standard}, got {self.width}")
        for what in ("ifname", "ssid"):
            values = [getattr(each, what) for each in (self, *self.more)]
            for value in sorted({each for each in values if values.count(each) > 1}):
                self.tell("more", f"expected another {what} for each network, got {value!r} twice")
        for each in self.more:
            if isinstance(each, AccessPoint):
                self.tell("more", f"expected networks, got the radio {each.name}; write Ssid(...)")

    @property
    def megahertz(self) -> int:
        """The channel's width."""
        known = [each for each in channels.widths(self.channel, self.standard) if each <= 80]
        return self.width or (known[-1] if channels.is_fast(self.channel) else 20)

    def units(self) -> tuple[Unit, ...]:
        """The link's settings, the configuration with its secrets, the daemon."""
        networks = (self, *self.more)
        sae = any(texts.has_sae(each.security) for each in networks)
        names = dict.fromkeys(each.passphrase.name for each in networks)
        return _daemon(self, "hostapd", sae, tuple(names), ("hostapd", _whole(self)))

    def resources(self) -> tuple[Resource, ...]:
        return (
            *_radio(self, self.driver, "hostapd"),
            *(Claim("link", each.ifname, each.where, makes=True) for each in self.more),
            Debian("hostapd", ("usr/sbin/hostapd",), self.where),
            *(Delivered(each.passphrase.name, each.where) for each in (self, *self.more)),
            File(_file(self), texts.hostapd(self), where=self.where),
        )


class Station(Link):
    """A radio as a station of somebody else's access point: an uplink as a cable is one."""

    ifname: str = parameter("the radio's name in the kernel", NAME, default="wlan0")
    country: str = parameter(COUNTRY, kinds.COUNTRY)
    ssid: str = parameter("the network's name on the air", SSID)
    passphrase: Secret = parameter("the secret that its clients know: 8 to 63 characters")
    security: str = parameter("what the access point must do", SECURITY, default="wpa2+wpa3")
    driver: tuple[str, ...] | Driver = parameter(DRIVER, MODULES, default=())

    def units(self) -> tuple[Unit, ...]:
        """The link's settings, the configuration with its secret, the daemon."""
        command = ("wpa_supplicant", "-D", "nl80211", "-i", self.ifname, "-c", _whole(self))
        sae = texts.has_sae(self.security)
        return _daemon(self, "wpa_supplicant", sae, (self.passphrase.name,), command)

    def resources(self) -> tuple[Resource, ...]:
        return (
            *_radio(self, self.driver, "wpa_supplicant"),
            Debian("wpasupplicant", ("usr/sbin/wpa_supplicant",), self.where),
            Delivered(self.passphrase.name, self.where),
            File(_file(self), texts.wpa_supplicant(self), where=self.where),
        )


def _file(radio: Link) -> str:
    return f"/etc/frost/{radio.name}.conf"


def _whole(radio: Link) -> str:
    """The file with the secrets."""
    return places.secret(radio.name, f"{radio.name}.conf")


def _user(daemon: str) -> str:
    return f"_{daemon}"


def _limited(user: str) -> tuple[str, ...]:
    """Another user with these capabilities alone; s6-setuidgid, which a unit's `user` means, would
    leave it none."""
    sets = ("inh-caps", "ambient-caps", "bounding-set")
    ids = (f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs")
    return ("setpriv", *ids, *(f"--{each}={CAPABILITIES}" for each in sets))


def _settings(of: Link, name: str) -> Unit:
    return oneshot(
        name,
        *("ifset", "up", of.ifname, *of.settings, BEFORE),
        stop=("ifset", "down", of.ifname, BEFORE),
        needs=link(of.ifname, "present"),
        description=f"the link {of.ifname}",
        where=of.where,
    )


def _daemon(
    radio: "AccessPoint | Station", form: str, sae: bool, secrets: tuple[str, ...],
    command: tuple[str, ...],
) -> tuple[Unit, ...]:  # fmt: skip
    """The units of a radio: hostapd or wpa_supplicant once link and configuration are there."""
    settings = _settings(radio, f"{radio.name}-link")
    what = "the access point" if isinstance(radio, AccessPoint) else "a station of"
    configuration, given = delivery(
        radio.name,
        f"{form}-sae" if sae else form,  # SAE has no use for 64 hex digits, a key made of one
        secrets,
        _file(radio),
        user=_user(form),
        description=f"{form}'s configuration with the passphrase",
        where=radio.where,
    )
    return (
        settings,
        configuration,
        longrun(
            radio.name,
            *_limited(_user(form)),
            *command,
            needs=given & ServiceIs(settings.name, where=radio.where),
            description=f"{what} {radio.ssid}",
            where=radio.where,
        ),
    )


def _radio(of: Link, driver: tuple[str, ...] | Driver, daemon: str) -> tuple[Resource, ...]:
    """The link, whose driver makes it; the laws of all countries, which the kernel reads; who its
    daemon runs as."""
    modules = driver if isinstance(driver, tuple) else ()
    return (
        Claim("link", of.ifname, of.where, makes=bool(driver)),
        Account(_user(daemon), where=of.where),
        Debian("util-linux", ("usr/bin/setpriv",), of.where),
        Debian("wireless-regdb", ("usr/lib/firmware/regulatory.db*-debian",), of.where),
        *(Module(name, where=of.where) for name in (*CIPHERS, *modules)),
    )
