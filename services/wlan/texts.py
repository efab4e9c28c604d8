"""The configurations of hostapd and wpa_supplicant, all but the secrets. Pure.

`#secret NAME` stands where with_secret puts the secret's line. No value has a newline; names of
networks that are not plain are written as hex digits.
"""

from services.wlan import channels

TYPE_CHECKING = False
if TYPE_CHECKING:
    from services.wlan.definition import AccessPoint, Ssid, Station

# The key management of each choice, and whether management frames are protected (IEEE 802.11w):
# 0 never, 1 for those who can, 2 for all. WPA3 demands it (WPA3 Specification 2.3, 2.4).
SECURITY = {
    "wpa2": ("WPA-PSK", 0),
    "wpa2+wpa3": ("WPA-PSK SAE", 1),
    "wpa3": ("SAE", 2),
}
PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ._-"


def is_plain(ssid: str) -> bool:
    """Whether a network's name means itself wherever it is written."""
    return not ssid.strip(PLAIN) and ssid == ssid.strip(" ")


def has_sae(security: str) -> bool:
    """Whether clients may prove that they know the passphrase by SAE, as in WPA3."""
    return "SAE" in SECURITY[security][0]


def hostapd(ap: "AccessPoint") -> str:
    """hostapd.conf: the radio, then its networks."""
    lines = [f"interface={ap.ifname}", "driver=nl80211", *_radio(ap), *_network(ap)]
    for each in ap.more:
        lines.append(f"bss={each.ifname}")
        lines += [f"bssid={each.mac}"] if each.mac else []
        lines += _network(each)
    return "".join(line + "\n" for line in lines)


def _radio(ap: "AccessPoint") -> list[str]:
    fast = channels.is_fast(ap.channel)
    lines = [
        f"country_code={ap.country}",
        "ieee80211d=1",
        f"hw_mode={'a' if fast else 'g'}",
        f"channel={ap.channel}",
        "ieee80211n=1",
    ]
    width = ap.megahertz
    if width > 20:
        lines.append(f"ht_capab=[HT40{'+' if channels.is_lower(ap.channel) else '-'}]")
    for standard, prefix in (("ac", "vht"), ("ax", "he")):
        # 802.11ac is for 5 GHz alone
        if ap.standard in (standard, "ax") and (fast or standard == "ax"):
            lines.append(f"ieee80211{standard}=1")
            if width > 40:
                lines.append(f"{prefix}_oper_chwidth={1 if width == 80 else 2}")
                middle = channels.center(ap.channel, width)
                lines.append(f"{prefix}_oper_centr_freq_seg0_idx={middle}")
    lines += ["vht_capab=[VHT160]"] if width == 160 else []
    return lines + (["ieee80211h=1"] if fast else [])


def _network(of: "Ssid") -> list[str]:
    management, protection = SECURITY[of.security]
    name = f"ssid={of.ssid}" if is_plain(of.ssid) else f"ssid2={of.ssid.encode().hex()}"
    lines = [name, "utf8_ssid=1"]
    lines += ["ignore_broadcast_ssid=1"] if of.hidden else []
    lines += ["ap_isolate=1"] if of.isolated else []
    lines += [
        "wmm_enabled=1",
        "auth_algs=1",
        "wpa=2",
        f"wpa_key_mgmt={management}",
        "rsn_pairwise=CCMP",
        f"ieee80211w={protection}",
    ]
    lines += ["sae_require_mfp=1"] if protection == 1 else []
    lines += ["sae_pwe=2"] if has_sae(of.security) else []  # both ways of making the element
    return [*lines, f"#secret {of.passphrase.name}"]


def wpa_supplicant(station: "Station") -> str:
    """wpa_supplicant.conf. scan_ssid: networks that hide their names are found, too."""
    management, protection = SECURITY[station.security]
    ssid = station.ssid
    lines = [
        f"country={station.country}",
        "p2p_disabled=1",
        *(["sae_pwe=2"] if has_sae(station.security) else []),
        "network={",
        "ssid=" + (f'"{ssid}"' if is_plain(ssid) else ssid.encode().hex()),
        "scan_ssid=1",
        "proto=RSN",
        f"key_mgmt={management}",
        "pairwise=CCMP",
        f"ieee80211w={protection}",
        f"#secret {station.passphrase.name}",
        "}",
    ]
    return "".join(line + "\n" for line in lines)
