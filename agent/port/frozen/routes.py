"""Route messages to records and back (linux/rtnetlink.h). Pure."""

from struct import pack, unpack_from

from agent import ip
from agent.port.frozen.messages import (
    AF_INET,
    AF_INET6,
    HEADER,
    attribute,
    attribute32,
    attributes,
    lifetime,
    number,
)
from agent.port.records import ROUTE_KINDS, RT_SCOPE_LINK, RT_SCOPE_UNIVERSE, Route

RTM_NEWROUTE = 24
RTM_DELROUTE = 25
RTM_GETROUTE = 26

_RTM_F_CLONED = 0x200
_RTA_DST = 1
_RTA_OIF = 4
_RTA_GATEWAY = 5
_RTA_PRIORITY = 6
_RTA_MULTIPATH = 9
_RTA_CACHEINFO = 12
_RTA_TABLE = 15
_RTA_VIA = 18
_RTA_EXPIRES = 23

_TICKS = 100  # USER_HZ, what rta_expires of RTA_CACHEINFO counts in

DUMP = bytes(12)  # struct rtmsg of all families


def decode(octets: bytes, start: int, end: int, wanted: int) -> "tuple[Route, bool] | None":
    """The route of one message and whether it has several next hops (the first is shown).

    None for cloned routes, for other tables than `wanted`, for other families than IPv4 and IPv6,
    and for routes that are chosen by more than the destination (source, type of service).
    """
    family, length, source, service, table, protocol, _, number_of_kind, flags = unpack_from(
        "BBBBBBBBI", octets, start + HEADER
    )
    if (family != AF_INET and family != AF_INET6) or source or service or flags & _RTM_F_CLONED:
        return None
    destination = gateway = b""
    index = metric = ticks = hops = 0
    for what, at, stop in attributes(octets, start + HEADER + 12, end):
        if what == _RTA_TABLE:
            table = number(octets, at)
        elif what == _RTA_DST:
            destination = octets[at:stop]
        elif what == _RTA_OIF:
            index = number(octets, at)
        elif what == _RTA_PRIORITY:
            metric = number(octets, at)
        elif what == _RTA_CACHEINFO:
            ticks = unpack_from("i", octets, at + 8)[0]
        elif what in (_RTA_GATEWAY, _RTA_VIA):
            gateway = _gateway(what, octets, at, stop)
        elif what == _RTA_MULTIPATH:
            hops, index = at, number(octets, at + 4)
            # struct rtnexthop: u16 length, u8 flags, u8 hops, s32 index, then its attributes
            for inner, first, last in attributes(
                octets, at + 8, at + unpack_from("H", octets, at)[0]
            ):
                if inner in (_RTA_GATEWAY, _RTA_VIA):
                    gateway = _gateway(inner, octets, first, last)
    if table != wanted:
        return None
    kind = _kind(number_of_kind)
    if kind in ("unreachable", "blackhole", "prohibit", "throw"):
        index = 0  # IPv6 gives them the index of lo, IPv4 none
    route = Route(
        kind,
        ip.unpack(destination or bytes(4 if family == AF_INET else 16)),
        length,
        ip.unpack(gateway) if gateway else "",
        index,
        metric,
        table,
        protocol,
        # Rounded up: a route that is still there has something left
        max(0, (ticks + _TICKS - 1) // _TICKS) if ticks else None,
    )
    return route, hops != 0


def _kind(value: int) -> str:
    return ROUTE_KINDS[value] if value < len(ROUTE_KINDS) else str(value)


def _gateway(what: int, octets: bytes, at: int, stop: int) -> bytes:
    """The gateway's octets; RTA_VIA (of another family than the route's) begins with a family."""
    return octets[at + 2 : stop] if what == _RTA_VIA else octets[at:stop]


def encode(route: Route) -> bytes | None:
    """The body of the message that puts or removes a route; None for what is none."""
    destination = ip.pack(route.destination)
    gateway = ip.pack(route.gateway) if route.gateway else b""
    if destination is None or gateway is None or route.kind not in ROUTE_KINDS:
        return None
    if gateway and len(gateway) != len(destination):
        return None
    family = AF_INET if len(destination) == 4 else AF_INET6
    # The scope says how far away the next thing is: IPv4 wants it for routes without a gateway
    on_link = family == AF_INET and route.kind == "unicast" and not gateway
    body = pack(
        "BBBBBBBBI",
        family,
        route.length,
        0,
        0,
        route.table if route.table < 256 else 0,
        route.protocol,
        RT_SCOPE_LINK if on_link else RT_SCOPE_UNIVERSE,
        ROUTE_KINDS.index(route.kind),
        0,
    )
    body += attribute(_RTA_DST, destination)
    body += attribute32(_RTA_TABLE, route.table) + attribute32(_RTA_PRIORITY, route.metric)
    if gateway:
        body += attribute(_RTA_GATEWAY, gateway)
    if route.index:
        body += attribute32(_RTA_OIF, route.index)
    if route.expires is not None:
        body += attribute32(_RTA_EXPIRES, lifetime(route.expires))
    return body
