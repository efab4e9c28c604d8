"""What the WAN shall have: the lease's addresses and routes, for as long as it lists them. Pure.

Without hold-down: an address that is no longer leased may be another customer's at any moment
(RFC 9915 section 18.2.7), and nothing on the LANs hangs on it; a route that outlives its link
sends packets nowhere. The router's advertisements stay listed over a carrier bounce anyway.
"""

from agent import ip
from agent.port import records
from services.dhcp6 import deadlines, objects
from services.dhcp6.lease import METRIC_MAX
from services.dhcp6.objects import State
from services.dhcp6.plan import Plan, entry_key, set_entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from services.dhcp6.lease import Address, Lease, Route
    from services.dhcp6.objects import Key

PROTOCOL = records.RTPROT_RA
LARGEST = METRIC_MAX
METRIC = 512  # as the hook has it for medium preference (RFC 4191)


def decide(
    now: float, lease: "Lease", ifname: str, index: int | None, metric: int = METRIC
) -> Plan:
    """The plan at `now` for the link `ifname`, whose index is None while there is no such link.
    metric: that of routes by routers of medium preference; others keep their distance to it."""
    values = {"ifname": ifname} if ifname else {}
    wanted: dict[Key, State] = {}
    times = [deadlines.FOREVER]
    if index is not None:
        values["ifindex"] = "%d" % index
        for address in lease.ra_addresses + lease.addresses:
            _add_address(now, address, index, wanted)
        for key in wanted:
            _tell(key, wanted[key], values)
        routes = lease.routes + _excluded_routes(now, lease)
        for route, number in _distinct(now, routes, metric - METRIC):
            gateway = "" if route.gateway is None else ip.format6(route.gateway)
            where = ip.format6(route.destination)
            wanted[objects.route_key("unicast", where, route.length, gateway, index, number)] = (
                State(PROTOCOL, route.valid_until, route.valid_until, 0.0)
            )
        times += [wanted[key].valid_until - 1 for key in wanted]
    return Plan(values, [], wanted, lease.problems, min(times), None)


def _add_address(now: float, address: "Address", index: int, wanted: "dict[Key, State]") -> None:
    if not deadlines.lasts(address.valid_until, now):
        return
    # What is on-link is a matter of its own (RFC 5942 section 4): it is in route/. The kernel would
    # also leave its route behind when it removes an address with a lifetime (ipv6_del_addr).
    flags = records.IFA_F_NOPREFIXROUTE
    key = objects.address_key(index, ip.format6(address.address), address.length)
    if key in wanted:  # told twice: it is valid as long as anyone says so
        other = wanted[key]
        wanted[key] = State(
            flags,
            max(other.preferred_until, address.preferred_until),
            max(other.valid_until, address.valid_until),
            0.0,
        )
    else:
        wanted[key] = State(flags, address.preferred_until, address.valid_until, 0.0)


def _tell(key: "Key", state: State, values: dict[str, str]) -> None:
    fields = {
        "address": key[2],
        "length": "%d" % key[3],
        "preferred-until": deadlines.render(state.preferred_until),
        "valid-until": deadlines.render(state.valid_until),
    }
    set_entry(values, "address/" + entry_key(key[2], key[3]), fields)


def _excluded_routes(now: float, lease: "Lease") -> "list[Route]":
    """The way to a prefix that was excluded from a delegated one (RFC 6603): it is the WAN's.

    lan_prefix makes the whole delegated prefix unreachable; so unless the WAN's router says that
    it is on-link, what was excluded takes the default route's way.
    """
    extra = []
    for prefix in lease.prefixes:
        for network, length in prefix.excluded:
            for route in lease.routes:
                if route.length == 0:
                    until = min(route.valid_until, prefix.valid_until)
                    extra.append(type(route)(network, length, route.gateway, until, route.metric))
    on_link = [r for r in lease.routes if r.length and deadlines.lasts(r.valid_until, now)]
    return [
        route
        for route in extra
        if not [r for r in on_link if _covers(r, route.destination, route.length)]
    ]


def _covers(route: "Route", network: int, length: int) -> bool:
    return route.length <= length and ip.mask(network, route.length) == route.destination


def _distinct(now: float, routes: "list[Route]", shift: int) -> "list[tuple[Route, int]]":
    """Each live route with a metric of its own among those with the same destination; `shift` is
    added to all.

    The kernel takes a second route with the same destination and metric for a new version of the
    first (ip-route(8) replace), and two routers may well advertise the same preference.
    """
    longest: dict[tuple[int, int, int, int], Route] = {}
    for route in routes:
        gateway = -1 if route.gateway is None else route.gateway
        key = (route.length, route.destination, route.metric, gateway)
        if deadlines.lasts(route.valid_until, now):
            if key not in longest or longest[key].valid_until < route.valid_until:
                longest[key] = route
    # The order of preference stays: each metric is above the one before, and leaves room below the
    # largest for those that follow.
    places: dict[tuple[int, int], list[Route]] = {}
    for key in sorted(longest):
        places.setdefault(key[:2], []).append(longest[key])
    distinct = []
    for place in sorted(places):
        metric = 0
        following = len(places[place])
        for route in places[place]:
            following -= 1
            metric = max(metric + 1, min(route.metric + shift, METRIC_MAX - following))
            distinct.append((route, metric))
    return distinct
