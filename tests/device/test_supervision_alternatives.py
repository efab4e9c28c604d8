"""Exclusive alternatives: uplinks that stand in for each other, on both runtimes."""

from agent.supervision import explain
from tests.device.supervision_cases import LONGRUN, RUNNING, done, made, world_of


def uplinks(**more):
    """Three uplinks, each on a link of its own; the first is preferred."""
    services = {}
    for i, name in enumerate(("dsl", "lte", "sat")):
        alternative = {"group": "wan", "preference": i, "fail-back": 30, "tries": 2}
        services[name] = made(
            LONGRUN,
            needs={"link": "l" + name},
            alternative=alternative,
            breaker={"failures": 10, "within": 120, "pause": 300},
            **more,
        )
    services["dns"] = made(LONGRUN, needs={"any": [{"service": n} for n in ("dsl", "lte", "sat")]})
    return world_of(services, {"ldsl": RUNNING, "llte": RUNNING, "lsat": RUNNING})


def test_only_the_preferred_one_runs() -> None:
    world = uplinks()
    assert sorted(world.up()) == ["dns", "dsl"]
    assert world.state.memory["lte"].reason == ""
    record = explain.why(world.graph, world.state, "lte", world.now)[1]
    assert (record["what"], record["text"]) == ("alternative", "alternative dsl is used")
    done(world)


def test_the_next_takes_over_when_the_first_has_ended_and_fails_back_after_its_time() -> None:
    world = uplinks()
    world.play(("link", "ldsl", None))
    assert world.log[-1].endswith("stop dns")
    world.rest()
    assert sorted(world.up()) == ["dns", "lte"]
    back = world.now
    world.play(("link", "ldsl", RUNNING))
    world.run(29.0)
    assert sorted(world.up()) == ["dns", "lte"]
    world.play(("link", "ldsl", None))
    world.play(("link", "ldsl", RUNNING))
    again = world.now
    world.rest()
    assert sorted(world.up()) == ["dns", "dsl"]
    started = [time for time, name in world.starts if name == "dsl"]
    assert started[-1] - again >= 30 > again - back
    done(world)


def test_one_that_fails_yields_and_is_barred_for_the_pause() -> None:
    world = uplinks()
    begun = world.now
    world.processes["dsl"].fails = 1
    world.die("dsl", world.processes["dsl"].run, 1)
    world.run(20.0)
    assert sorted(world.up()) == ["dns", "lte"]
    assert world.state.groups["wan"].failures == 0
    count = len([name for _, name in world.starts if name == "dsl"])
    assert count == 2
    world.run(300.0)
    assert len([name for _, name in world.starts if name == "dsl"]) == 2
    world.processes["dsl"].fails = None
    world.rest()
    assert sorted(world.up()) == ["dns", "dsl"]
    assert [time for time, name in world.starts if name == "dsl"][-1] - begun >= 330
    done(world)


def test_when_all_fail_they_take_turns() -> None:
    world = uplinks()
    for name in ("dsl", "lte", "sat"):
        world.processes[name].fails = 1
    world.die("dsl", world.processes["dsl"].run, 1)
    count = len(world.starts)
    world.run(60.0)
    names = [name for _, name in world.starts[count:] if name != "dns"]
    assert {"dsl", "lte", "sat"} == set(names)
    world.processes["sat"].fails = None
    world.run(400.0)
    assert "sat" in world.up() or "dsl" not in world.up()
    done(world)


def test_the_operator_starts_another_one_at_once() -> None:
    world = uplinks()
    number = sorted(world.graph.services).index("sat")
    world.play(("wish", number, "up"))
    world.run(5.0)
    assert sorted(world.up()) == ["dns", "sat"]
    world.play(("wish", number, None))
    world.rest()
    assert sorted(world.up()) == ["dns", "dsl"]
    done(world)


def test_a_new_agent_leaves_the_one_in_use_alone_until_fail_back() -> None:
    world = uplinks()
    world.play(("link", "ldsl", None))
    world.rest()
    world.play(("link", "ldsl", RUNNING))
    world.run(10.0)
    world.play(("agent",))
    world.run(29.0)
    assert sorted(world.up()) == ["dns", "lte"]
    world.rest()
    assert sorted(world.up()) == ["dns", "dsl"]
    done(world)
