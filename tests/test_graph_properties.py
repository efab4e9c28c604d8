"""Properties of reading graphs, over random files."""

import json
import os
from typing import Any
from zlib import crc32

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.graph import conditions
from agent.graph.model import Graph, GraphError, canonical
from agent.graph.read import read
from tests.random_graphs import GRAPHS, JSON, bent, file_of, places

SCALE = int(os.environ.get("FROST_COUNT_SCALE", "1"))
COUNT = 100 * SCALE


def shuffled(value: Any, draw: st.DrawFn) -> Any:
    """The same JSON value with the keys of its objects in another order."""
    if isinstance(value, list):
        return [shuffled(item, draw) for item in value]
    if isinstance(value, dict):
        return {key: shuffled(value[key], draw) for key in draw(st.permutations(sorted(value)))}
    return value


@st.composite
def orders(draw: st.DrawFn) -> tuple[str, str]:
    """One valid graph as two texts that differ in the order of keys and in spaces."""
    file = draw(GRAPHS)
    return json.dumps(file, indent=2), json.dumps(shuffled(file, draw), ensure_ascii=False)


@settings(max_examples=COUNT, deadline=None)
@given(orders())
def test_the_order_of_keys_makes_no_difference(texts: tuple[str, str]) -> None:
    assert read(texts[0], "GRAPH") == read(texts[1], "GRAPH")


@settings(max_examples=COUNT, deadline=None)
@given(GRAPHS)
def test_providers_come_before_their_users(file: Any) -> None:
    graph = read(json.dumps(file), "GRAPH")
    assert sorted(graph.order) == sorted(file["services"])
    assert graph.rank == {name: i for i, name in enumerate(graph.order)}
    for name in graph.order:
        for other in graph.needs[name]:
            assert graph.rank[other] < graph.rank[name]
            assert name in graph.needed_by[other]
    assert sum(map(len, graph.needs.values())) == sum(map(len, graph.needed_by.values()))


def mentioned(value: Any) -> set[str]:
    """Every fact a service's JSON asks about, found without the reader."""
    found: set[str] = set()
    for container, key in places(value):
        item = container[key]
        if key == "service":
            found.add(f"s6 {item}")
        elif key == "output":
            found.add(f"output {item}")
        elif key == "link" and isinstance(item, str):
            found.add(f"link {item}")
        elif key == "contents":
            found |= {f"s6 {name}" for name in item}
        elif key == "device":
            found.add("device " + canonical({"name": "*", "attributes": {}, **item}))
    return found


@settings(max_examples=COUNT, deadline=None)
@given(GRAPHS)
def test_every_fact_has_all_its_watchers(file: Any) -> None:
    graph = read(json.dumps(file), "GRAPH")
    expected: dict[str, set[str]] = {f"s6 {name}": {name} for name in file["services"]}
    for name, service in file["services"].items():
        for key in mentioned(service):
            expected.setdefault(key, set()).add(name)
            if key.startswith("output "):
                expected[key].add(key[7:].split("/")[0])
    assert {key: set(names) for key, names in graph.watchers.items()} == expected


class Drawn:
    """A world in which each fact is as the seed says."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def _pick(self, fact: str, choices: int) -> int:
        return crc32(f"{self._seed} {fact}".encode()) % choices

    def service(self, name: str, state: str) -> bool:
        return self._pick(f"{name} {state}", 2) == 1

    def output(self, output: str) -> str | None:
        return ("bound", "eth0", None)[self._pick(output, 3)]

    def link(self, name: str) -> tuple[str, ...]:
        states = ("present", "up", "running", "addressed", "addressed4", "addressed6")
        return states[: self._pick(name, 7)]

    def device(self, key: str) -> bool:
        return self._pick(key, 2) == 1


def met(node: Any, look: Drawn, granted: list[Any]) -> bool:
    """Whether a condition holds when these leaves are granted."""
    if node[0] in ("all", "any"):
        parts = [met(part, look, granted) for part in node[1]]
        return all(parts) if node[0] == "all" else any(parts)
    return node in granted or conditions.holds(node, look)


@settings(max_examples=COUNT, deadline=None)
@given(GRAPHS, st.integers(0, 2**32))
def test_what_is_unmet_is_what_keeps_a_condition_from_holding(file: Any, seed: int) -> None:
    graph, look = read(json.dumps(file), "GRAPH"), Drawn(seed)
    for node in [node for node in graph.conditions.values() if node is not None]:
        leaves = list(dict.fromkeys(leaf for _, leaf in conditions.leaves(node, "")))
        unmet = conditions.unmet(node, look)
        assert conditions.holds(node, look) == met(node, look, []) == (unmet == [])
        assert unmet == [leaf for leaf in leaves if leaf in unmet]
        assert not any(conditions.holds(leaf, look) for leaf in unmet)
        assert met(node, look, unmet)


def read_or_refuse(text: str | bytes) -> Graph | None:
    """The graph, or None when it was refused with lines that each name the file."""
    try:
        return read(text, "GRAPH")
    except GraphError as error:
        assert error.lines
        for line in error.lines:
            assert line.startswith("GRAPH: ") and line.isprintable(), line
            assert ": and " in line or "expected " in line
        assert len(set(error.lines)) == len(error.lines)
        return None


FILES = st.one_of(JSON, JSON.map(file_of), JSON.map(lambda value: file_of({"a": value})))


@settings(max_examples=COUNT, deadline=None)
@given(FILES)
def test_any_json_is_read_or_refused(value: Any) -> None:
    read_or_refuse(json.dumps(value))


@settings(max_examples=COUNT, deadline=None)
@given(st.one_of(st.binary(), st.text()))
def test_any_text_is_read_or_refused(text: str | bytes) -> None:
    read_or_refuse(text)


@settings(max_examples=COUNT, deadline=None)
@given(bent())
def test_a_bent_graph_is_read_or_refused(file: Any) -> None:
    graph = read_or_refuse(json.dumps(file))
    if graph is not None:
        assert sorted(graph.order) == sorted(file["services"])


def shown(container: Any, key: Any) -> str:
    return f"[{key}]" if isinstance(container, list) else f".{key}"


def paths_of(value: Any, place: str) -> list[tuple[str, Any, Any]]:
    """(place, container, key) of everything below a JSON value."""
    found: list[tuple[str, Any, Any]] = []
    for key in range(len(value)) if isinstance(value, list) else sorted(value):
        here = place + shown(value, key)
        found.append((here, value, key))
        if isinstance(value[key], (list, dict)):
            found += paths_of(value[key], here)
    return found


@settings(max_examples=COUNT, deadline=None)
@given(GRAPHS, st.integers(0, 10**6))
def test_one_wrong_value_is_told_with_its_place(file: Any, at: int) -> None:
    """A value of a type that fits nowhere: one error, at its own place."""
    known = paths_of(file["services"], "services")
    place, container, key = known[at % len(known)]
    container[key] = 1e9
    try:
        read(json.dumps(file), "GRAPH")
    except GraphError as error:
        own = [line for line in error.lines if line.startswith(f"GRAPH: {place}: expected ")]
        assert len(own) == 1, (place, error.lines)
        assert own[0].split("; ")[0].endswith(", got 1e+09")
        return
    raise AssertionError(place)


@settings(max_examples=COUNT, deadline=None)
@given(GRAPHS, st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_need_in_return_is_a_cycle_and_is_printed(file: Any, one: int, two: int) -> None:
    graph = read(json.dumps(file), "GRAPH")
    users = [name for name in graph.order if graph.needs[name]]
    if not users:
        return
    user = users[one % len(users)]
    provider = graph.needs[user][two % len(graph.needs[user])]
    file["services"][provider]["needs"] = {"all": [{"service": user}]}
    try:
        read(json.dumps(file), "GRAPH")
    except GraphError as error:
        cycles = [line for line in error.lines if ": expected no cycle, got " in line]
        assert len(cycles) == 1
        names = cycles[0].split(", got ")[1].split(" -> ")
        assert names[0] == names[-1] == min(names)
        assert len(set(names)) == len(names) - 1
        for name, other in zip(names, names[1:], strict=False):
            assert (name, other) == (provider, user) or other in graph.needs[name]
        return
    raise AssertionError("no cycle")
