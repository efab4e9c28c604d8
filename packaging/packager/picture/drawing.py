"""What the picture of a service graph consists of. Pure; language.py writes it for Graphviz.

Arrows go from what is needed to what needs it: a router starts from the left to the right.
"""

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from agent.graph import conditions
from agent.graph.model import ENV, READY, RESTART, Graph, Reference, Service
from packager.picture import sparing
from packager.picture.live import Stand

if TYPE_CHECKING:
    from agent.graph.model import Node


@dataclass(frozen=True)
class Shape:
    """A node. kind: of service, `link`, `device`, `any` or `all`. `title`: what it says when it is
    pointed at; `state`: how it stands, '' where nobody asked."""

    key: str
    kind: str
    label: str
    title: str
    state: str = ""


@dataclass(frozen=True)
class Arrow:
    """From what is needed (`tail`) to what needs it. kind: need, reference, content, follows."""

    tail: str
    head: str
    kind: str
    label: str
    title: str
    service: str  # whose condition or reference it is


@dataclass
class Picture:
    """What is drawn. `groups`: alternatives, each with its members by preference."""

    name: str
    shapes: list[Shape] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    groups: dict[str, list[str]] = field(default_factory=dict)

    def titles(self) -> dict[str, str]:
        """What each element of the SVG says, by its identifier there: n0, n1, e0, e1 and so on."""
        found = {f"n{i}": shape.title for i, shape in enumerate(self.shapes)}
        found.update((f"e{i}", arrow.title) for i, arrow in enumerate(self.arrows))
        return found


def draw(graph: Graph, name: str, stands: dict[str, Stand] | None = None) -> Picture:
    """The picture of a graph; `stands`: how its services stand now, by name."""
    made = _Maker(graph, name, stands)
    for service_name in graph.order:
        made.service(graph.services[service_name])
    picture = made.picture
    picture.arrows = merged(picture.arrows)
    picture.groups = {group: list(members) for group, members in sorted(graph.groups.items())}
    return picture


class _Maker:
    """Goes through the services and collects shapes and arrows."""

    def __init__(self, graph: Graph, name: str, stands: dict[str, Stand] | None) -> None:
        self.graph, self.stands = graph, stands
        self.picture = Picture(name)
        self.known: set[str] = set()
        self.left_out: list[str] = []  # of the service that is being drawn
        self.hubs = sparing.hubs(graph)

    def service(self, service: Service) -> None:
        """A service, its conditions, references and contents."""
        titles = [f"{service.name}, {service.kind}"]
        if service.description:
            titles[0] += f": {service.description}"
        lines, state = [service.name], ""
        drawn = sparing.drawn_needs(self.graph, service)
        lines += [f"after {hub}" for hub in self.hubs if hub in drawn]
        self.left_out = [name for name in sparing.plain_needs(service)
                         if name in self.hubs or name not in drawn]  # fmt: skip
        titles += [f"{service.name} needs service {name} ready" for name in self.left_out]
        if self.stands is not None:
            stand = self.stands.get(service.name)
            state = "is-" + (stand.state if stand else "unknown")
            lines.append(stand.short if stand else "unknown")
            titles.append(stand.text if stand else "the router does not know it")
        if service.alternative is not None:
            group, preference = service.alternative.group, service.alternative.preference
            titles.append(f"one of {group}, preference {preference}")
        self.shape(Shape(service.name, service.kind, "\n".join(lines), "\n".join(titles), state))
        if service.needs is not None:
            self.need(service.needs, service.name, service.name)
        for reference in service.references:
            self.reference(reference, service.name)
        for content in service.contents:
            text = f"{service.name} contains {content}"
            self.arrow(content, service.name, "content", "", text, service.name)
        there = {arrow.tail for arrow in self.picture.arrows if arrow.head == service.name}
        for output in sparing.followed(self.graph, service):
            owner, _, path = output.partition("/")
            if owner not in there:
                text = f"{service.name} follows outputs of {output}: its command names them"
                self.arrow(owner, service.name, "follows", path, text, service.name)

    def need(self, node: "Node", head: str, service: str) -> None:
        """A condition of a service; an `any`, or an `all` inside of one, is a knot."""
        kind = node[0]
        if kind == "all" and head == service:
            for part in node[1]:
                self.need(part, head, service)
        elif kind in ("all", "any"):
            knot = f"knot {len(self.picture.shapes)} of {service}"
            words = "one of these is enough" if kind == "any" else "all of these"
            self.shape(Shape(knot, kind, kind, f"{words} for {service}"))
            for part in node[1]:
                self.need(part, knot, service)
            self.arrow(knot, head, "need", "", f"{service} needs {kind} of these", service)
        else:
            self.leaf(node, head, service)

    def leaf(self, leaf: "Node", head: str, service: str) -> None:
        """A condition that asks about one thing."""
        kind = leaf[0]
        tail, label = "", ""
        if kind == "service":
            if leaf[1] in self.left_out and leaf[2] == READY and head == service:
                return
            tail, label = leaf[1], "" if leaf[2] == READY else leaf[2]
        elif kind == "output":
            tail, _, path = leaf[1].partition("/")
            label = path if leaf[2] is None else f"{path} = {short(leaf[2])}"
        elif kind == "link" and leaf[2] is not None:
            tail, _, path = leaf[2].partition("/")
            label = f"link in {path}\n{leaf[3]}"
        else:
            tail = conditions.key(leaf)
            name = f"link {leaf[1]}" if kind == "link" else device(leaf[1], "\n")
            self.shape(Shape(tail, kind, name, tail if kind == "link" else device(leaf[1])))
            label = leaf[3] if kind == "link" else ""
        words = device(leaf[1]) if kind == "device" else conditions.describe(leaf)
        text = f"{service} needs {words}"
        self.arrow(tail, head, "need", label, text, service)

    def reference(self, reference: Reference, service: str) -> None:
        """An output that goes into an environment or a file."""
        owner, _, path = reference.output.partition("/")
        place = f"${reference.name}" if reference.place == ENV else reference.name
        label = f"{place} ← {path}" + (" ?" if reference.optional else "")
        text = f"{service} gets output {reference.output} as {place}; a change: {reference.change}"
        if reference.change != RESTART:
            label += f"\n({reference.change})"
        if reference.optional:
            text += "; it runs without, too"
        self.arrow(owner, service, "reference", label, text, service)

    def shape(self, shape: Shape) -> None:
        if shape.key not in self.known:
            self.known.add(shape.key)
            self.picture.shapes.append(shape)

    def arrow(self, *words: str) -> None:
        self.picture.arrows.append(Arrow(*words))


def merged(arrows: list[Arrow]) -> list[Arrow]:
    """Arrows of one kind between the same two become one, with all their labels."""
    found: dict[tuple[str, str, str], Arrow] = {}
    for arrow in arrows:
        key = (arrow.tail, arrow.head, arrow.kind)
        there = found.get(key)
        if there is not None:
            labels = [label for label in (there.label, arrow.label) if label]
            title = f"{there.title}\n{arrow.title}"
            arrow = replace(there, label="\n".join(labels), title=title)
        found[key] = arrow
    return list(found.values())


def described(picture: Picture) -> str:
    """The picture in words: each service, then what it needs and gets, a line each."""
    lines = []
    for shape in picture.shapes:
        if shape.kind in ("longrun", "oneshot", "bundle"):
            lines += shape.title.split("\n")
            for arrow in picture.arrows:
                if arrow.service == shape.key:
                    lines += ["  " + line for line in arrow.title.split("\n")]
    return "\n".join(lines)


def device(key: str, between: str = " ") -> str:
    """A device condition in words; the label of a node with `between` a newline."""
    wanted = json.loads(key)
    words = [f"device {wanted['subsystem']}", wanted["name"]]
    words += [f"{name}={short(text)}" for name, text in sorted(wanted["attributes"].items())]
    return between.join(word for word in words if word != "*")


def short(text: str, longest: int = 28) -> str:
    """A value for a label."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
