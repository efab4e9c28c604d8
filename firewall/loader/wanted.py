"""What the sets and maps should hold: a function of the spec and of the outputs. Pure.

Everything strange is left out and told in one line; what is told here is shown once, as long as it
holds. `published` is {service: its values}.
"""

from agent import ip
from agent.report import show
from firewall.loader import prefixes, present
from firewall.loader.contents import FOREVER, State, limit_name
from firewall.loader.prefixes import Prefix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firewall.loader.contents import Contents, Limits
    from firewall.loader.spec import Follow, Icmp, Source, Spec

    Published = dict[str, dict[str, str]]
    Found = tuple[Prefix, str, float]

# A packet of 64 octets is 512 bits; the bandwidth is in kbit/s and the share in thousandths, so
# that thousand and thousandth cancel out.
PACKET_BITS = 512
MOST_RATE = 1000000


def services(spec: "Spec") -> list[str]:
    """The services whose outputs matter, sorted."""
    paths = [what for zone in spec.zones for kind, what in zone.members if kind == "output"]
    paths += [zone.icmp.bandwidth for zone in spec.zones if zone.icmp and zone.icmp.bandwidth]
    sources = spec.forget + [source for follow in spec.follow for source in follow.sources]
    paths += [source.what for source in sources if source.kind != "value"]
    return sorted({path.partition("/")[0] for path in paths})


def assigning(spec: "Spec") -> list[str]:
    """Those of them that tell which link has which prefix, sorted."""
    sources = [source for follow in spec.follow for source in follow.sources]
    named = [each for each in sources if each.kind == "entries" and each.link >= 0]
    return sorted({each.what.partition("/")[0] for each in named})


def decide(spec: "Spec", published: "Published", now: float) -> tuple[State, list[str]]:
    """What the sets should hold now, and notes for people."""
    notes: list[str] = []
    sets: Contents = {}
    limits: Limits = {}
    kinds = {(t.family, t.name, each.name): each for t in spec.tables for each in t.sets}
    for table in spec.tables:
        if (table.family, table.name, present.LIMITS) in kinds:
            limits[(table.family, table.name)] = []
    _fill_zones(spec, published, sets, limits, kinds, notes)
    for follow in spec.follow:
        kind = kinds[(follow.family, follow.table, follow.set)]
        sets[(follow.family, follow.table, follow.set)] = _followed(
            follow, kind.type, kind.flags, published, now, notes
        )
    return State(sets, limits), notes


def members(
    spec: "Spec", published: "Published", notes: list[str]
) -> "list[tuple[str, list[str]]]":
    """(zone, its links, sorted) in order of precedence; each link is in one zone."""
    owner: dict[str, str] = {}
    found = []
    for zone in spec.zones:
        links = []
        for kind, what in zone.members:
            text = what if kind == "link" else _value(published, what)
            for name in text.split("\n") if text else []:
                where = "zone %s: %s" % (zone.name, what if kind == "output" else "link")
                if not prefixes.is_link(name):
                    note = "%s: expected %s, got %s; it is left out"
                    notes.append(note % (where, prefixes.LINK_NAME, show(name)))
                elif owner.get(name, zone.name) != zone.name:
                    note = "%s: %s belongs to zone %s already; it is left out"
                    notes.append(note % (where, show(name), owner[name]))
                elif name not in owner:
                    owner[name] = zone.name
                    links.append(name)
        found.append((zone.name, sorted(links)))
    return found


def _fill_zones(spec, published, sets, limits, kinds, notes) -> None:  # type: ignore[no-untyped-def]
    """Each zone's set, its entries in the dispatch maps, and its links' limits."""
    for (name, links), zone in zip(members(spec, published, notes), spec.zones):
        quoted = ['"%s"' % link for link in links]
        for table in spec.tables:
            key = (table.family, table.name, name)
            if key in kinds:
                sets[key] = dict.fromkeys(quoted)
        for family, table, where, verdict in zone.maps:
            held = sets.setdefault((family, table, where), {})
            for link in quoted:
                held[link] = verdict
        for family, table in limits:
            held = sets.setdefault((family, table, present.LIMITS), {})
            if zone.icmp is None or not quoted:
                continue
            rate = _rate(zone.icmp, published)
            for link in links:
                limits[(family, table)].append((link, rate))
                held['"%s"' % link] = '"%s"' % limit_name((link, rate))


def _rate(icmp: "Icmp", published: "Published") -> int:
    text = _value(published, icmp.bandwidth) if icmp.bandwidth else ""
    kbit = ip.decimal(text, 10**12)
    if not kbit:
        return icmp.default
    return min(MOST_RATE, max(1, kbit * icmp.share // PACKET_BITS))


def _followed(
    follow: "Follow", kind: str, flags: str, published: "Published", now: float, notes: list[str]
) -> "dict[str, float | str | None]":
    """The elements of one set that follows outputs."""
    where = "set %s" % follow.set
    types = kind.split(" . ")
    if kind == "ifname":
        return {'"%s"' % name: None for name in _links(follow, published, where, notes)}
    family = 4 if "ipv4_addr" in types else 6
    found: list[Found] = []
    for source in follow.sources:
        for prefix, link, until in addresses(source, published, where, notes):
            if prefix.family != family:
                note = "%s: %s: expected %s, got %s; it is left out"
                notes.append(note % (where, source.what, kind, prefixes.show(prefix)))
            elif "interval" not in flags and prefix.length != prefixes.bits(family):
                note = "%s: %s: expected a single address (the set has no intervals), got %s"
                notes.append(note % (where, source.what, prefixes.show(prefix)))
            elif until > now:
                found.append((prefix, link, until))
    elements: dict[str, float | str | None] = {}
    for prefix, link, until in prefixes.merge(found):
        shown = [prefixes.show(prefix) if each != "ifname" else '"%s"' % link for each in types]
        elements[" . ".join(shown)] = None if until == FOREVER else until
    return elements


def _links(follow: "Follow", published: "Published", where: str, notes: list[str]) -> list[str]:
    """The links that a set of type ifname follows."""
    found = []
    for source in follow.sources:
        text = source.what if source.kind == "value" else _value(published, source.what)
        for name in text.split("\n") if text else []:
            if prefixes.is_link(name):
                found.append(name)
            else:
                note = "%s: %s: expected %s, got %s; it is left out"
                notes.append(note % (where, source.what, prefixes.LINK_NAME, show(name)))
    return sorted(set(found))


def addresses(
    source: "Source", published: "Published", where: str, notes: list[str]
) -> "list[Found]":
    """The (prefix, link or "", deadline) that one source tells."""
    if source.kind == "entries":
        return _entries(source, published, where, notes)
    text = source.what if source.kind == "value" else _value(published, source.what)
    found = []
    for word in text.split("\n") if text else []:
        prefix = prefixes.parse_word(word)
        if prefix is None:
            note = "%s: %s: expected an address or a prefix, got %s; it is left out"
            notes.append(note % (where, source.what, show(word)))
        else:
            found.append((prefix, "", FOREVER))
    return found


def _entries(
    source: "Source", published: "Published", where: str, notes: list[str]
) -> "list[Found]":
    service, _, path = source.what.partition("/")
    pattern = path.split("/")
    values = published.get(service, {})
    found = []
    for place in sorted(values):
        folder, _, leaf = place.rpartition("/")
        stars = _match(pattern, folder.split("/")) if leaf == source.address else None
        if stars is None:
            continue
        size = values.get(folder + "/" + source.length) or "?" if source.length else ""
        prefix = prefixes.parse(values[place], size)
        end = _deadline(values.get(folder + "/" + source.until, "")) if source.until else FOREVER
        link = stars[source.link] if 0 <= source.link < len(stars) else ""
        if prefix is None or end is None or (link and not prefixes.is_link(link)):
            note = "%s: %s/%s: expected an address with its length%s, got %s; it is left out"
            got = "%s and %s" % (show(values[place]), show(size))
            what = " and deadline" if source.until else ""
            notes.append(note % (where, service, folder, what, got))
            continue
        if source.suffix:
            prefix = prefixes.with_suffix(prefix, source.suffix)
        found.append((prefix, link, end))
    return found


def _match(pattern: list[str], elements: list[str]) -> list[str] | None:
    """What stands for the pattern's stars; None when it does not match."""
    if len(pattern) != len(elements):
        return None
    stars = []
    for wanted, element in zip(pattern, elements):
        if wanted == "*":
            stars.append(element)
        elif wanted != element:
            return None
    return stars


def _deadline(text: str) -> float | None:
    """A deadline on the monotonic clock, as outputs tell it: decimal seconds or `infinity`."""
    if text == "infinity":
        return FOREVER
    whole, dot, part = text.partition(".")
    if not whole or len(text) > 18 or (whole + part).strip("0123456789") or (dot and not part):
        return None
    return float(text)


def _value(published: "Published", path: str) -> str:
    service, _, rest = path.partition("/")
    return published.get(service, {}).get(rest, "")


def forgettable(spec: "Spec", published: "Published") -> list[str]:
    """The addresses whose connections end with them, sorted; what is none was never there."""
    found = set()
    for source in spec.forget:
        for prefix, _, _ in addresses(source, published, "", []):
            if prefix.length == prefixes.bits(prefix.family):
                found.add(prefixes.show(prefix))
    return sorted(found)
