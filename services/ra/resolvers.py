"""Name servers and search domains for a LAN (RFC 8106; RFC 7084 L-11). Pure.

Their lifetimes hang on the prefixes (RFC 9096 section 3.4): what the lease told lives as long as
the longest of the lease's prefixes, the router's own address as long as its prefix.
"""

from agent import ip
from agent.report import show
from services.ra import facts, packet
from services.ra.arguments import Lan
from services.ra.facts import DOMAIN, SERVER, Item, World

# RFC 8106 section 5.3.1: a host keeps at least three; many more only make the message longer.
SERVERS_MAX = 8
DOMAINS_MAX = 8


def resolver_items(
    lan: Lan,
    world: World,
    prefixes: list[Item],
    now: float,
    before: tuple[Item, ...],
    complaints: list[str],
) -> list[Item]:
    """The items for name servers and domains. `prefixes` are the LAN's live ones; `before` its
    previous items, from which the lease's stay while there is no lease. What is left out of what
    the lease tells is added to `complaints`."""
    leased = max([p.valid for p in prefixes if not facts.is_local(p.what)], default=0.0)
    longest = max([p.valid for p in prefixes], default=0.0)
    items: list[Item] = []
    for word in lan.dns:
        if word == "lease":
            items += _leased(SERVER, world, leased, before, complaints)
        elif word == "self":
            items += _own(lan, world, prefixes)
        elif word != "none":
            items.append(Item(SERVER, word, "", longest, longest, ""))
    names: list[Item] = []
    for word in lan.domains:
        if word == "lease":
            names += _leased(DOMAIN, world, leased, before, complaints)
        elif word != "none":
            names.append(Item(DOMAIN, word, "", longest, longest, ""))
    return _first(items, SERVERS_MAX, now) + _first(names, DOMAINS_MAX, now)


def _first(items: list[Item], most: int, now: float) -> list[Item]:
    """The first `most` live ones without repetition: their order is the order of preference."""
    kept: list[Item] = []
    for item in items:
        if item.valid > now and item.what not in [other.what for other in kept]:
            kept.append(item)
    return kept[:most]


def _leased(
    kind: str, world: World, valid: float, before: tuple[Item, ...], complaints: list[str]
) -> list[Item]:
    """What the lease tells of this kind, or what it told last while there is none."""
    lease = world.lease or {}
    if lease.get("state") == "bound":
        told = _servers(world, lease, complaints) if kind == SERVER else _domains(lease)
    else:
        told = [i.what for i in before if i.kind == kind and i.source == world.lease_name]
    return [Item(kind, what, "", valid, valid, world.lease_name) for what in told]


def _servers(world: World, lease: dict[str, str], complaints: list[str]) -> list[str]:
    """The lease's IPv6 name servers, canonical; IPv4 ones cannot be told in an advertisement."""
    servers = []
    for line in lease.get("dns", "").split("\n"):
        value = ip.parse6(line)
        if value is None:
            continue
        if facts.can_serve(value):
            servers.append(ip.format6(value))
        else:
            text = "%s: dns: expected a unicast address, got %s; left out"
            complaints.append(text % (world.lease_name, show(line)))
    return servers


def _domains(lease: dict[str, str]) -> list[str]:
    lines = lease.get("domains", "").split("\n")
    return [line for line in lines if line and packet.encode_name(line) is not None]


def _own(lan: Lan, world: World, prefixes: list[Item]) -> list[Item]:
    """The router's addresses in the LAN's live prefixes; unique local ones first, because they
    outlive a renumbering."""
    until = {}
    for prefix in prefixes:
        until[prefix.what] = prefix.valid
    found: dict[str, Item] = {}
    for source, values in world.sources:
        for _, fields in facts.folders(values or {}, "lan/" + lan.name):
            value = ip.parse6(fields.get("address", ""))
            what = "" if value is None else ip.format6(ip.mask(value, 64)) + "/64"
            if value is not None and what in until:
                address = ip.format6(value)
                found[address] = Item(SERVER, address, "", until[what], until[what], source)
    return [found[a] for a in sorted(found, key=lambda a: (not facts.is_local(a), ip.parse6(a)))]
