"""From pppd's calls of its scripts to outputs. Pure; what does not fit its grammar is left out.

pppd runs ip-up and ip-down for IPv4, ipv6-up and ipv6-down for IPv6, in any order (RFC 7084 WLL-3:
the one does not wait for the other). Each changes its own half of what is published.
"""

from agent import ip

CALLS = ("ip-up", "ip-down", "ipv6-up", "ipv6-down")
FOUR = ("address", "remote", "dns", "state")
LINK = ("ifname", "ifindex")
SIX = ("link-local", "remote-link-local", "state6")


def read(
    call: str,
    words: list[str],
    index: int,
    environ: dict[bytes, bytes],
    before: dict[str, str],
) -> dict[str, str]:
    """The outputs after a call. words: pppd's operands IFNAME TTY SPEED LOCAL REMOTE [PARAM];
    index: the link's, 0 for unknown."""
    mine = FOUR if call.startswith("ip-") else SIX
    values = {name: before[name] for name in before if name not in mine}
    if call.endswith("-down"):
        if not [name for name in values if name not in LINK]:
            return {}
        return values
    values["ifname"] = words[0]
    if index:
        values["ifindex"] = "%d" % index
    if call == "ip-up":
        values["state"] = "up"
        _address(values, "address", words[3], 4)
        _address(values, "remote", words[4], 4)
        servers: list[str] = []
        for name in (b"DNS1", b"DNS2"):
            text = _text(environ.get(name, b""))
            if ip.parse4(text) and text not in servers:
                servers.append(text)
        if servers:
            values["dns"] = "\n".join(servers)
    else:
        values["state6"] = "up"
        _address(values, "link-local", words[3], 6)
        _address(values, "remote-link-local", words[4], 6)
    return values


def checked(values: dict[str, str], index: int) -> dict[str, str]:
    """The outputs after a look at their link: none without it. A pppd that is killed tells nobody.
    index: of the link that has the name now, 0 for none."""
    return values if index and values.get("ifindex") == "%d" % index else {}


def _address(values: dict[str, str], name: str, text: str, family: int) -> None:
    parsed = ip.parse(text)
    if parsed is not None and parsed[0] == family and parsed[1]:
        values[name] = ip.format4(parsed[1]) if family == 4 else ip.format6(parsed[1])


def _text(octets: bytes) -> str:
    try:
        return octets.decode()
    except UnicodeError:
        return ""
