"""What a picture of a graph need not draw, and what it draws besides: it stays readable. Pure."""

from typing import TYPE_CHECKING

from agent.graph import conditions
from agent.graph.model import READY, Graph, Service, covers

if TYPE_CHECKING:
    from agent.graph.model import Node

# A service that so many others wait for, all for the same, is told in them instead of by arrows.
HUB = 8


def plain_needs(service: Service) -> list[str]:
    """The services that it needs to be ready, whatever else it needs."""
    needs = service.needs
    parts: tuple["Node", ...] = ()
    if needs is not None:
        parts = needs[1] if needs[0] == "all" else (needs,)
    return [part[1] for part in parts if part[0] == "service" and part[2] == READY]


def drawn_needs(graph: Graph, service: Service) -> list[str]:
    """The same without those that follow: what is ready has had all that it needs itself."""
    direct = plain_needs(service)
    followed: set[str] = set()
    for name in conditions.necessary(conditions.whole(service)):
        followed |= _all_before(graph, name)
    return [name for name in direct if name not in followed]


def _all_before(graph: Graph, name: str) -> set[str]:
    """What can't be missing while the service is ready, itself left out."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        service = graph.services.get(waiting.pop())
        if service is not None:
            new = conditions.necessary(conditions.whole(service)) - found
            found |= new
            waiting += new
    return found


def hubs(graph: Graph) -> list[str]:
    """The services that at least HUB arrows would come from, all for their readiness."""
    counts: dict[str, int] = {}
    for service in graph.services.values():
        for name in drawn_needs(graph, service):
            counts[name] = counts.get(name, 0) + 1
    return [name for name in graph.order if counts.get(name, 0) >= HUB]


def followed(graph: Graph, service: Service) -> list[str]:
    """The outputs ("SERVICE" or "SERVICE/PATH") that a service's command names.

    Our programs are told by words whose outputs to follow; the graph knows nothing of it, since
    they wait by themselves.
    """
    found = []
    for word in ",".join(service.run[1:]).split(","):
        name, _, path = word.partition("/")
        owner = graph.services.get(name)
        if owner is None or name == service.name or not owner.outputs or word in found:
            continue
        if not path or covers(owner.outputs, path):
            found.append(word)
    return found
