"""A radio on the air: hostapd as the site's definitions start it, and stations that join it.

mac80211_hwsim carries the frames, Debian's kernel and daemons do the rest; the router is built by
`frostgate build` and has an ISP. One boot carries all tests, in order.
"""

import shlex
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from packager.isp import services4, wait
from tests.lab.leavings import Snapshot
from tests.machine import home, images, inside, kernel, leavings, patience
from tests.machine.home import ROUTER4, Home
from tests.machine.stations import Computer
from tests.runtimes import SCALE

pytestmark = [pytest.mark.root, pytest.mark.together]

SOURCE = Path(__file__).with_name("guest") / "radio_router.py"
SECRETS = {"wifi": "correct horse", "visitors": 'a "b" #c'}
WORDS = "mac80211_hwsim.radios=5 mtdram.total_size=64 mtdram.erase_size=16"
ON_AIR_S = 120.0
LOG = "/run/log/frost/driver-calibration1/current"
LINK = "ls /sys/class/net/{}/brif 2>/dev/null"
LINKS = f"{LINK.format('br-lan')}; echo /; {LINK.format('br-guest')}"
# Levels of services that come and go one after the other. Secrets are there on demand: with whom
# they are for.
STATION = ["uplink-link", "uplink uplink-secret"]
RADIO = [
    "driver-calibration1",
    "driver",
    "radio-link garden-link",
    "radio garden radio-secret garden-secret",
    "guests lan-radio lan-garden",
    "guest-guests",
]
CAME = (
    ["file /run/firmware/radio/cal.bin", "firmware /run/firmware"],
    ["link wlan0", "module mac80211_hwsim"],
    ["link wlan0"],
    ["link wlan0-1", "process hostapd", "radio ssid Home", "radio ssid Garden"],
)
KEPT = ("firewall", "firewall-base", "loopback", "ssh", "port", "lan", "lan-port", "lan4", "guest")
REJECTED = "CTRL-EVENT-AUTH-REJECT"  # what WPA3 knows a wrong passphrase by


@dataclass
class Radio:
    """The home, and its computers without a cable."""

    home: Home
    phone: Computer
    visitor: Computer
    old: Computer

    def ask(self, command: str) -> str:
        """A command on the router."""
        return self.home.login.ask(command)

    def await_said(self, command: str, pattern: str) -> str:
        """Wait until the router says something of this pattern (patience.py)."""
        return patience.said(
            self.ask, command, pattern, deadline_s=ON_AIR_S, evidence=self.evidence
        )

    def await_on_air(self) -> None:
        """Wait until all networks are members of their bridges."""
        self.await_said(LINKS, "eth1 wlan0 wlan3 / wlan0-1")

    def evidence(self) -> str:
        return self.ask("frost status; frost log -N 60; iw dev; dmesg | tail -n 20")


@pytest.fixture(scope="module")
def radio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radio]:
    """The router, booted; nothing is on the air yet."""
    folder = images.FOLDER / "radio"
    secrets = folder / "secrets"
    secrets.mkdir(parents=True, exist_ok=True)
    for name, value in SECRETS.items():
        (secrets / name).touch(0o600)
        (secrets / name).write_text(value + "\n")
    site = home.site(folder, SOURCE)
    image = images.build(site, "qemu-x86_64", folder / "image", "--secrets", str(secrets))
    with home.running(image, tmp_path_factory.mktemp("radio"), WORDS) as made:
        made.machine.boot = replace(made.machine.boot, kernel=kernel.unpacked(kernel.fetched()))
        made.boot()
        made.login.await_open()
        login = made.login
        yield Radio(
            made,
            Computer(login, "phone", "wlan1", "Home", "wpa3"),
            Computer(login, "visitor", "wlan2", "Café", "wpa2"),
            Computer(login, "old", "wlan4", "Garden", "wpa2"),
        )


def test_a_driver_waits_for_its_calibration_data(radio: Radio) -> None:
    """The flash is as erased, so there is no driver and no radio; the LAN works all the same."""
    blank = "calibration: radio/cal.bin: /dev/mtd0: expected a radio's data, got 0xff alone"
    radio.await_said(f"grep -oF {shlex.quote(blank)} {LOG}", f"{blank}*")
    assert radio.ask("ls /sys/class/net | grep wlan; true") == ""
    data = "0123456789abcdef" * 4
    radio.ask(f"echo -n {data} | dd of=/dev/mtd0 bs=4096 seek=1 2>/dev/null")
    radio.ask("frost restart driver-calibration1")
    radio.await_on_air()
    assert radio.ask("cat /run/firmware/radio/cal.bin") == data
    assert "country DE" in radio.ask("iw reg get")
    assert "channel 36 (5180 MHz), width: 80 MHz" in radio.ask("iw dev wlan0 info")
    assert "channel 6 (2437 MHz), width: 20 MHz" in radio.ask("iw dev wlan3 info")


def test_hostapd_is_a_user_of_its_own_and_its_passphrases_are_in_its_file_alone(
    radio: Radio,
) -> None:
    """It has CAP_NET_ADMIN and CAP_NET_RAW (12 and 13) of root's, and gets no more."""
    pid = int(radio.ask(f"s6-svstat -o pid {inside.SCAN}/radio"))
    user = int(radio.ask("grep ^_hostapd: /etc/passwd | cut -d: -f3"))
    assert user > 0
    rows = [line.split() for line in radio.ask(f"cat /proc/{pid}/status").splitlines()]
    assert {row[0]: row[1:] for row in rows if row[0][:3] in ("Uid", "Gid", "Cap", "NoN")} == {
        **dict.fromkeys(("Uid:", "Gid:"), [str(user)] * 4),
        **{f"Cap{each}:": [f"{0x3000:016x}"] for each in ("Inh", "Prm", "Eff", "Bnd", "Amb")},
        "NoNewPrivs:": ["1"],
    }
    own = f"{inside.SCAN}/radio/data/secrets"
    assert radio.ask(f"stat -c '%a %u %g %n' {own} {own}/*").splitlines() == [
        f"750 0 {user} {own}",
        f"600 {user} {user} {own}/radio.conf",
    ]
    for name, value in SECRETS.items():
        found = radio.ask(
            "find /etc /run /var/lib /proc/[0-9]*/cmdline /proc/[0-9]*/environ -type f "
            f"-exec grep -lF '{value}' {{}} + 2>/dev/null; true"
        ).splitlines()
        shared = [f"{inside.SCAN}/garden/data/secrets/garden.conf"] if name == "wifi" else []
        assert sorted(found) == [f"/etc/frost/secrets/{name}", *shared, f"{own}/radio.conf"]


def test_a_wrong_passphrase_lets_nobody_in(radio: Radio) -> None:
    """By WPA3 and by WPA2."""
    for each in (radio.phone, radio.visitor):
        each.start("wrong horse")
    refusals = {radio.phone: REJECTED, radio.visitor: "reason=WRONG_KEY"}
    for each, words in refusals.items():
        each.await_told(words, deadline_s=ON_AIR_S)
        assert each.addresses() == []


def test_stations_get_addresses_through_the_bridge(radio: Radio) -> None:
    """WPA3 and WPA2; DHCPv4 by dnsmasq, SLAAC by ra; a changed secret has reached them."""
    radio.phone.tell(SECRETS["wifi"])
    radio.visitor.tell(SECRETS["visitors"])
    start = radio.home.isp.plan.start
    radio.phone.await_addresses("192.168.1.", start, deadline_s=ON_AIR_S)
    radio.visitor.await_addresses("192.168.2.", start, deadline_s=ON_AIR_S)
    await_works(radio)


def test_who_knows_wpa2_alone_joins_a_network_of_both_at_2_4_ghz(radio: Radio) -> None:
    """A radio of 802.11ax; those who can have their management frames protected, he can't."""
    radio.old.start(SECRETS["wifi"])
    radio.old.await_addresses("192.168.1.", radio.home.isp.plan.start, deadline_s=ON_AIR_S)
    assert radio.old.pings(ROUTER4)
    assert radio.ask("iw dev wlan3 station dump").split("MFP:")[1].split()[0] == "no"
    assert radio.ask("iw dev wlan0 station dump").split("MFP:")[1].split()[0] == "yes"
    assert "HE capabilities" in radio.old.run("iw dev wlan4 scan dump")


def test_the_home_reaches_itself_by_air_and_cable(radio: Radio) -> None:
    for address in (radio.home.addresses4()[0], radio.home.addresses6()[0], ROUTER4):
        assert radio.phone.pings(address), address


def test_guests_reach_the_internet_and_not_the_home(radio: Radio) -> None:
    home4, home6 = radio.home.addresses4()[0], radio.home.addresses6()[0]
    for address in (home4, home6, *radio.phone.addresses()):
        assert not radio.visitor.pings(address, 1), address
    knock = f"timeout 5 nc {ROUTER4} 22 </dev/null | head -c4"
    assert radio.phone.run(knock, check=False) == "SSH-"
    assert radio.visitor.run(knock, check=False) == ""
    # Nor is it the same link: an address of the home's network finds nobody there.
    radio.visitor.run("ip address add 192.168.1.77/24 dev wlan2")
    assert "Received 0 " in radio.visitor.run(
        f"arping -c2 -w2 -I wlan2 -s 192.168.1.77 {home4}", check=False
    )
    radio.visitor.run("ip address del 192.168.1.77/24 dev wlan2")
    assert "Received 0 " not in radio.phone.run(f"arping -c2 -w2 -I wlan1 {home4}", check=False)


def test_a_killed_hostapd_comes_back_and_so_do_its_stations(radio: Radio) -> None:
    pid = int(radio.ask(f"s6-svstat -o pid {inside.SCAN}/radio"))
    before = inside.Service("radio", pid, 0, "hostapd")
    begun = time.monotonic()
    inside.kill(radio.home.login, before.pid)
    inside.await_anew(radio.home.login, [before])
    radio.await_on_air()
    await_works(radio)
    print(f"hostapd killed: stations back after {time.monotonic() - begun:.1f} s")


def test_a_stopped_radio_leaves_nothing_behind_and_starts_with_another_passphrase(
    radio: Radio,
) -> None:
    rejected = radio.phone.told(REJECTED)
    radio.ask("frost stop radio-secret")
    radio.await_said(LINKS, "eth1 wlan3 /")
    left = f"ls /sys/class/net | grep '^wlan'; ls -d {inside.SCAN}/*/data/secrets"
    radio.await_said(left, f"wlan0 wlan3 {inside.SCAN}/garden/data/secrets")
    radio.ask("echo another horse >/etc/frost/secrets/wifi; frost start radio-secret")
    radio.await_on_air()
    radio.phone.await_told(REJECTED, after=rejected, deadline_s=ON_AIR_S)
    assert not radio.phone.pings(ROUTER4, 1)
    radio.phone.tell("another horse")
    await_works(radio)


# Some hundred commands of frost in an emulated machine: four minutes of a processor for the two
LONG = pytest.mark.skipif(SCALE == 1, reason="each level of the radios comes and goes: make soak")


@LONG
def test_a_stopped_station_leaves_nothing_behind(radio: Radio) -> None:
    looks = looked(radio, radio.phone.run, STATION, ("loopback",))
    leavings.check(looks, STATION, ([], ["process wpa_supplicant"]))


@LONG
def test_stopped_radios_and_their_driver_leave_nothing_behind(radio: Radio) -> None:
    looks = looked(radio, radio.ask, RADIO, KEPT)
    leavings.check(looks, RADIO, CAME)


def looked(
    radio: Radio, ask: Callable[[str], str], levels: list[str], kept: tuple[str, ...]
) -> dict[str, Snapshot]:
    """Let one level after the other come and go, with nothing else but `kept`."""
    leavings.put(radio.home.login)
    command = leavings.command(leavings.others(ask, levels, kept), levels)
    ask(f"{command} </dev/null >/dev/null 2>&1 &")
    return leavings.fetched(radio.home.login, ask, 600.0)


def test_nothing_failed_on_the_way(radio: Radio) -> None:
    told = [line for line in radio.ask("frost status").splitlines() if " failed " in line]
    assert told == [], radio.evidence()


def await_works(radio: Radio) -> None:
    """Wait until both computers reach the internet by both families."""
    for each in (radio.phone, radio.visitor):
        for address in (services4.INTERNET4, radio.home.isp.internet):
            wait.until(
                f"{each.name} reaches {address}",
                lambda each=each, address=address: each.pings(address),  # type: ignore[misc]
                deadline_s=ON_AIR_S, evidence=each.evidence,
            )  # fmt: skip
