"""What is written for hostapd and wpa_supplicant: channels, what a site can say wrong, and that no
name of a network and no passphrase breaks out."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.model import Claim, Secret, SiteError
from services.secrets import formats
from services.wlan import channels, texts
from services.wlan.definition import CHANNELS, AccessPoint, Ssid, Station

WIFI = Secret(name="wifi")
GUEST = Secret(name="guest")
# A network's name as definitions take it
NAMES = st.text(max_size=32).filter(
    lambda text: (
        1 <= len(text.encode("utf-8", "surrogatepass")) <= 32
        and text.isprintable()
        and text == text.strip()
    )
)
PASSPHRASES = st.text(alphabet=[chr(code) for code in range(0x20, 0x7F)], min_size=8, max_size=63)


def access_point(**more: object) -> AccessPoint:
    given: dict[str, object] = {"ssid": "x", "country": "DE", "channel": 36, "passphrase": WIFI}
    return AccessPoint(name="ap", **(given | more))  # type: ignore[arg-type]


def refusal(make: Callable[[], object]) -> str:
    with pytest.raises(SiteError) as error:
        make()
    return str(error.value.problems[0]).partition(": ")[2]


def test_wider_channels_are_blocks_that_do_not_overlap() -> None:
    for channel in CHANNELS:
        for width in channels.widths(channel, "ax"):
            if channels.is_fast(channel) and width > 20:
                first = channels.block(channel, width)
                members = range(first, first + width // 5, 4)
                assert channel in members and set(members) <= set(CHANNELS)
                assert {channels.block(each, width) for each in members} == {first}
                # The middle: as far from the first 20 MHz as from the last
                assert channels.center(channel, width) * 2 == members[0] + members[-1]


def test_the_second_half_of_40_mhz_is_a_channel() -> None:
    for channel in CHANNELS:
        if 40 in channels.widths(channel, "n"):
            other = 4 if channels.is_lower(channel) else -4
            assert channel + other in CHANNELS, channel


def test_a_width_that_a_channel_can_not_have_is_told() -> None:
    assert refusal(lambda: access_point(channel=165, width=80)) == (
        "ap.width: expected one of 20 MHz for channel 165 of 802.11ac, got 80"
    )
    assert refusal(lambda: access_point(width=80, standard="n")) == (
        "ap.width: expected one of 20 40 MHz for channel 36 of 802.11n, got 80"
    )
    assert refusal(lambda: access_point(channel=14)).startswith("ap.channel: expected one of 1 2")
    assert [access_point(channel=each).megahertz for each in (6, 36, 140, 165)] == [20, 80, 80, 20]


def test_networks_of_one_radio_differ() -> None:
    guests = Ssid(name="guests", ifname="wlan0", ssid="x", passphrase=GUEST)
    assert refusal(lambda: access_point(more=(guests,))) == (
        "ap.more: expected another ifname for each network, got 'wlan0' twice"
    )
    other = access_point(ifname="wlan1", ssid="y")
    assert refusal(lambda: access_point(more=(other,))) == (
        "ap.more: expected networks, got the radio ap; write Ssid(...)"
    )


def test_a_network_belongs_to_one_radio() -> None:
    guests = Ssid(name="guests", ifname="wlan0-1", ssid="y", passphrase=GUEST)
    one, two = access_point(more=(guests,)), access_point(ifname="wlan1", more=(guests,))
    for ap in (one, two):
        assert [each.what for each in ap.resources() if isinstance(each, Claim)] == [
            ap.ifname,
            "wlan0-1",
        ]
    assert guests.resources() == ()


@given(NAMES, NAMES, PASSPHRASES, PASSPHRASES)
def test_no_name_and_no_passphrase_becomes_another_line(
    one: str, two: str, first: str, second: str
) -> None:
    guests = Ssid(name="guests", ifname="wlan0-1", ssid=two, passphrase=GUEST)
    same = one == two
    ap = access_point(ssid=one, more=() if same else (guests,))
    plain = access_point(ssid="a", more=() if same else (Ssid(
        name="guests", ifname="wlan0-1", ssid="b", passphrase=GUEST),))  # fmt: skip
    text, model = (whole("hostapd-sae", texts.hostapd(each), first, second) for each in (ap, plain))
    keys = [line.partition("=")[0] for line in text.splitlines()]
    expected = [line.partition("=")[0] for line in model.splitlines()]
    assert [key.replace("ssid2", "ssid") for key in keys] == expected
    secrets = [line.partition("=")[2] for line in text.splitlines() if line.startswith("wpa_pass")]
    assert secrets == ([first] if same else [first, second])


@given(NAMES, PASSPHRASES)
def test_a_station_s_configuration_holds_them_too(name: str, passphrase: str) -> None:
    station = Station(name="s", country="DE", ssid=name, passphrase=WIFI)
    lines = whole("wpa_supplicant-sae", texts.wpa_supplicant(station), passphrase, "").splitlines()
    assert f'psk="{passphrase}"' in lines
    ssid = next(line for line in lines if line.startswith("ssid="))
    value = ssid.partition("=")[2]
    # wpa_supplicant: in quotes, or hex digits
    assert (value[1:-1] if value[0] == '"' else bytes.fromhex(value).decode()) == name


def whole(form: str, text: str, wifi: str, guest: str) -> str:
    """What with_secret makes of it."""
    octets = text.encode()
    for name, value in (("wifi", wifi), ("guest", guest)):
        if value:
            line = formats.line(form, value.encode())
            if f"#secret {name}\n".encode() in octets:
                octets = formats.put(octets, name, line)
    return octets.decode()


@pytest.mark.parametrize("security", texts.SECURITY)
def test_hostapd_understands_it(security: str, tmp_path: Path) -> None:
    """It reads all before it looks for a radio, of which there is none here."""
    guests = Ssid(
        name="guests", ifname="wlan0-1", ssid="Café", passphrase=GUEST, security=security,
        hidden=True, isolated=True, mac="02:00:5e:00:53:01",
    )  # fmt: skip
    for width, standard, channel in ((0, "n", 1), (40, "n", 13), (0, "ac", 36), (160, "ax", 100)):
        ap = access_point(
            more=(guests,), security=security, width=width, standard=standard, channel=channel,
            ifname="nonesuch0",
        )  # fmt: skip
        path = tmp_path / "hostapd.conf"
        path.write_text(whole("hostapd-sae", texts.hostapd(ap), "correct horse", "#secret wifi"))
        done = subprocess.run(["hostapd", str(path)], capture_output=True, text=True, timeout=20)
        said = done.stdout + done.stderr
        assert "Line " not in said and "errors found" not in said, said
        assert "nonesuch0: interface state UNINITIALIZED" in said, said
