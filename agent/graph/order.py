"""The services' order and the lookups that make a Graph of them; cycles. Pure."""

from agent.graph import conditions
from agent.graph.model import Graph, Reference, Service, covers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agent.graph.model import Node

    Services = dict[str, Service]
    Names = dict[str, tuple[str, ...]]

MOST_CYCLES = 10
REFERENCES = 10  # their place in Service: a namedtuple has no _replace on the device


def build(services: "Services") -> Graph:
    """The Graph of services that have been checked."""
    secrets = {"%s/%s" % (name, path) for name in services for path in services[name].secrets}
    if secrets:
        services = {name: _with_secrets(services[name], secrets) for name in services}
    needs = needs_of(services)
    order = in_order(needs)[0]
    whole = {name: conditions.whole(services[name]) for name in services}
    groups: dict[str, list[str]] = {}
    bundles: dict[str, list[str]] = {name: [] for name in services}
    for name in sorted(services, key=lambda name: _preference(services[name])):
        alternative = services[name].alternative
        if alternative is not None:
            groups.setdefault(alternative.group, []).append(name)
        for content in services[name].contents:
            bundles[content].append(name)
    return Graph(
        services,
        order,
        {name: i for i, name in enumerate(order)},
        whole,
        reverse(needs),
        needs,
        _watchers(services, whole),
        {group: tuple(groups[group]) for group in groups},
        secrets,
        _sorted(bundles),
        _link_outputs(whole),
    )


def needs_of(services: "Services") -> "Names":
    """Which services each one names, as far as they exist; sorted."""
    return {
        name: tuple(sorted([o for o in conditions.providers(services[name]) if o in services]))
        for name in services
    }


def reverse(needs: "Names") -> "Names":
    """Who names each service, sorted."""
    users: dict[str, list[str]] = {name: [] for name in needs}
    for name in needs:
        for other in needs[name]:
            users[other].append(name)
    return _sorted(users)


def in_order(needs: "Names") -> tuple[list[str], list[str]]:
    """(providers before their users, what is left because of cycles), by depth and then by name."""
    users = reverse(needs)
    waiting = {name: len(needs[name]) for name in needs}
    order: list[str] = []
    wave = sorted([name for name in waiting if waiting[name] == 0])
    while wave:
        order += wave
        following = []
        for name in wave:
            for user in users[name]:
                waiting[user] -= 1
                if waiting[user] == 0:
                    following.append(user)
        wave = sorted(following)
    return order, sorted([name for name in waiting if waiting[name] > 0])


def cycles(needs: "Names") -> list[list[str]]:
    """Cycles that have no service in common, each from its first name on; at most MOST_CYCLES."""
    found: list[list[str]] = []
    left = in_order(needs)[1]
    while left and len(found) < MOST_CYCLES:
        path, among = [left[0]], set(left)
        while True:
            # Whoever is left needs another that is left: the walk comes back to where it was
            following = [other for other in needs[path[-1]] if other in among][0]
            if following in path:
                break
            path.append(following)
        path = path[path.index(following) :]
        first = path.index(min(path))
        found.append(path[first:] + path[:first])
        needs = {
            name: tuple([other for other in needs[name] if other not in path])
            for name in needs
            if name not in path
        }
        left = in_order(needs)[1]
    return found


def _with_secrets(service: Service, secrets: set[str]) -> Service:
    """The same, with its references marked that are to secrets."""
    marked = tuple(
        [
            Reference(*(reference[:-1] + (covers(secrets, reference.output),)))
            for reference in service.references
        ]
    )
    fields: list[Any] = list(service)
    fields[REFERENCES] = marked
    return Service(*fields)


def _preference(service: Service) -> tuple[int, str]:
    preference = 0 if service.alternative is None else service.alternative.preference
    return preference, service.name


def _watchers(services: "Services", whole: "dict[str, Node | None]") -> "Names":
    """Whom a change of each fact concerns: who looks at it, and whose fact it is."""
    found: dict[str, set[str]] = {}
    for name in services:
        seen = conditions.keys(whole[name])
        seen += ["output " + reference.output for reference in services[name].references]
        for key in seen:
            found.setdefault(key, set()).add(name)
            if key.startswith("output "):
                found[key].add(key[7:].partition("/")[0])
        found.setdefault("s6 " + name, set()).add(name)
    return _sorted(found)


def _link_outputs(whole: "dict[str, Node | None]") -> "Names":
    found: dict[str, set[str]] = {}
    for name in whole:
        for leaf in conditions.bare_leaves(whole[name]):
            if leaf[0] == "link" and leaf[2] is not None:
                found.setdefault(leaf[2], set()).add(name)
    return _sorted(found)


def _sorted(table: "dict[str, list[str]] | dict[str, set[str]]") -> "Names":
    return {key: tuple(sorted(table[key])) for key in table}
