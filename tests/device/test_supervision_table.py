"""The transition table, the timers and the overall health, on both runtimes."""

from agent.supervision import explain
from agent.supervision.guards import GUARDS
from agent.supervision.step import ACTIONS
from agent.supervision.table import BUNDLE_ROWS, ROWS, STATES
from agent.supervision.timers import Timers
from tests.device.supervision_cases import LONGRUN, RUNNING, graph_of, made
from tests.device.supervision_world import World


def test_health_names_the_essential_services_that_are_not_up() -> None:
    world = World(
        graph_of(
            {
                "a": made(LONGRUN, essential=True),
                "b": made(LONGRUN, essential=True, needs={"link": "wan"}),
                "c": made(LONGRUN, needs={"link": "wan"}),
            }
        )
    )
    world.rest()
    assert explain.health(world.graph, world.state) == "degraded: b"
    world.play(("link", "wan", RUNNING))
    world.rest()
    assert explain.health(world.graph, world.state) == "healthy"
    world.play(("wish", 0, "down"))
    world.rest()
    assert explain.health(world.graph, world.state) == "degraded: a"


def test_the_table_names_what_exists_and_every_state_can_be_left() -> None:
    for state, guard, after, action, reason in ROWS + BUNDLE_ROWS:
        assert state in STATES and after in STATES and guard in GUARDS and reason, guard
        assert action == "" or action in ACTIONS
    assert sorted({row[0] for row in ROWS}) == sorted(STATES)
    assert sorted({row[2] for row in ROWS}) == sorted(STATES)
    assert sorted({row[1] for row in ROWS + BUNDLE_ROWS}) == sorted(GUARDS)
    assert sorted({row[3] for row in ROWS if row[3]}) == sorted(ACTIONS)


def test_timers_come_due_in_order_and_are_forgotten_when_removed() -> None:
    timers = Timers()
    for i in range(50):
        timers.add(float(i * 37 % 50), "n%d" % i)
    timers.remove(float(37), "n1")
    timers.remove(99.0, "n1")
    assert timers.soonest() == 0.0
    assert timers.due(1.0) == ["n0", "n23"]
    assert len(timers.due(100.0)) == 47
    assert timers.soonest() is None
