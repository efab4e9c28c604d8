"""Sequences of lease, link, time and kill events against a model kernel (hypothesis).

The sequences are replayed on the frozen targets that are built, big-endian included.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from agent.port.records import RTPROT_RA
from services.dhcp6 import lingering, memory
from services.dhcp6.deadlines import JITTER
from tests.device import dhcp6_model as model

SCALE = int(os.environ.get("FROST_COUNT_SCALE", "1"))
SEQUENCES = 1000 * SCALE
REPLAYED = 200
BUILD = Path(__file__).resolve().parents[1] / "build"
EMULATORS = {"x86_64": [], "mips": ["qemu-mips-static"], "aarch64": ["qemu-aarch64-static"]}

PREFIXES = [
    ("2001:db8:1::", 56, ""),
    ("2001:db8:1::", 56, "2001:db8:1:1::/64"),
    ("2001:db8:2::", 60, "2001:db8:2::/62"),
    ("2001:db8:3::", 64, ""),
    ("2001:db8:1:10::", 60, ""),
    ("2001:db8:4::", 80, ""),
]
ROUTES = [("::", 0, "fe80::1"), ("::", 0, "fe80::2"), ("2001:db8:a::", 64, ""), ("::", 0, "")]
LIFETIMES = st.sampled_from([0, 1, 2, 5, 30, 3600, 9000, -1])


def entries() -> st.SearchStrategy[list[Any]]:
    def made(kind: str, what: tuple[str, int, str], first: int, second: int) -> list[Any]:
        low, high = sorted((first, second), key=lambda seconds: (seconds < 0, seconds))
        return [kind, what[0], what[1], low, high, what[2]]

    addresses = st.sampled_from([("2001:db8:a::1", 128, ""), ("2001:db8:a::2", 128, "")])
    autonomous = st.sampled_from([("2001:db8:a::1", 64, ""), ("2001:db8:b::2", 64, "")])
    return st.one_of(
        st.builds(made, st.just("prefix"), st.sampled_from(PREFIXES), LIFETIMES, LIFETIMES),
        st.builds(made, st.just("address"), addresses, LIFETIMES, LIFETIMES),
        st.builds(made, st.just("ra-address"), autonomous, LIFETIMES, LIFETIMES),
        st.builds(made, st.just("route"), st.sampled_from(ROUTES), LIFETIMES, LIFETIMES),
    )


LEASES = st.one_of(
    st.none(),
    st.tuples(st.sampled_from(["bound"] * 4 + ["unbound"]), st.lists(entries(), max_size=4)).map(
        list
    ),
)
EVENTS = st.one_of(
    st.tuples(st.just("lease"), LEASES),
    st.tuples(st.just("lease"), LEASES),
    st.tuples(
        st.just("link"),
        st.sampled_from(model.NAMES),
        st.sampled_from(["add", "add", "del", "up", "up", "down", "rename", "swap"]),
    ),
    st.tuples(st.just("time"), st.sampled_from([0.5, 1.0, 3.0, 9.5, 10.5, 100.0, 4000.0])),
    st.tuples(st.just("kill"), st.integers(0, 12)),
    st.tuples(st.just("dead"), st.sampled_from([0.0, 0.3, 5.0, 20.0])),
    st.tuples(st.just("undo"), st.integers(0, 5)),
)
ALL_UP = [("link", name, what) for name in model.NAMES for what in ("add", "up")]
SEQUENCE = st.lists(EVENTS, max_size=25)
DECISIONS = [model.decide_lan, model.decide_wan]
counted = settings(
    max_examples=SEQUENCES, deadline=None, suppress_health_check=list(HealthCheck), database=None
)


@pytest.mark.parametrize("decide", DECISIONS)
@counted
@example(  # found by chance: what was held lay within what was then taken back
    events=[
        ("lease", ["bound", [["prefix", "2001:db8:1:10::", 60, 0, 2, ""]]]),
        ("lease", ["bound", [["prefix", "2001:db8:1::", 56, 0, 0, ""]]]),
    ]
)
@example(  # seldom by chance: what a LAN had becomes an excluded prefix
    events=[
        ("lease", ["bound", [["prefix", "2001:db8:1::", 56, 30, -1, ""]]]),
        ("lease", ["bound", [["prefix", "2001:db8:1::", 56, 30, -1, "2001:db8:1:1::/64"]]]),
    ]
)
@given(events=SEQUENCE)
def test_every_promise_holds_at_each_step_and_the_end_is_that_of_a_fresh_run(
    decide: Any, events: list[Any]
) -> None:
    world = model.World(decide)
    for event in [*ALL_UP, *events]:
        foreign = foreigners(world)
        model.play(world, event)
        if event[0] == "kill":
            model.play(world, ["dead", 0.0])
        assert model.broken_promise(world) == "", event
        if event[0] not in ("link",):
            assert foreigners(world) == foreign
        before = (world.events, world.memo, dict(world.kernel))
        assert world.step() == 0, f"{event}: the same input again makes writes"
        assert (world.events, world.memo, world.kernel) == before
    world.pass_time(model.HOLD + 1)
    world.step()
    fresh = world.fresh()
    fresh.step()
    # The routes of prefixes that the LANs lost are all that a past may leave, and for a while.
    staying = world.staying()
    assert {k: v for k, v in kernel(world, fresh).items() if k not in staying} == kernel(fresh)
    assert sorted(world.values or {}) == sorted(fresh.values or {})
    world.pass_time(lingering.LONGEST + 1)
    world.step()
    fresh = world.fresh()
    fresh.step()
    assert kernel(world, fresh) == kernel(fresh)
    assert memory.parse(world.memo)[1] == memory.parse(fresh.memo)[1]


@pytest.mark.parametrize("decide", DECISIONS)
@counted
@given(events=SEQUENCE, kills=st.lists(st.integers(0, 12), min_size=1, max_size=40))
def test_a_run_that_is_killed_anywhere_ends_as_one_that_never_was(
    decide: Any, events: list[Any], kills: list[int]
) -> None:
    steady, killed = model.World(decide), model.World(decide)
    for number, event in enumerate([*ALL_UP, *events]):
        if event[0] in ("kill", "dead"):
            continue
        model.play(steady, event)
        killed.kill_after = None if event[0] == "time" else kills[number % len(kills)]
        model.play(killed, event)
        killed.kill_after = None
        model.play(killed, ["dead", 0.0])
        assert kernel(killed) == kernel(steady)
        assert (killed.values, killed.memo) == (steady.values, steady.memo)


def test_the_frozen_targets_play_the_same_sequences_to_the_same_end(tmp_path: Path) -> None:
    lines = []

    @settings(max_examples=REPLAYED, deadline=None, database=None, derandomize=True)
    @given(events=SEQUENCE, which=st.sampled_from([0, 1]))
    def record(events: list[Any], which: int) -> None:
        world = model.World(DECISIONS[which])
        for event in [*ALL_UP, *events]:
            model.play(world, event)
        end = world.transcript()
        lines.append(json.dumps({"lan": which == 0, "events": [*ALL_UP, *events], "end": end}))

    record()
    vectors = tmp_path / "sequences"
    vectors.write_text("".join(line + "\n" for line in lines))
    replay_everywhere("tests.device.test_dhcp6_plan", vectors, len(lines))


def replay_everywhere(module: str, vectors: Path, count: int) -> None:
    """Run module.replay(vectors) in each frozen test binary that is built and can run here."""
    ran = []
    for target, emulator in EMULATORS.items():
        binary = BUILD / target / "frost-check"
        if not binary.exists() or (emulator and not shutil.which(emulator[0])):
            continue
        done = subprocess.run(
            [*emulator, str(binary), module, "replay", str(vectors)],
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert (done.returncode, done.stderr) == (0, ""), f"{target}: {done.stdout}{done.stderr}"
        ran.append(target)
    print(f"{count} vectors on {', '.join(ran) or 'no target'}")
    if not ran:
        pytest.skip("no frozen test binary: make frozen-check TARGET=x86_64")


def kernel(world: model.World, other: model.World | None = None) -> dict[Any, Any]:
    """The model kernel's objects; deadlines up to JITTER before those of `other` become its, and
    those of the WAN's routes that are put anew later on."""
    objects = {}
    for key, state in world.kernel.items():
        untils = [max(until, world.now) for until in state[1:3]]
        theirs = other.kernel.get(key, state) if other else state
        for position, until in enumerate(theirs[1:3]):
            until = max(until, world.now)
            early = JITTER
            if key[0] == "route" and state.flags == RTPROT_RA and until < float("inf"):
                early = max(early, (until - world.now) / 2)
            if until - early <= untils[position] <= until:
                untils[position] = until
        objects[key] = (state.flags, *untils)
    return objects


def foreigners(world: model.World) -> list[Any]:
    return sorted(key for key in world.kernel if key[2] == model.FOREIGN[2])
