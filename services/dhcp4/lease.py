"""A DHCPv4 lease as its outputs tell it (hook.py publishes them), as a record. Pure.

The publisher has checked every value; what still does not fit is left out and named in `problems`.
"""

from collections import namedtuple

from agent import ip, names
from services.dhcp6 import deadlines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    class Route(NamedTuple):
        destination: str
        length: int
        gateway: str

    class Lease(NamedTuple):
        ifname: str
        address: str
        length: int
        until: float
        routes: list[Route]
        problems: list[str]
else:
    # gateway: "" when the destination is on the link.
    Route = namedtuple("Route", ("destination", "length", "gateway"))
    # address: "" while there is no lease. until: its end on the monotonic clock.
    Lease = namedtuple("Lease", ("ifname", "address", "length", "until", "routes", "problems"))


def read(values: dict[str, str] | None) -> Lease:
    """The lease in one snapshot of outputs; None, nothing published, is an empty lease."""
    values = values or {}
    ifname, address = values.get("ifname", ""), values.get("address", "")
    length = ip.decimal(values.get("length", ""), 32)
    until = deadlines.parse(values.get("lease-until", ""))
    problems = []
    routes: list[Route] = []
    if not names.is_link_name(ifname):
        if ifname:
            problems.append("ifname: expected %s, left it out" % names.LINK_NAME)
        return Lease("", "", 0, 0.0, routes, problems)
    if values.get("state") != "bound":
        return Lease(ifname, "", 0, 0.0, routes, problems)
    if ip.parse4(address) is None or not length or until is None:
        problems.append("address: expected one with length and deadline, left it out")
        return Lease(ifname, "", 0, 0.0, routes, problems)
    for name in sorted(values):
        path = name.split("/")
        if len(path) == 3 and path[0] == "route" and path[2] == "destination":
            route = _route(values, "route/%s/" % path[1])
            if route is None:
                problems.append("route/%s: expected a complete entry, left it out" % path[1])
            else:
                routes.append(route)
    return Lease(ifname, address, length, until, routes, problems)


def _route(values: dict[str, str], folder: str) -> Route | None:
    destination = values[folder + "destination"]
    length = ip.decimal(values.get(folder + "length", ""), 32)
    gateway = values.get(folder + "gateway", "")
    if ip.parse4(destination) is None or length is None:
        return None
    if gateway and ip.parse4(gateway) is None:
        return None
    return Route(destination, length, gateway)
