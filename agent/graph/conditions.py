"""What a service's conditions say of the world. Pure.

A condition is a tree of tuples (model.Node), at most DEEPEST levels deep. `look` is what the
caller knows: .service(name, "up"|"ready") -> bool, .output("SERVICE/PATH") -> str or None,
.link(name) -> tuple of states (() when absent), .device(key) -> bool. None as a node means that
nothing is needed.
"""

from agent.graph.model import BUNDLE, ENV, READY, split_output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from agent.graph.model import Node, Service

    class Look(Protocol):
        def service(self, name: str, state: str) -> bool: ...
        def output(self, output: str) -> str | None: ...
        def link(self, name: str) -> tuple[str, ...]: ...
        def device(self, key: str) -> bool: ...


DEEPEST = 16  # levels of a condition


def whole(service: "Service") -> "Node | None":
    """All that must hold for the service to run: its `needs`, and that the outputs it can't do
    without are present. A bundle holds when its `needs` do and all its contents are ready."""
    parts = [service.needs] if service.needs is not None else []
    for reference in service.references:
        node = ("output", reference.output, None)
        if not reference.optional and node not in parts:
            parts.append(node)
    if service.kind == BUNDLE:
        parts += [("service", name, READY) for name in service.contents]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else ("all", tuple(parts))


def holds(node: "Node | None", look: "Look") -> bool:
    """Whether the condition is met."""
    if node is None:
        return True
    kind = node[0]
    if kind == "all":
        return all([holds(part, look) for part in node[1]])
    if kind == "any":
        return any([holds(part, look) for part in node[1]])
    if kind == "service":
        return look.service(node[1], node[2])
    if kind == "output":
        value = look.output(node[1])
        return value is not None and (node[2] is None or value == node[2])
    if kind == "link":
        name = link_name(node, look)
        return name is not None and node[3] in look.link(name)
    return look.device(node[1])


def link_name(leaf: "Node", look: "Look") -> str | None:
    """The name of the link that a link condition asks about now; None when no output tells it."""
    name: str | None = leaf[1] if leaf[2] is None else look.output(leaf[2])
    return name


def unmet(node: "Node | None", look: "Look") -> "list[Node]":
    """The leaves that keep the condition from being met, in the order of the file; [] when met.

    Of an `any` that is not met these are all its leaves that are not met.
    """
    if node is None or holds(node, look):
        return []
    if node[0] not in ("all", "any"):
        return [node]
    found = []
    for part in node[1]:
        found += [leaf for leaf in unmet(part, look) if leaf not in found]
    return found


def leaves(node: "Node | None", place: str) -> "list[tuple[str, Node]]":
    """(place, leaf) of each leaf in the order of the file; places are like `needs.all[0]`."""
    if node is None:
        return []
    if node[0] not in ("all", "any"):
        return [(place, node)]
    found = []
    for i, part in enumerate(node[1]):
        found += leaves(part, "%s.%s[%d]" % (place, node[0], i))
    return found


def keys(node: "Node | None") -> list[str]:
    """The keys of the facts that the condition looks at, sorted.

    For a link that an output names this is the output's key: which link's fact counts besides is
    known only from its value (link_name).
    """
    return sorted({key(leaf) for leaf in bare_leaves(node)})


def bare_leaves(node: "Node | None") -> "list[Node]":
    """The leaves in the order of the file."""
    if node is None:
        return []
    if node[0] not in ("all", "any"):
        return [node]
    found: list[Node] = []
    for part in node[1]:
        found += bare_leaves(part)
    return found


def key(leaf: "Node") -> str:
    """The key of the fact that a leaf looks at."""
    if leaf[0] == "service":
        return "s6 " + str(leaf[1])
    if leaf[0] == "link" and leaf[2] is not None:
        return "output " + str(leaf[2])
    return "%s %s" % (leaf[0], leaf[1])


def output_of(leaf: "Node") -> str | None:
    """The "SERVICE/PATH" that a leaf looks at, None when it looks at no output."""
    output: str | None = None
    if leaf[0] == "output":
        output = leaf[1]
    elif leaf[0] == "link":
        output = leaf[2]
    return output


def provider(leaf: "Node") -> str | None:
    """The service that a leaf depends on, None when it depends on none."""
    if leaf[0] == "service":
        return str(leaf[1])
    output = output_of(leaf)
    return None if output is None else split_output(output)[0]


def describe(leaf: "Node") -> str:
    """A leaf in words, for people: `output wan/state = bound`, `link eth0 running`."""
    if leaf[0] == "output" and leaf[2] is not None:
        return "output %s = %s" % (leaf[1], leaf[2])
    if leaf[0] == "link":
        name = leaf[1] if leaf[2] is None else "named by %s" % leaf[2]
        return "link %s %s" % (name, leaf[3])
    return " ".join([str(word) for word in leaf if word is not None])


def providers(service: "Service") -> set[str]:
    """The services that one names anywhere."""
    found = {provider(leaf) for leaf in bare_leaves(service.needs)}
    found.update(service.contents)
    found.update([split_output(reference.output)[0] for reference in service.references])
    return {name for name in found if name}


def mentions(service: "Service") -> "list[tuple[str, str, str | None]]":
    """Whom a service names anywhere: (place, provider, "SERVICE/PATH" or None), places as
    `needs.all[0]`, `contents[0]`, `env.DNS`."""
    found = []
    for place, leaf in leaves(service.needs, "needs"):
        name = provider(leaf)
        if name is not None:
            found.append((place, name, output_of(leaf)))
    for i, name in enumerate(service.contents):
        found.append(("contents[%d]" % i, name, None))
    for reference in service.references:
        place = "%s.%s" % ("env" if reference.place == ENV else "files", reference.name)
        found.append((place, split_output(reference.output)[0], reference.output))
    return found


def necessary(node: "Node | None") -> set[str]:
    """The services without which the condition can't be met, whatever else happens."""
    if node is None:
        return set()
    if node[0] not in ("all", "any"):
        name = provider(node)
        return set() if name is None else {name}
    found = necessary(node[1][0])
    for part in node[1][1:]:
        if node[0] == "all":
            found = found | necessary(part)
        else:
            found = found & necessary(part)
    return found
