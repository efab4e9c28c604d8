"""From content and memory to the advertisement of this moment, and whether it is worth sending now.

Pure. Lifetimes are cut down to whole seconds, so that none ever spans past what the lease has left
(RFC 9096 section 3.3, RFC 7084 L-15).
"""

from collections import namedtuple

from services.ra import facts, memory, packet
from services.ra.arguments import Lan
from services.ra.content import ROUTES_MAX, Content
from services.ra.facts import DOMAIN, ND_PREFERRED_LIMIT, ND_VALID_LIMIT, PREFIX, ROUTE, SERVER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from services.ra.facts import Item
    from services.ra.memory import Memory, Told
    from services.ra.packet import Option

HOP_LIMIT = 64  # RFC 4861 section 6.2.1: the assigned number; what Linux uses by itself
# A deadline that moves by less is the same one: hooks are told whole seconds.
JITTER_S = 1.5

# What the link was told last by multicast, at which time.
Sent = namedtuple("Sent", ("content", "router", "withdrawn", "at"))


def left(deadline: float, now: float, limit: int) -> int:
    """Whole seconds up to `deadline`, between 0 and `limit`."""
    return int(max(0.0, min(deadline - now, float(limit))))


def lifetimes_of(content: Content, now: float) -> dict[tuple[str, str], int]:
    """The valid lifetimes that an advertisement tells at `now`, by (kind, what)."""
    told = {}
    for item in content.items:
        valid = left(item.valid, now, ND_VALID_LIMIT)
        if valid:
            told[(item.kind, item.what)] = valid
    return told


def build(lan: Lan, content: Content, told: "Memory", mac: str, now: float) -> packet.Advertisement:
    """The advertisement for a LAN (arguments.Lan) at `now`; `told` is its memory, `mac` the link's
    address or "" when it has none."""
    lifetimes = lifetimes_of(content, now)
    gone = memory.withdrawn(told, now)
    options: "list[Option]" = [packet.LinkAddress(mac)] if mac else []
    if lan.mtu:
        options.append(packet.Mtu(lan.mtu))
    for item in content.items:
        if item.kind == PREFIX and (PREFIX, item.what) in lifetimes:
            preferred = left(item.preferred, now, ND_PREFERRED_LIMIT)
            options.append(_prefix(item, preferred, lifetimes[(PREFIX, item.what)]))
    options += [_prefix(item, 0, 0) for item in gone if item.kind == PREFIX]
    options += _routes(content, gone, lifetimes)
    options += _grouped(SERVER, packet.Servers, content, gone, lifetimes)
    options += _grouped(DOMAIN, packet.Search, content, gone, lifetimes)
    if content.portal:
        options.append(packet.Portal(content.portal))
    lifetime = ND_PREFERRED_LIMIT if content.router > now else 0
    return packet.Advertisement(
        HOP_LIMIT, lan.managed, lan.other, lan.preference, lifetime, 0, 0, tuple(options)
    )


def _prefix(item: "Item | Told", preferred: int, valid: int) -> packet.Prefix:
    address, length = facts.split_prefix(item.what)
    on_link, autonomous = "L" in item.flags, "A" in item.flags
    return packet.Prefix(address, length, on_link, autonomous, preferred, valid)


def _routes(
    content: Content, gone: "list[Told]", lifetimes: dict[tuple[str, str], int]
) -> list[packet.Route]:
    live = [i.what for i in content.items if i.kind == ROUTE and (ROUTE, i.what) in lifetimes]
    ceased = [item.what for item in gone if item.kind == ROUTE]
    routes = []
    for what in (live + ceased)[:ROUTES_MAX]:
        address, length = facts.split_prefix(what)
        lifetime = 0 if what in ceased else lifetimes[(ROUTE, what)]
        routes.append(packet.Route(address, length, "medium", lifetime))
    return routes


def _grouped(
    kind: str,
    option: type,
    content: Content,
    gone: "list[Told]",
    lifetimes: dict[tuple[str, str], int],
) -> "list[Option]":
    """Items with one lifetime share an option, in the order of preference; ceased ones come last
    with lifetime zero (RFC 8106 section 5.1). One option holds at most four: it always fits."""
    pairs = [
        (item.what, lifetimes[(kind, item.what)])
        for item in content.items
        if item.kind == kind and (kind, item.what) in lifetimes
    ]
    pairs += [(item.what, 0) for item in gone if item.kind == kind]
    options: "list[Option]" = []
    for what, lifetime in pairs:
        if options and options[-1][1] == lifetime and len(options[-1][0]) < 4:
            options[-1] = option(options[-1][0] + (what,), lifetime)
        else:
            options.append(option((what,), lifetime))
    return options


def ceasing(advertisement: packet.Advertisement) -> packet.Advertisement:
    """The final advertisement (RFC 4861 section 6.2.5, RFC 4191 section 4): no default router and
    no routes any more; prefixes and name servers stay what they are."""
    options: "list[Option]" = []
    for option in advertisement.options:
        if isinstance(option, packet.Route):
            option = packet.Route(option.address, option.length, option.preference, 0)
        options.append(option)
    fields = tuple(advertisement)
    return packet.Advertisement(*(fields[:4] + (0,) + fields[5:7] + (tuple(options),)))


def sent(content: Content, told: "Memory", now: float) -> Sent:
    """What the link knows after a multicast advertisement at `now`."""
    gone = [(item.kind, item.what) for item in memory.withdrawn(told, now)]
    return Sent(content, content.router > now, gone, now)


SAME, SOON, AT_ONCE = 0, 1, 2


def urgency(
    before: Sent | None, content: Content, told: "Memory", now: float, interval: float
) -> int:
    """Whether hosts should hear of the present content before the next periodic advertisement,
    which comes within `interval` seconds.

    AT_ONCE: a prefix came, went or moved its deadlines, or we stopped being a default router
    (RFC 7084 G-5). SOON: anything else, which often comes a moment before the former and then
    travels with it. SAME: nothing but time has passed.
    """
    if before is None or (before.router and content.router <= now):
        return AT_ONCE
    changes = [item.kind for item in content.items if _moved(item, before, now, interval)]
    gone = [(item.kind, item.what) for item in memory.withdrawn(told, now)]
    changes += [key[0] for key in gone if key not in before.withdrawn]
    if PREFIX in changes:
        return AT_ONCE
    router_came = not before.router and content.router > now
    return SOON if changes or router_came or content.portal != before.content.portal else SAME


def _moved(item: facts.Item, before: Sent, now: float, interval: float) -> bool:
    """Whether this live item is not what hosts believe, in a way that cannot wait."""
    for old in before.content.items:
        if (old.kind, old.what) == (item.kind, item.what):
            return bool(
                old.flags != item.flags
                or _cannot_wait(
                    old.preferred, item.preferred, ND_PREFERRED_LIMIT, before, now, interval
                )
                or _cannot_wait(old.valid, item.valid, ND_VALID_LIMIT, before, now, interval)
            )
    return True


def _cannot_wait(
    old: float, new: float, limit: int, before: Sent, now: float, interval: float
) -> bool:
    """Both deadlines are compared as hosts would have been told them then: beyond the limit they
    may move without anybody noticing. An earlier one must be told (RFC 9096 section 3.3); a later
    one only when two periodic advertisements might not come before hosts stop using the item."""
    believed = min(old, before.at + limit)
    meant = min(new, before.at + limit)
    if believed - meant > JITTER_S:
        return True
    return bool(meant - believed > JITTER_S and believed - now < 2 * interval)


def next_deadline(content: Content, now: float) -> float | None:
    """When the content becomes another one without any event."""
    times = [content.router] + [item.valid for item in content.items]
    return min([time for time in times if now < time < facts.FOREVER], default=None)
