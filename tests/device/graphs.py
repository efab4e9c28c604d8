"""Builders of graph files for the tests of both runtimes, and the replay of random ones.

vectors_graphs.py draws the random ones: CPython says what each gives, every target must agree.
"""

import json

from agent.graph.conditions import describe, keys, leaves
from agent.graph.model import Graph, GraphError
from agent.graph.read import read
from agent.port import clock, files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Object = dict[str, Any]


def longrun(**fields: "Any") -> "Object":
    """A longrun; `_` in names stands for `-`."""
    return _object({"type": "longrun", "run": ["daemon"]}, fields)


def oneshot(**fields: "Any") -> "Object":
    return _object({"type": "oneshot", "run": ["once"]}, fields)


def bundle(*contents: str) -> "Object":
    return {"type": "bundle", "contents": list(contents)}


def _object(base: "Object", fields: "Object") -> "Object":
    for key in fields:
        base[key.replace("_", "-")] = fields[key]
    return base


def text_of(services: "Object") -> str:
    """The file's text, keys in any order."""
    return json.dumps({"frostgate-graph": 1, "services": services})


def graph_of(services: "Object") -> Graph:
    """The graph; its errors fail the test."""
    return read(text_of(services), "GRAPH")


def errors_of(services: "Object") -> list[str]:
    """The errors, without the file's name; a graph without any fails the test."""
    return errors_in(text_of(services))


def errors_in(text: str | bytes) -> list[str]:
    """The errors of a file's text."""
    try:
        read(text, "GRAPH")
    except GraphError as error:
        lines = error.lines
        assert [line for line in lines if not line.startswith("GRAPH: ")] == []
        return [line[len("GRAPH: ") :] for line in lines]
    raise AssertionError("no error")


def outcome(text: str) -> "Object":
    """All that a file gives, as JSON's types, sorted where Python does not."""
    try:
        graph = read(text, "GRAPH")
    except GraphError as error:
        return {"errors": error.lines}
    services = {}
    for name in graph.services:
        service, node = graph.services[name], graph.conditions[name]
        services[name] = [
            service.digest,
            [list(reference) for reference in service.references],
            list(service.outputs),
            [describe(leaf) for _, leaf in leaves(node, "")],
            keys(node),
            list(graph.needs[name]),
            list(graph.needed_by[name]),
            list(graph.bundles_of[name]),
            graph.rank[name],
        ]
    return {
        "services": services,
        "order": graph.order,
        "watchers": {key: list(graph.watchers[key]) for key in graph.watchers},
        "groups": {key: list(graph.groups[key]) for key in graph.groups},
        "links": {key: list(graph.link_outputs[key]) for key in graph.link_outputs},
        "secrets": sorted(graph.secrets),
    }


def replay(path: str) -> None:
    """Check every [input, outcome] of a file."""
    vectors = json.loads(files.read(path).decode())
    for given, expected in vectors:
        got = outcome(json.dumps(given))
        assert got == expected, (given, got, expected)
    print("%d vectors" % len(vectors))


def timed(path: str, times: str) -> None:
    """Print how many milliseconds it takes to read a graph's file, the least of some times."""
    text = files.read(path)
    least = 1e9
    for _ in range(int(times)):
        began = clock.monotonic()
        read(text, path)
        least = min(least, clock.monotonic() - began)
    print("%d octets: %.1f ms" % (len(text), least * 1000))
