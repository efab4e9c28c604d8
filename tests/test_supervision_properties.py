"""Supervision's promises for any graph and any course of events (hypothesis), on a simulated s6.

Each decision of each sequence is checked by tests/device/supervision_world.py; see there.
"""

import json
import os
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from agent.graph import read
from agent.graph.model import GraphError
from agent.supervision import explain, record
from agent.supervision.memory import HELD, NOTHING, READY
from tests.device.supervision_world import World
from tests.test_dhcp6_sequences import replay_everywhere

SCALE = int(os.environ.get("FROST_COUNT_SCALE", "1"))
SEQUENCES = 300 * SCALE

LINKS = ("eth0", "wan", "ppp0")
DEVICE = {"subsystem": "net", "name": "w*"}
DEVICE_KEY = '{"attributes":{},"name":"w*","subsystem":"net"}'
STATES = ("present", "up", "running")
LINK_FACTS = ("3 present", "3 present up running", "4 present up running", "5 present up")


@st.composite
def conditions_on(draw: Any, earlier: dict[str, Any], depth: int = 0) -> dict[str, Any]:
    """A condition on services that are there already, on links and on a device."""
    sorts = ["link", "device"] + ["service", "service", "output", "output"] * bool(earlier)
    if depth < 2:
        sorts += ["all", "any"]
    sort = draw(st.sampled_from(sorts))
    if sort in ("all", "any"):
        part = conditions_on(earlier, depth + 1)
        return {sort: draw(st.lists(part, min_size=1, max_size=3))}
    if sort == "link":
        return {"link": draw(st.sampled_from(LINKS)), "is": draw(st.sampled_from(STATES))}
    if sort == "device":
        return {"device": DEVICE}
    name = draw(st.sampled_from(sorted(earlier)))
    outputs = earlier[name].get("outputs")
    if sort == "service" or not outputs:
        return {"service": name, "is": draw(st.sampled_from(["up", "ready", "ready"]))}
    path = name + "/" + draw(st.sampled_from(outputs))
    form = draw(st.sampled_from(["present", "equals", "link"]))
    if form == "link":
        return {"link": {"output": path}, "is": "present"}
    return {"output": path, "equals": "v1"} if form == "equals" else {"output": path}


@st.composite
def services(draw: Any, earlier: dict[str, Any]) -> dict[str, Any]:
    kind = draw(
        st.sampled_from(["longrun", "longrun", "oneshot", "bundle" if earlier else "longrun"])
    )
    made: dict[str, Any] = {"type": kind}
    if draw(st.integers(0, 3)) == 0:
        made["wanted"] = "demand"
    if kind == "bundle":
        made["contents"] = draw(
            st.lists(st.sampled_from(sorted(earlier)), min_size=1, max_size=3, unique=True)
        )
        return made
    made["run"] = ["true"]
    if earlier and draw(st.booleans()) or draw(st.booleans()):
        made["needs"] = draw(conditions_on(earlier))
    if draw(st.booleans()):
        made["outputs"] = draw(st.sampled_from([["a"], ["a", "b"]]))
    if kind == "longrun":
        made["ready"] = draw(st.sampled_from(["up", "notify"]))
    made["up-timeout"] = draw(st.sampled_from([5, 60]))
    made["down-timeout"] = draw(st.sampled_from([1, 10]))
    made["breaker"] = {"failures": 5, "within": 60, "pause": draw(st.sampled_from([20, 300]))}
    sources = [
        (name, path) for name in sorted(earlier) for path in earlier[name].get("outputs", [])
    ]
    if sources and draw(st.booleans()):
        policies = ["restart", "ignore"] + (
            ["rerun"] * 2 if kind == "oneshot" else ["signal HUP"] * 2
        )
        made["env"] = {}
        for i, (name, path) in enumerate(draw(st.lists(st.sampled_from(sources), max_size=2))):
            made["env"]["V%d" % i] = {
                "output": name + "/" + path,
                "change": draw(st.sampled_from(policies)),
                "optional": draw(st.booleans()),
            }
    return made


@st.composite
def graphs(draw: Any, most: int = 8) -> dict[str, Any]:
    """A graph as its file holds it. Alternatives stand side by side and need only what is before
    them, so that no two groups wait for each other."""
    made: dict[str, Any] = {}
    count = draw(st.integers(3, most))
    while len(made) < count:
        members = draw(st.sampled_from([1, 1, 1, 2, 3]))
        before = dict(made)
        for i in range(members):
            service = draw(services(before))
            while members > 1 and service["type"] == "bundle":
                service = {"type": "longrun", "run": ["true"]}
            if members > 1:
                service["alternative"] = {
                    "group": "g%d" % len(before),
                    "preference": i,
                    "fail-back": draw(st.sampled_from([0, 5, 30])),
                    "tries": draw(st.integers(1, 3)),
                }
            made["s%d" % len(made)] = service
    return {"frostgate-graph": 1, "services": made}


NUMBER = st.integers(0, 9)
VALUE = st.sampled_from(["v0", "v1", "v2", "ppp0", None])
EVENT = st.one_of(
    st.tuples(st.just("wait"), st.sampled_from([0.1, 0.3, 1.0, 3.0, 12.0, 70.0, 400.0])),
    st.tuples(st.just("wait"), st.sampled_from([0.1, 0.3, 1.0, 3.0])),
    st.tuples(st.just("die"), NUMBER, st.sampled_from([0, 1, -9])),
    st.tuples(st.just("lose"), NUMBER),
    st.tuples(
        st.just("behave"),
        NUMBER,
        st.sampled_from(["fail", "mute", "deaf", "finish", "lost start", "well", "well"]),
    ),
    st.tuples(st.just("publish"), NUMBER, st.integers(0, 1), VALUE),
    st.tuples(st.just("publish"), NUMBER, st.integers(0, 1), VALUE),
    st.tuples(st.just("orphan"), NUMBER),
    st.tuples(st.just("link"), st.sampled_from(LINKS), st.none() | st.sampled_from(LINK_FACTS)),
    st.tuples(st.just("device"), st.just(DEVICE_KEY), st.booleans()),
    st.tuples(st.just("wish"), NUMBER, st.sampled_from(["up", "down", None, None])),
    st.tuples(st.just("again"), NUMBER),
    st.tuples(st.just("by_hand"), NUMBER),
    st.tuples(st.just("agent")),
    st.tuples(st.just("json")),
)
EVENTS = st.lists(EVENT, min_size=12, max_size=40)
START = [("device", DEVICE_KEY, True), *[("link", name, LINK_FACTS[1]) for name in LINKS]]

PHASES = [Phase.explicit, Phase.generate, Phase.shrink]
counted = settings(
    max_examples=SEQUENCES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    phases=PHASES,
)


def graph_of(obj: dict[str, Any]) -> Any:
    try:
        return read.read(json.dumps(obj), "graph")
    except GraphError as error:
        if any("alternative" in line or "group" in line for line in error.lines):
            return None
        raise


def played(graph: Any, events: list[Any], installed: bool = True) -> World:
    world = World(graph, installed)
    world.settle()
    for event in [*START, *events]:
        world.play(event)
        check_why(world)
    return world


def check_why(world: World) -> None:
    """Who is wanted and not up is explained down to something that is really so."""
    for name, memory in world.state.memory.items():
        records = explain.why(world.graph, world.state, name, world.now)
        assert (records[0]["depth"], records[0]["name"]) == (0, name)
        assert records[0]["met"] == (memory.level == READY)
        causes = [record for record in records[1:] if record["what"] != "last"]
        if memory.wanted and memory.level != READY:
            assert causes, (name, records)
            assert {record["met"] for record in causes} == {False}, records
            for record in causes:
                assert is_so(world, record), (record, records)
        for record in records:
            assert record["text"], records
    status = explain.status(world.graph, world.state, world.now)
    assert [record["name"] for record in status] == world.graph.order
    for record in status:
        memory = world.state.memory[record["name"]]
        assert (record["waits"] is not None) == (memory.wanted and memory.level != READY)
    json.dumps(status)


def is_so(world: World, record: dict[str, Any]) -> bool:
    """Whether what a record gives as a cause is the case in the world."""
    what, name, text = record["what"], record["name"], record["text"]
    if what == "output":
        value = world.facts.get("output " + name)
        if text.endswith("does not count"):
            return world.state.memory[name.partition("/")[0]].level in (NOTHING, HELD)
        return bool(value is None if text.endswith("is missing") else value != "v1")
    if what == "link":
        states = str(world.facts.get("link " + name)).split(" ")
        if text == "link %s is not there" % name:
            return states == ["None"]
        return text.rpartition(" ")[2] not in states
    if what == "device":
        return ("device " + name) not in world.facts
    memory = world.state.memory[name]
    alternative = world.graph.services[name].alternative
    ended = memory.state in ("down", "failed")
    if what == "alternative" and "still ending" not in text:
        assert alternative is not None
        return bool(world.state.groups[alternative.group].chosen != name)
    if what == "process" and ended:
        return any([words in text for words in ("first", "finish script", "outputs")])
    so = {
        "alternative": memory.should,
        "service": memory.level != READY or text.endswith(" up"),
        "back-off": memory.retry_at is not None and memory.retry_at > world.now,
        "wish": not memory.wanted,
        "process": memory.state in ("starting", "stopping") or memory.level == HELD,
        "restart": memory.state == "up" and not memory.should,
    }
    return bool(so[what])


def test_every_promise_holds_and_the_end_is_that_of_a_fresh_boot() -> None:
    counts = [0, 0, 0]

    @counted
    @given(obj=graphs(), events=EVENTS, installed=st.booleans())
    def check(obj: dict[str, Any], events: list[Any], installed: bool) -> None:
        moves, starts = check_sequence(obj, events, installed)
        counts[0] += 1
        counts[1] += moves
        counts[2] += starts

    check()
    print("%d sequences, %d transitions, %d starts" % tuple(counts))


def check_sequence(obj: dict[str, Any], events: list[Any], installed: bool) -> tuple[int, int]:
    """Play it; all promises at each step, then the end against a fresh boot. Returns how many
    transitions and starts that were."""
    graph = graph_of(obj)
    if graph is None:
        return 0, 0
    world = played(graph, events, installed)
    for name in world.processes:
        world.well(name)
    world.rest()
    assert world.broken == []
    fresh = boot(graph, world)
    assert world.up() == fresh.up()
    return len(world.moves), len(world.starts)


def boot(graph: Any, world: World) -> World:
    """A fresh start of everything with the facts of a world."""
    fresh = World(graph)
    for name, process in fresh.processes.items():
        for path in process.publishes:
            process.publishes[path] = world.processes[name].publishes[path]
    for key, value in world.facts.items():
        kind, _, name = key.partition(" ")
        if kind in ("link", "device") or (kind == "wish" and name in graph.services):
            fresh.facts[key] = value
    fresh.begin()
    fresh.rest()
    assert fresh.broken == []
    return fresh


def recorded(obj: dict[str, Any], events: list[Any]) -> tuple[str, list[str]] | None:
    """(graph's text, lines of the record) of a sequence."""
    graph = graph_of(obj)
    if graph is None:
        return None
    text = json.dumps(obj)
    world = World(graph, check=False)
    world.digest = record.graph_digest(text)
    world.history = record.History(world.digest, world.state, world.now, 20, 50)
    world.settle()
    for event in [*START, *events]:
        world.play(event)
    world.rest()
    return text, world.history.lines()


def test_a_record_replays_to_the_same_decisions_on_every_target(tmp_path: Path) -> None:
    lines = []

    @settings(max_examples=40, deadline=None, database=None, derandomize=True)
    @given(obj=graphs(), events=EVENTS)
    def gather(obj: dict[str, Any], events: list[Any]) -> None:
        made = recorded(obj, events)
        if made is not None:
            assert record.replay(*made) == []
            lines.append(json.dumps(made))

    gather()
    vectors = tmp_path / "records"
    vectors.write_text("".join(line + "\n" for line in lines))
    replay_everywhere("tests.device.test_supervision_record", vectors, len(lines))


def test_a_failing_service_starts_no_more_often_than_its_graph_says() -> None:
    counts: list[int] = []

    @counted
    @given(
        first=st.sampled_from([0.1, 0.5, 1, 4]),
        cap=st.sampled_from([4, 10, 60]),
        failures=st.integers(1, 6),
        within=st.sampled_from([5, 60, 200]),
        pause=st.sampled_from([1, 50, 300]),
        runs=st.lists(st.sampled_from(["exit", "mute", "short", "long"]), min_size=1, max_size=30),
    )
    def check(
        first: float, cap: float, failures: int, within: float, pause: float, runs: list[str]
    ) -> None:
        service = {
            "type": "longrun",
            "run": ["true"],
            "ready": "notify",
            "up-timeout": 5,
            "back-off": {"first": first, "cap": cap},
            "breaker": {"failures": failures, "within": within, "pause": pause},
        }
        world = World(graph_of({"frostgate-graph": 1, "services": {"a": service}}))
        process = world.processes["a"]
        ends: list[float] = []
        count = 0
        for run in runs:
            process.fails, process.mute = 1 if run == "exit" else None, run == "mute"
            started = len(world.starts)
            while len(world.starts) == started:
                world.settle()
                if len(world.starts) == started:
                    assert world.step(world.now + 10000)
            if ends:
                recent = [end for end in ends if end > ends[-1] - within]
                delay = min(cap, first * 2 ** (count - 1))
                if len(recent) >= failures:
                    delay = max(delay, pause)
                assert abs(world.starts[-1][0] - ends[-1] - delay) < 0.01
            if run in ("short", "long"):
                world.run(0.6 if run == "short" else 0.6 + cap)
                count = 0 if run == "long" else count
                world.play(("die", 0, 1))
            while world.state.memory["a"].state != "failed":
                assert world.step(world.now + 10000)
            ends.append(world.now)
            count += 1
        assert world.broken == []
        counts.append(1)

    check()
    print("%d sequences" % len(counts))


def test_a_reload_ends_as_a_boot_with_the_new_graph() -> None:
    counts: list[int] = []

    @counted
    @given(before=graphs(), after=graphs(), first=EVENTS, second=EVENTS)
    def check(
        before: dict[str, Any], after: dict[str, Any], first: list[Any], second: list[Any]
    ) -> None:
        old, new = graph_of(before), graph_of(after)
        if old is None or new is None:
            return
        for name, service in new.services.items():
            other = old.services.get(name, service)
            assume((other.kind == "bundle") == (service.kind == "bundle"))
        world = played(old, first)
        world.reload(new)
        world.settle()
        for event in second:
            if event[0] not in ("agent", "wish"):
                world.play(event)
        for name in world.processes:
            world.well(name)
        world.rest()
        assert world.broken == []
        assert sorted(world.state.memory) == sorted(new.services)
        for name, process in world.processes.items():
            if name not in new.services:
                assert (process.installed, process.pid, process.stray) == (None, 0, 0)
        fresh = boot(new, world)
        assert world.up() == fresh.up()
        counts.append(1)

    check()
    print("%d sequences" % len(counts))
