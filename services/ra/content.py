"""What a LAN is to be told: prefixes, routes, name servers, and whether we are its default router.

Pure: the outputs of the prefix sources and of the lease, as they are now, become items with
deadlines. Deadlines and not lifetimes, so that the same facts give the same content at any time;
lifetimes are made from them at the moment of sending (advertisement.py).
"""

from collections import namedtuple

from agent import ip
from agent.report import show
from services.ra import facts, resolvers
from services.ra.arguments import Lan
from services.ra.facts import PREFIX, ROUTE, Item, World

# RFC 4191 section 4: no more route information options than this on a link
ROUTES_MAX = 17

# router: the deadline up to which we may be the default router, 0.0 for not at all.
# items: the live ones, at most one for a (kind, what). ended: (kind, what, source) of those whose
# source says itself that their valid lifetime is zero. portal: the captive portal's address or "".
# complaints: lines for people about what was left out. forwards: whether the kernel does, for this
# LAN; without that there is neither a default router nor any route.
Content = namedtuple("Content", ("router", "items", "ended", "portal", "complaints", "forwards"))

NOTHING = Content(0.0, (), (), "", (), True)


def content_of(lan: Lan, world: World, now: float, before: Content) -> Content:
    """The content for one LAN (arguments.Lan) at time `now`.

    `before` is the LAN's previous content: while the client has no lease, the name servers it told
    last stay as they are, because the prefixes do too for the hold-down of lan_prefix.
    """
    complaints: list[str] = []
    prefixes, ended = _prefixes(lan, world, now, complaints)
    forwards = lan.name not in world.hosts
    routes = _routes(world, now, complaints) if forwards else []
    resolving = resolvers.resolver_items(lan, world, prefixes, now, before.items, complaints)
    portal = portal_of(lan, world, complaints)
    router = 0.0
    globals_valid = [item.valid for item in prefixes if not facts.is_local(item.what)]
    if globals_valid and forwards:  # RFC 7084 L-4 and ULA-5, RFC 4861 section 6.2.5
        router = min(router_until(world), max(globals_valid))
    items = tuple(prefixes + routes + resolving)
    return Content(router, items, ended, portal, tuple(complaints), forwards)


def router_until(world: World) -> float:
    """Until when the WAN is usable (RFC 7084 G-4, G-5): the client is bound, its link runs and it
    has a default route. The deadline of the last of these routes, which may have passed; 0.0 when
    there is none or the WAN is down."""
    if world.lease is None or world.lease.get("state") != "bound" or not world.wan_running:
        return 0.0
    last = 0.0
    for _, route in facts.folders(world.lease, "route"):
        if route.get("destination") == "::" and route.get("length") == "0":
            last = max(last, facts.deadline(route.get("valid-until", "")) or 0.0)
    return last


def portal_of(lan: Lan, world: World, complaints: list[str]) -> str:
    """The captive portal's address to pass on (RFC 8910), "" for none."""
    if lan.portal != "lease":
        return str(lan.portal)
    told = str((world.lease or {}).get("captive-portal", ""))
    if not told or facts.is_portal(told):
        return told
    text = "%s: captive-portal: expected a URI of at most %d octets, got %s; left out"
    complaints.append(text % (world.lease_name, facts.PORTAL_OCTETS, show(told)))
    return ""


def _prefixes(
    lan: Lan, world: World, now: float, complaints: list[str]
) -> tuple[list[Item], tuple[tuple[str, str, str], ...]]:
    """A LAN's live prefixes, and those that a source lists with a zero lifetime."""
    live: dict[str, Item] = {}
    ended = {}
    flags = ("L" if lan.on_link else "") + ("A" if lan.autonomous else "")
    for source, values in world.sources:
        for key, fields in facts.folders(values or {}, "lan/" + lan.name):
            net = facts.network(fields)
            valid = facts.deadline(fields.get("valid-until", ""))
            preferred = facts.deadline(fields.get("preferred-until", ""))
            if net is None or net[1] != 64 or valid is None or preferred is None:
                text = "%s: lan/%s/%s: expected a /64 with its deadlines, got %s/%s; left out"
                told = (fields.get("prefix", "nothing"), fields.get("length", ""))
                complaints.append(text % (source, lan.name, key, told[0], told[1]))
                continue
            what = ip.format6(net[0]) + "/64"
            if valid > now and what not in live:
                live[what] = Item(PREFIX, what, flags, min(preferred, valid), valid, source)
            elif valid == 0:
                ended[what] = (PREFIX, what, source)
    items = [live[what] for what in sorted(live, key=facts.order)]
    return items, tuple([ended[what] for what in sorted(ended) if what not in live])


def _routes(world: World, now: float, complaints: list[str]) -> list[Item]:
    """Route information for the delegated prefixes, whatever the WAN's state (RFC 7084 L-3)."""
    live: dict[str, Item] = {}
    for source, values in world.sources:
        for key, fields in facts.folders(values or {}, "delegated"):
            net = facts.network(fields)
            valid = facts.deadline(fields.get("valid-until", ""))
            if net is None or valid is None:
                text = "%s: delegated/%s: expected a prefix with its deadline, got %s/%s; left out"
                told = (fields.get("prefix", "nothing"), fields.get("length", ""))
                complaints.append(text % (source, key, told[0], told[1]))
                continue
            what = "%s/%d" % (ip.format6(net[0]), net[1])
            if valid > now and what not in live:
                live[what] = Item(ROUTE, what, "", valid, valid, source)
    routes = [live[what] for what in sorted(live, key=facts.order)]
    if len(routes) > ROUTES_MAX:
        text = "expected at most %d routes (RFC 4191 section 4), got %d; left out from %s on"
        complaints.append(text % (ROUTES_MAX, len(routes), routes[ROUTES_MAX].what))
    return routes[:ROUTES_MAX]
