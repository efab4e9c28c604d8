"""rtnetlink messages to records and back, with pyroute2's message classes.

`decode` says what counts as a link, an address or a route for the whole project. The frozen port
says it again in its own code, and tests/contract/test_netlink.py holds the two together.
"""

import errno
import re
import struct
import sys
from typing import Any

from pyroute2.netlink import nla, nlmsg
from pyroute2.netlink.rtnl.ifaddrmsg import ifaddrmsg
from pyroute2.netlink.rtnl.rtmsg import rtmsg

from agent import ip
from agent.port.cpython import netconf
from agent.port.records import (
    IFF_UP,
    ROUTE_KINDS,
    RT_SCOPE_LINK,
    RT_SCOPE_UNIVERSE,
    Address,
    Forwarding,
    Link,
    Route,
)

# linux/rtnetlink.h
RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK = 16, 17, 18
RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR = 20, 21, 22
RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE = 24, 25, 26
RTM_F_CLONED = 0x200

AF_UNSPEC, AF_INET, AF_INET6 = 0, 2, 10
INFINITY = 0xFFFFFFFF  # linux/if_addr.h: a lifetime that never ends
REJECTING = [ROUTE_KINDS.index(k) for k in ("blackhole", "unreachable", "prohibit", "throw")]
TICKS = 100  # USER_HZ, what rta_expires of RTA_CACHEINFO counts in

Record = Link | Address | Route | Forwarding


class ifinfomsg(nlmsg):  # type: ignore[misc]
    """The attributes of a link that we read, and no others.

    pyroute2's own ifinfmsg decodes every attribute, bridge details and statistics included, and
    takes six octets for any hardware address, also for the four of a sit tunnel.
    """

    prefix = "IFLA_"
    fields = (
        ("family", "B"),
        ("__align", "x"),
        ("ifi_type", "H"),
        ("index", "i"),
        ("flags", "I"),
        ("change", "I"),
    )
    nla_map = (
        (1, "IFLA_ADDRESS", "cdata"),
        (3, "IFLA_IFNAME", "cdata"),
        (4, "IFLA_MTU", "uint32"),
        (5, "IFLA_LINK", "uint32"),
        (10, "IFLA_MASTER", "uint32"),
        (11, "IFLA_WIRELESS", "cdata"),
        (16, "IFLA_OPERSTATE", "uint8"),
        (18, "IFLA_LINKINFO", "linkinfo"),
        (29, "IFLA_EXT_MASK", "uint32"),
    )

    class linkinfo(nla):  # type: ignore[misc]
        prefix = "IFLA_INFO_"
        nla_map = ((1, "IFLA_INFO_KIND", "cdata"), (2, "IFLA_INFO_DATA", "cdata"))


RTEXT_FILTER_SKIP_STATS = 8
REQUESTS = {"link": ifinfomsg, "address": ifaddrmsg, "route": rtmsg}
CLASSES = {16: ifinfomsg, 17: ifinfomsg, 20: ifaddrmsg, 21: ifaddrmsg, 24: rtmsg, 25: rtmsg}


def text(octets: bytes) -> str:
    """A zero-terminated name; what is not UTF-8 shows its octets above 0x7f as \\xff."""
    octets = octets.partition(b"\0")[0]
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return "".join([chr(o) if o < 128 else "\\x%02x" % o for o in octets])


def decode(kind: int, octets: bytes) -> Record | None:
    """The record of one whole message (header included), None for what is not ours.

    Ours are links of AF_UNSPEC (a bridge tells of its ports with AF_BRIDGE under the same message
    type; wireless drivers send link messages that hold nothing but their event), addresses and
    uncloned routes of IPv4 and IPv6 that are chosen by destination alone.
    """
    if kind in (netconf.RTM_NEWNETCONF, netconf.RTM_DELNETCONF):
        return netconf.decode(kind, octets)
    message = CLASSES[kind](octets)
    message.decode()
    if kind in (RTM_NEWLINK, RTM_DELLINK):
        return _link(message)
    if message["family"] not in (AF_INET, AF_INET6):
        return None
    return _address(message) if kind in (RTM_NEWADDR, RTM_DELADDR) else _route(message)


def _link(message: Any) -> Link | None:
    if message["family"] != AF_UNSPEC or message.get_attr("IFLA_WIRELESS") is not None:
        return None
    info = message.get_attr("IFLA_LINKINFO")
    return Link(
        message["index"],
        text(message.get_attr("IFLA_IFNAME") or b""),
        message["flags"],
        message.get_attr("IFLA_OPERSTATE") or 0,
        message.get_attr("IFLA_MTU") or 0,
        ":".join(["%02x" % octet for octet in message.get_attr("IFLA_ADDRESS") or b""]),
        message.get_attr("IFLA_MASTER") or 0,
        text(info.get_attr("IFLA_INFO_KIND") or b"") if info is not None else "",
    )


def _address(message: Any) -> Address:
    # On a point-to-point link IFA_ADDRESS is the other end (linux/if_addr.h)
    address = message.get_attr("IFA_LOCAL") or message.get_attr("IFA_ADDRESS")
    flags = message.get_attr("IFA_FLAGS")
    times = message.get_attr("IFA_CACHEINFO")
    preferred = times["ifa_preferred"] if times is not None else INFINITY
    valid = times["ifa_valid"] if times is not None else INFINITY
    return Address(
        message["index"],
        ip.unpack(ip.pack(address) or b""),
        message["prefixlen"],
        message["flags"] if flags is None else flags,
        message["scope"],
        None if preferred == INFINITY else preferred,
        None if valid == INFINITY else valid,
    )


def _route(message: Any) -> Route | None:
    if message["flags"] & RTM_F_CLONED or message["src_len"] or message["tos"]:
        return None
    hop, kind = message, message["type"]
    hops = message.get_attr("RTA_MULTIPATH")
    if hops:
        hop = hops[0]
    index = (hop.get("oif") if hops else message.get_attr("RTA_OIF")) or 0
    times = message.get_attr("RTA_CACHEINFO")
    ticks = times["rta_expires"] if times is not None else 0
    destination = message.get_attr("RTA_DST")
    everything = "::" if message["family"] == AF_INET6 else "0.0.0.0"
    gateway = hop.get_attr("RTA_GATEWAY") or (hop.get_attr("RTA_VIA") or {}).get("addr") or ""
    return Route(
        ROUTE_KINDS[kind] if kind < len(ROUTE_KINDS) else str(kind),
        ip.unpack(ip.pack(destination or everything) or b""),
        message["dst_len"],
        ip.unpack(ip.pack(gateway) or b"") if gateway else "",
        # IPv6 gives unreachable routes the index of lo, IPv4 none
        0 if kind in REJECTING else index,
        message.get_attr("RTA_PRIORITY") or 0,
        message.get_attr("RTA_TABLE") or message["table"],
        message["proto"],
        # Rounded up: a route that is still there has something left
        max(0, -(-ticks // TICKS)) if ticks else None,
    )


def dump_message(what: str) -> Any:
    """The message (without its header) that asks for all links, addresses, routes or switches."""
    if what == "forwarding":
        return netconf.dump_message()
    message = REQUESTS[what]()
    message["family"] = AF_UNSPEC
    if what == "link":
        message["attrs"] = [("IFLA_EXT_MASK", RTEXT_FILTER_SKIP_STATS)]
    return message


def several_hops(octets: bytes) -> bool:
    """Whether a route message holds RTA_MULTIPATH."""
    message = rtmsg(octets)
    message.decode()
    return message.get_attr("RTA_MULTIPATH") is not None


def link_message(
    index: int,
    up: bool | None = None,
    mtu: int = 0,
    master: int = -1,
    mac: str = "",
    name: str = "",
) -> Any:
    """The message (without its header) that changes or removes a link; OSError(EINVAL) for what
    is no MAC."""
    message = ifinfomsg()
    message["index"] = index
    message["flags"] = IFF_UP if up else 0
    message["change"] = 0 if up is None else IFF_UP
    attributes: list[tuple[str, Any]] = []
    if mac:
        attributes.append(("IFLA_ADDRESS", _mac(mac)))
    if mtu:
        attributes.append(("IFLA_MTU", mtu))
    if master >= 0:
        attributes.append(("IFLA_MASTER", master))
    if name:
        attributes.append(("IFLA_IFNAME", name.encode() + b"\0"))
    message["attrs"] = attributes
    return message


def new_link_message(
    name: str, kind: str, mac: str, below: int = 0, vlan: int = 0, protocol: int = 0
) -> Any:
    """The message (without its header) that makes a link; OSError(EINVAL) for what is no MAC.
    below, vlan, protocol: of a VLAN."""
    message = ifinfomsg()
    attributes: list[tuple[str, Any]] = [("IFLA_IFNAME", name.encode() + b"\0")]
    if mac:
        attributes.append(("IFLA_ADDRESS", _mac(mac)))
    info: list[tuple[str, Any]] = [("IFLA_INFO_KIND", kind.encode())]
    if below:
        attributes.append(("IFLA_LINK", below))
        # IFLA_VLAN_ID in the machine's byte order, IFLA_VLAN_PROTOCOL in the network's
        tag = struct.pack("=HHHxxHH", 6, 1, vlan, 6, 5) + struct.pack(">Hxx", protocol)
        info.append(("IFLA_INFO_DATA", tag))
    attributes.append(("IFLA_LINKINFO", {"attrs": info}))
    message["attrs"] = attributes
    return message


def _mac(text: str) -> bytes:
    if not re.fullmatch("[0-9a-f]{2}(:[0-9a-f]{2})*", text):
        raise OSError(errno.EINVAL, "no MAC")
    return bytes.fromhex(text.replace(":", ""))


def address_message(address: Address) -> Any:
    """The message (without its header) that puts or removes an address.

    Raises OSError(EINVAL) for what is no address.
    """
    family = _family(address.address)
    message = ifaddrmsg()
    message["family"] = family
    message["prefixlen"] = address.length
    message["flags"] = address.flags & 0xFF
    message["scope"] = address.scope
    message["index"] = address.index
    times = {"ifa_preferred": lifetime(address.preferred), "ifa_valid": lifetime(address.valid)}
    message["attrs"] = [
        ("IFA_ADDRESS", address.address),
        ("IFA_FLAGS", address.flags),
        ("IFA_CACHEINFO", {**times, "cstamp": 0, "tstamp": 0}),
    ]
    if family == AF_INET:
        message["attrs"].insert(0, ("IFA_LOCAL", address.address))
    return message


def route_message(route: Route) -> Any:
    """The message (without its header) that puts or removes a route.

    Raises OSError(EINVAL) for what is no route.
    """
    family = _family(route.destination)
    if route.kind not in ROUTE_KINDS or (route.gateway and _family(route.gateway) != family):
        raise OSError(errno.EINVAL, "no route")
    on_link = family == AF_INET and route.kind == "unicast" and not route.gateway
    message = rtmsg()
    message["family"] = family
    message["dst_len"] = route.length
    message["table"] = route.table if route.table < 256 else 0
    message["proto"] = route.protocol
    message["scope"] = RT_SCOPE_LINK if on_link else RT_SCOPE_UNIVERSE
    message["type"] = ROUTE_KINDS.index(route.kind)
    attributes: list[tuple[str, Any]] = [
        ("RTA_DST", route.destination),
        ("RTA_TABLE", route.table),
        ("RTA_PRIORITY", route.metric),
    ]
    if route.gateway:
        attributes.append(("RTA_GATEWAY", route.gateway))
    if route.index:
        attributes.append(("RTA_OIF", route.index))
    if route.expires is not None:
        attributes.append(("RTA_EXPIRES", lifetime(route.expires).to_bytes(4, sys.byteorder)))
    message["attrs"] = attributes
    return message


def lifetime(seconds: int | None) -> int:
    """A lifetime for the kernel: 32 bits, all ones for ever."""
    return INFINITY if seconds is None else max(0, min(seconds, INFINITY - 1))


def _family(address: str) -> int:
    """The address family of a text; OSError(EINVAL) when it is no address."""
    parsed = ip.parse(address)
    if parsed is None:
        raise OSError(errno.EINVAL, "no address")
    return AF_INET6 if parsed[0] == 6 else AF_INET
