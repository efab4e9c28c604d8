"""Link messages to records and back (linux/if_link.h). Pure."""

from struct import pack, unpack_from

from agent.port.frozen.messages import (
    AF_UNSPEC,
    HEADER,
    attribute,
    attribute32,
    attributes,
    number,
    text,
)
from agent.port.records import IFF_UP, Link

RTM_NEWLINK = 16
RTM_DELLINK = 17
RTM_GETLINK = 18

_IFLA_ADDRESS = 1
_IFLA_IFNAME = 3
_IFLA_MTU = 4
_IFLA_LINK = 5
_IFLA_MASTER = 10
_IFLA_WIRELESS = 11
_IFLA_OPERSTATE = 16
_IFLA_LINKINFO = 18
_IFLA_EXT_MASK = 29
_IFLA_INFO_KIND = 1
_IFLA_INFO_DATA = 2
_IFLA_VLAN_ID = 1
_IFLA_VLAN_PROTOCOL = 5
_RTEXT_FILTER_SKIP_STATS = 8

# struct ifinfomsg of all families, and no statistics: they are half of every answer
DUMP = bytes(16) + attribute32(_IFLA_EXT_MASK, _RTEXT_FILTER_SKIP_STATS)


def decode(octets: bytes, start: int, end: int) -> Link | None:
    """The link of one message; None for what is no link's state.

    A bridge tells of its ports with the same message type and AF_BRIDGE; wireless drivers send link
    messages that hold nothing but their event.
    """
    family, index, flags = unpack_from("BxxxiI", octets, start + HEADER)
    if family != AF_UNSPEC:
        return None
    name = mac = kind = ""
    operstate = mtu = master = 0
    for what, at, stop in attributes(octets, start + HEADER + 16, end, _IFLA_LINKINFO):
        if what == _IFLA_IFNAME:
            name = text(octets[at:stop])
        elif what == _IFLA_ADDRESS:
            mac = ":".join(["%02x" % octet for octet in octets[at:stop]])
        elif what == _IFLA_MTU:
            mtu = number(octets, at)
        elif what == _IFLA_MASTER:
            master = number(octets, at)
        elif what == _IFLA_OPERSTATE:
            operstate = octets[at]
        elif what == _IFLA_LINKINFO:
            kind = _kind(octets, at, stop)
        elif what == _IFLA_WIRELESS:
            return None
    return Link(index, name, flags, operstate, mtu, mac, master, kind)


def change(
    index: int,
    up: bool | None = None,
    mtu: int = 0,
    master: int = -1,
    mac: str = "",
    name: str = "",
) -> bytes | None:
    """The body of the message that changes or removes a link; None for what is no MAC."""
    octets = _octets(mac)
    if octets is None:
        return None
    flags = IFF_UP if up else 0
    body = pack("BxHiII", AF_UNSPEC, 0, index, flags, 0 if up is None else IFF_UP)
    if mac:
        body += attribute(_IFLA_ADDRESS, octets)
    if mtu:
        body += attribute32(_IFLA_MTU, mtu)
    if master >= 0:
        body += attribute32(_IFLA_MASTER, master)
    if name:
        body += attribute(_IFLA_IFNAME, name.encode() + b"\0")
    return body


def new(
    name: str, kind: str, mac: str, below: int = 0, vlan: int = 0, protocol: int = 0
) -> bytes | None:
    """The body of the message that makes a link; None for what is no MAC. below, vlan, protocol:
    of a VLAN."""
    octets = _octets(mac)
    if octets is None:
        return None
    body = bytes(16) + attribute(_IFLA_IFNAME, name.encode() + b"\0")
    if mac:
        body += attribute(_IFLA_ADDRESS, octets)
    info = attribute(_IFLA_INFO_KIND, kind.encode())
    if below:
        body += attribute32(_IFLA_LINK, below)
        data = attribute(_IFLA_VLAN_ID, pack("H", vlan))
        data += attribute(_IFLA_VLAN_PROTOCOL, bytes([protocol >> 8, protocol & 255]))
        info += attribute(_IFLA_INFO_DATA, data)
    return body + attribute(_IFLA_LINKINFO, info)


def _octets(mac: str) -> bytes | None:
    """The octets of `02:00:5e:00:53:01`; none of "", None for what is neither."""
    digits = mac.replace(":", "")
    if len(mac) != max(0, len(digits) // 2 * 3 - 1) or digits.strip("0123456789abcdef"):
        return None
    return bytes([int(digits[at : at + 2], 16) for at in range(0, len(digits), 2)])


def _kind(octets: bytes, at: int, end: int) -> str:
    for what, start, stop in attributes(octets, at, end):
        if what == _IFLA_INFO_KIND:
            return text(octets[start:stop])
    return ""
