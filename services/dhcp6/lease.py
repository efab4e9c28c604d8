"""A lease as its outputs tell it (odhcp_script publishes them), as records. Pure.

Read by wan_address and lan_prefix. The publisher has checked every value; what still does not fit
is left out and named in `problems`, so that one bad entry never costs the others.
"""

from collections import namedtuple

from agent import ip, names
from services.dhcp6 import deadlines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NamedTuple

    class Prefix(NamedTuple):
        prefix: int
        length: int
        preferred_until: float
        valid_until: float
        excluded: tuple[tuple[int, int], ...]

    class Address(NamedTuple):
        address: int
        length: int
        preferred_until: float
        valid_until: float

    class Route(NamedTuple):
        destination: int
        length: int
        gateway: int | None
        valid_until: float
        metric: int

    class Lease(NamedTuple):
        state: str
        ifname: str
        prefixes: list[Prefix]
        addresses: list[Address]
        ra_addresses: list[Address]
        routes: list[Route]
        problems: list[str]
else:
    # A delegated prefix (RFC 9915 section 21.22). excluded: (prefix, length) pairs (RFC 6603).
    # A lifetime that was told as 0 has the deadline 0.0, which is always over.
    Prefix = namedtuple(
        "Prefix", ("prefix", "length", "preferred_until", "valid_until", "excluded")
    )
    Address = namedtuple("Address", ("address", "length", "preferred_until", "valid_until"))
    # gateway: None when the destination is on-link. metric: 1 to METRIC_MAX.
    Route = namedtuple("Route", ("destination", "length", "gateway", "valid_until", "metric"))
    Lease = namedtuple(
        "Lease",
        ("state", "ifname", "prefixes", "addresses", "ra_addresses", "routes", "problems"),
    )

BOUND = "bound"
METRIC_MAX = 0xFFFFFFFF
# What the kernel makes of metric 0 (linux/ipv6_route.h, IP6_RT_PRIO_USER): so it is ours, too.
METRIC_OF_NONE = 1024


def read(values: dict[str, str] | None) -> Lease:
    """The lease in one snapshot of outputs; None, nothing published, is an empty lease.

    DHCPv6's own entries count only while the client is bound. What the WAN's router advertised
    counts as long as it is listed: it does not depend on DHCPv6 (RFC 4861, RFC 7084 W-3).
    """
    values = values or {}
    state, ifname = values.get("state", ""), values.get("ifname", "")
    problems: list[str] = []
    if ifname and not names.is_link_name(ifname):
        problems.append("ifname: expected %s, left it out" % names.LINK_NAME)
        ifname = ""
    lease = Lease(state, ifname, [], [], [], [], problems)
    readers: dict[str, tuple[Callable[[dict[str, str]], Any], list[Any]]] = {
        "ra-address": (_address, lease.ra_addresses),
        "route": (_route, lease.routes),
    }
    if state == BOUND:
        readers["prefix"] = (_prefix, lease.prefixes)
        readers["address"] = (_address, lease.addresses)
    entries: dict[tuple[str, str], dict[str, str]] = {}
    for name in values:
        path = name.split("/")
        if len(path) == 3 and path[0] in readers:
            entries.setdefault((path[0], path[1]), {})[path[2]] = values[name]
    for kind, key in sorted(entries):
        reader, records = readers[kind]
        record = reader(entries[(kind, key)])
        if record is None:
            lease.problems.append("%s/%s: expected a complete entry, left it out" % (kind, key))
        else:
            records.append(record)
    return lease


def _network(fields: dict[str, str], name: str, length_name: str) -> tuple[int, int] | None:
    value = ip.parse6(fields.get(name, ""))
    length = ip.decimal(fields.get(length_name, ""), 128)
    return None if value is None or length is None else (value, length)


def _until(fields: dict[str, str], kind: str) -> float | None:
    """A deadline; a lifetime told as 0 is over, whatever the clock says."""
    until = deadlines.parse(fields.get(kind + "-until", ""))
    return 0.0 if until is not None and fields.get(kind) == "0" else until


def _lifetimes(fields: dict[str, str]) -> tuple[float, float] | None:
    preferred, valid = _until(fields, "preferred"), _until(fields, "valid")
    if preferred is None or valid is None:
        return None
    return min(preferred, valid), valid


def _prefix(fields: dict[str, str]) -> Prefix | None:
    network, lifetimes = _network(fields, "prefix", "length"), _lifetimes(fields)
    if network is None or lifetimes is None or network[1] == 0:
        return None
    excluded: tuple[tuple[int, int], ...] = ()
    if "excluded" in fields:
        pair = _network(fields, "excluded", "excluded-length")
        if pair is None:
            return None  # without it a LAN could get what must not be on a LAN
        excluded = ((ip.mask(pair[0], pair[1]), pair[1]),)
    return Prefix(ip.mask(network[0], network[1]), network[1], lifetimes[0], lifetimes[1], excluded)


def _address(fields: dict[str, str]) -> Address | None:
    network, lifetimes = _network(fields, "address", "length"), _lifetimes(fields)
    if network is None or lifetimes is None:
        return None
    return Address(network[0], network[1], lifetimes[0], lifetimes[1])


def _route(fields: dict[str, str]) -> Route | None:
    network, until = _network(fields, "destination", "length"), _until(fields, "valid")
    metric = ip.decimal(fields.get("metric", ""), METRIC_MAX)
    gateway = ip.parse6(fields["gateway"]) if fields.get("gateway") else None
    if network is None or until is None or metric is None:
        return None
    if gateway is None and fields.get("gateway"):
        return None
    destination = ip.mask(network[0], network[1])
    return Route(destination, network[1], gateway, until, metric or METRIC_OF_NONE)
