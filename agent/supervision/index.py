"""What of a graph the decision looks up often. Pure; made once for each graph that is loaded."""

from agent.graph import conditions
from agent.graph.model import split_output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agent.graph.model import Graph, Node


class Index:
    """Lookups by name; entries only for names that have something.

    link_leaves: the link conditions of a service. published: the keys of the facts of a service's
    outputs. demanders: who has a condition on a service that is wanted on demand. paths: the
    outputs that name this link now.
    """

    def __init__(self, graph: "Graph", facts: "dict[str, Any]") -> None:
        self.link_leaves: dict[str, tuple[Node, ...]] = {}
        self.published: dict[str, tuple[str, ...]] = {}
        self.demanders: dict[str, tuple[str, ...]] = {}
        self.paths: dict[str, tuple[str, ...]] = {}
        for name in graph.order:
            self._add_service(graph, name)
        for key in sorted(graph.watchers):
            if key.startswith("output "):
                owner = split_output(key[7:])[0]
                self.published[owner] = self.published.get(owner, ()) + (key,)
        for output in sorted(graph.link_outputs):
            self.name_link(output, None, facts.get("output " + output))

    def _add_service(self, graph: "Graph", name: str) -> None:
        leaves = [leaf for _, leaf in conditions.leaves(graph.conditions[name], "")]
        links = tuple([leaf for leaf in leaves if leaf[0] == "link"])
        if links:
            self.link_leaves[name] = links
        for provider in sorted({conditions.provider(leaf) or "" for leaf in leaves}):
            service = graph.services.get(provider)
            if service is not None and not service.boot:
                self.demanders[provider] = self.demanders.get(provider, ()) + (name,)

    def name_link(self, output: str, before: str | None, after: str | None) -> None:
        """The output that names a link has another value now."""
        if before is not None:
            left = tuple([path for path in self.paths.get(before, ()) if path != output])
            if left:
                self.paths[before] = left
            elif before in self.paths:
                del self.paths[before]
        if after is not None:
            self.paths[after] = self.paths.get(after, ()) + (output,)
