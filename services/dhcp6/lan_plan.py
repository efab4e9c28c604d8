"""What the LANs shall have, decided from the lease, from what they have, and the time. Pure.

Called by lan_prefix at each event and timer. The decision is a function of the whole present state
and never of an event, so a lost event or a restart costs a look, not a wrong state.
"""

from agent import ip
from agent.port import records
from services.dhcp6 import deadlines, objects
from services.dhcp6.allocator import Lan, Pool, allocate
from services.dhcp6.memory import Used
from services.dhcp6.objects import State
from services.dhcp6.plan import Plan, entry_key, set_entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.port.records import Link
    from services.dhcp6.allocator import Share
    from services.dhcp6.lease import Lease, Prefix
    from services.dhcp6.objects import Key

# Of our own, so that `ip -6 route show proto 118` finds our routes.
PROTOCOL = 118

# An unreachable route has the worst metric: the LAN with the same /64 wins.
UNREACHABLE_METRIC = 0x7FFFFFFF

# Seconds: until the kernel has deprecated an address, and a DHCPv6 server has heard of it.
MARGIN = 3


def decide(
    now: float,
    lease: "Lease",
    used: list[Used],
    lans: list[Lan],
    links: "list[Link]",
    hold: float,
    own: "list[Used] | None" = None,
) -> Plan:
    """The plan at `now`, when `used` was in use until now; hold in seconds. own: prefixes besides
    that no lease tells."""
    using = _in_use(now, lease.prefixes, used, hold)
    everything = using + (own or [])
    shares, notes = allocate([Pool(u.prefix, u.length, u.excluded) for u in everything], lans)
    lifetimes = _lifetimes(everything)
    values: dict[str, str] = {}
    wanted: dict[Key, State] = {}
    for item in everything:
        _cover(item, values, wanted)
    indexes = {link.name: link.index for link in links}
    leases = {lan.name: lan.lease + MARGIN for lan in lans if lan.lease}
    for share in shares:
        lifetime = lifetimes[(share.pool.prefix, share.pool.length)]
        early = leases.get(share.lan, 0)
        _furnish(share, lifetime, early, indexes.get(share.lan), values, wanted)
    elsewhere = _elsewhere(now, lease, using)
    return Plan(values, using, wanted, lease.problems + notes, _wake_at(using), elsewhere)


def _in_use(now: float, told: "list[Prefix]", used: list[Used], hold: float) -> list[Used]:
    """The prefixes to use from now on.

    Those that the lease grants; when it grants none, those that it lost without a word stay for
    the hold-down, unchanged. One that it still lists, with no time left, is gone at once, and so
    is what overlaps it: nobody knows any more that the ISP still routes that part.
    """
    before = {(item.prefix, item.length): item for item in used}
    live: dict[tuple[int, int], Used] = {}
    for prefix in told:
        where = (prefix.prefix, prefix.length)
        if deadlines.lasts(prefix.valid_until, now):
            live[where] = _merge(live.get(where), prefix)
    if live:
        return [
            _settled(now, _excluding(live[where], told), before.get(where))
            for where in sorted(live)
        ]
    held = []
    for where in sorted(before):
        item = before[where]
        held_until = now + hold if item.held_until is None else item.held_until
        taken_back = [prefix for prefix in told if _overlap(prefix, item)]
        if not taken_back and deadlines.lasts(item.valid_until, now) and now < held_until:
            held.append(
                Used(
                    item.prefix,
                    item.length,
                    item.excluded,
                    item.preferred_until,
                    item.valid_until,
                    held_until,
                )
            )
    return held


def _overlap(prefix: "Prefix", item: Used) -> bool:
    """Whether one of the two lies within the other; two prefixes can overlap in no other way."""
    return ip.contains(prefix.prefix, min(prefix.length, item.length), item.prefix)


def _merge(first: Used | None, prefix: "Prefix") -> Used:
    """One prefix that the lease lists, with what it already told of the same one."""
    excluded = prefix.excluded
    preferred, valid = prefix.preferred_until, prefix.valid_until
    if first is not None:
        excluded = tuple(sorted(set(excluded + first.excluded)))
        preferred = max(preferred, first.preferred_until)
        valid = max(valid, first.valid_until)
    return Used(prefix.prefix, prefix.length, excluded, preferred, valid, None)


def _excluding(item: Used, told: "list[Prefix]") -> Used:
    """The prefix without what any entry for it excludes, its last second included."""
    excluded = set(item.excluded)
    for prefix in told:
        if (prefix.prefix, prefix.length) == (item.prefix, item.length):
            excluded.update(prefix.excluded)
    return Used(
        item.prefix,
        item.length,
        tuple(sorted(excluded)),
        item.preferred_until,
        item.valid_until,
        item.held_until,
    )


def _settled(now: float, item: Used, before: Used | None) -> Used:
    """The prefix with the deadlines that it had, where the new ones are only jitter."""
    if before is None or not deadlines.lasts(before.valid_until, now):
        return item
    valid = deadlines.settle(before.valid_until, item.valid_until)
    preferred = deadlines.settle(before.preferred_until, item.preferred_until)
    return Used(
        item.prefix, item.length, item.excluded, min(preferred, valid), valid, item.held_until
    )


def _lifetimes(using: list[Used]) -> dict[tuple[int, int], Used]:
    return {(item.prefix, item.length): item for item in using}


def _cover(item: Used, values: dict[str, str], wanted: "dict[Key, State]") -> None:
    """The delegated prefix: told to others, and unreachable where no LAN has it (WPD-5)."""
    text = ip.format6(item.prefix)
    fields = {
        "prefix": text,
        "length": "%d" % item.length,
        "valid-until": deadlines.render(item.valid_until),
    }
    set_entry(values, "delegated/" + entry_key(text, item.length), fields)
    key = objects.route_key(
        "unreachable", text, item.length, "", objects.LOOPBACK_INDEX, UNREACHABLE_METRIC
    )
    # The kernel forgets the expiry of such a route (ip6_route_info_create): ours to remove.
    wanted[key] = State(PROTOCOL, deadlines.FOREVER, deadlines.FOREVER, 0.0)


def _furnish(
    share: "Share",
    lifetime: Used,
    early: int,
    index: int | None,
    values: dict[str, str],
    wanted: "dict[Key, State]",
) -> None:
    """One LAN's /64: told to others, and the router's address in it while the link is there.

    early: by how many seconds it is deprecated before its prefix. DHCPv6 servers lease addresses
    under what the link has and is not deprecated: so no lease outlives the prefix (RFC 9096 L-15).
    """
    subnet, address = ip.format6(share.subnet), ip.format6(share.address)
    fields = {
        "prefix": subnet,
        "length": "64",
        "address": address,
        "preferred-until": deadlines.render(lifetime.preferred_until),
        "valid-until": deadlines.render(lifetime.valid_until),
    }
    set_entry(values, "lan/%s/%s" % (share.lan, entry_key(subnet, 64)), fields)
    if index is not None:
        # The kernel would make the on-link route, but leaves it behind when it removes an address
        # with a lifetime (ipv6_del_addr), and leaves it out while the link is down: so it is ours.
        wanted[objects.address_key(index, address, 64)] = State(
            records.IFA_F_NOPREFIXROUTE,
            lifetime.preferred_until - early,
            lifetime.valid_until,
            0.0,
        )
        route = objects.route_key("unicast", subnet, 64, "", index, objects.ON_LINK_METRIC)
        wanted[route] = State(PROTOCOL, lifetime.valid_until, lifetime.valid_until, 0.0)


def _elsewhere(now: float, lease: "Lease", using: list[Used]) -> list[tuple[int, int]]:
    """The WAN's own networks: what is excluded (RFC 6603), and each /64 that it has a route to.

    A LAN's route would win over the WAN's: with the better metric, or as the more specific one.
    """
    found = [
        (route.destination, route.length)
        for route in lease.routes
        if route.length == 64 and deadlines.lasts(route.valid_until, now)
    ]
    for item in using:
        found += item.excluded
    return found


def _wake_at(using: list[Used]) -> float:
    """When time alone changes the plan: a hold-down ends, or less than a second is left."""
    times = [deadlines.FOREVER]
    for item in using:
        times.append(item.valid_until - 1)
        if item.held_until is not None:
            times.append(item.held_until)
    return min(times)
