"""What the agent decides in the situations that routers get into, on both runtimes."""

from agent.supervision import decision, explain
from tests.device.supervision_cases import (
    LONGRUN,
    ONESHOT,
    RUNNING,
    done,
    field,
    graph_of,
    made,
    moves,
    since,
    world_of,
)
from tests.device.supervision_world import World


def test_services_start_in_order_as_their_conditions_come_true() -> None:
    world = field()
    order = ["lan", "modem", "ppp", "route", "zone"]
    assert since(world, 0) == ["start " + name for name in order]
    assert world.up() == {
        "lan": {},
        "modem": {},
        "ppp": {},
        "route": {"env WAN": "ppp0"},
        "zone": {"env WAN": "ppp0"},
    }


def test_what_needs_a_link_that_went_is_stopped_users_first_and_comes_back_with_it() -> None:
    world = field()
    count = len(world.log)
    world.play(("link", "eth0", None))
    world.rest()
    order = ["zone", "route", "ppp", "modem"]
    assert since(world, count) == ["stop " + name for name in order] + ["clear ppp"]
    assert moves(world, "modem")[-2:] == [
        ("up", "stopping", "link eth0 is not there"),
        ("stopping", "down", "link eth0 is not there"),
    ]
    assert world.up() == {"lan": {}}
    world.play(("link", "eth0", RUNNING))
    world.rest()
    assert sorted(world.up()) == ["lan", "modem", "ppp", "route", "zone"]
    done(world)


def test_a_returning_ppp_link_with_another_name_takes_its_route_along() -> None:
    world = field()
    world.processes["ppp"].publishes["ifname"] = "ppp1"
    world.do_link("ppp0", None)
    world.do_link("ppp1", "8 present up running")
    world.die("ppp", world.processes["ppp"].run, 16)
    world.rest()
    assert moves(world, "ppp")[2:5] == [
        ("up", "failed", "exit code 16"),
        ("failed", "starting", "tried again"),
        ("starting", "up", "ready"),
    ]
    assert world.up()["route"] == {"env WAN": "ppp1"}
    assert world.up()["zone"] == {"env WAN": "ppp1"}
    done(world)


def test_the_same_name_with_another_index_is_another_link() -> None:
    world = field()
    world.play(("link", "ppp0", "9 present up running"))
    world.rest()
    assert [move[2] for move in moves(world, "route")[2:3]] == [
        "link ppp0 is another one (index 7 became 9)"
    ]
    assert len(moves(world, "zone")) == 2
    done(world)


def test_each_policy_is_carried_out_once_when_a_value_changes() -> None:
    policies = {"a": "restart", "b": "ignore", "c": "signal HUP"}
    services = {"src": made(LONGRUN, outputs=["v"])}
    for name in policies:
        reference = {"output": "src/v", "change": policies[name]}
        services[name] = made(LONGRUN, env={"V": reference})
    services["d"] = made(ONESHOT, env={"V": {"output": "src/v", "change": "rerun"}})
    services["user"] = made(LONGRUN, needs={"service": "d"})
    world = world_of(services)
    count = len(world.log)
    names = sorted(world.processes)
    world.play(("publish", names.index("src"), 0, "v1"))
    world.rest()
    assert since(world, count) == ["stop d", "stop a", "signal c", "start a", "start d"]
    assert world.up()["c"] == {"env V": "v1"}
    assert len(moves(world, "user")) == 2
    assert moves(world, "a")[2][2] == 'output src/v changed from "v0" to "v1"'
    done(world)


def test_a_rerun_that_fails_takes_its_users_along() -> None:
    world = world_of(
        {
            "src": made(LONGRUN, outputs=["v"]),
            "once": made(ONESHOT, env={"V": {"output": "src/v", "change": "rerun"}}),
            "user": made(LONGRUN, needs={"service": "once"}),
        }
    )
    world.processes["once"].fails = 3
    world.play(("publish", 1, 0, "v1"))
    world.run(0.1)
    assert sorted(world.up()) == ["once", "src", "user"]
    world.run(1.0)
    assert sorted(world.up()) == ["src"]
    assert moves(world, "user")[-1] == ("stopping", "down", "service once is failed")
    done(world)


def test_a_lost_start_is_given_up_after_the_up_timeout_and_tried_again() -> None:
    world = World(graph_of({"a": made(LONGRUN, up_timeout=20)}))
    world.processes["a"].lose = 1
    world.rest()
    # whether the order arrives late after all is waited for as long as a stop may take
    assert moves(world, "a") == [
        ("down", "starting", "all that it needs is there"),
        ("starting", "stopping", "not ready within 20 s"),
        ("stopping", "failed", "not ready within 20 s"),
        ("failed", "starting", "tried again"),
        ("starting", "up", "ready"),
    ]
    done(world)


def test_without_timeouts_a_start_may_take_as_long_as_it_likes() -> None:
    world = World(graph_of({"a": made(LONGRUN, ready="notify", up_timeout=0)}))
    world.processes["a"].mute = True
    world.rest()
    assert decision.next_deadline(world.state) is None
    assert moves(world, "a") == [("down", "starting", "all that it needs is there")]
    done(world)


def test_what_ignores_term_is_killed_after_its_down_timeout() -> None:
    world = world_of({"a": made(LONGRUN, down_timeout=4)})
    world.processes["a"].deaf = True
    begun = world.now
    world.play(("wish", 0, "down"))
    world.rest()
    assert world.log[-2:] == ["%s stop a" % begun, "%s kill a" % (begun + 4)]
    assert moves(world, "a")[-1] == (
        "stopping",
        "down",
        "stopped by the operator; not ended within 4 s",
    )
    done(world)


def test_an_orphan_is_ended_before_its_service_starts_again() -> None:
    world = world_of({"a": made(LONGRUN, down_timeout=3)})
    world.processes["a"].deaf = True
    count, begun = len(world.log), world.now
    world.play(("lose", 0))
    world.rest()
    assert since(world, count) == ["end a", "end a", "start a"]
    assert moves(world, "a")[2][2] == "its s6-supervise is gone"
    assert world.now - begun < 10
    done(world)


def test_what_runs_is_adopted_untouched_by_a_new_agent() -> None:
    world = field()
    count = len(world.log)
    world.play(("agent",))
    world.rest()
    assert since(world, count) == []
    assert world.state.memory["route"].reason == "found running"
    done(world)


def test_the_operators_word_wins_and_a_restart_takes_the_users_along() -> None:
    world = world_of({"a": LONGRUN, "b": made(LONGRUN, needs={"service": "a"})})
    count = len(world.log)
    world.play(("again", 0))
    world.rest()
    assert since(world, count) == ["stop b", "stop a", "start a", "start b"]
    assert moves(world, "a")[2][2] == "the operator asked for a restart"
    world.play(("wish", 0, "down"))
    world.rest()
    assert world.up() == {}
    assert world.state.memory["a"].failures == 0
    done(world)


def test_a_service_on_demand_runs_while_something_wanted_needs_it() -> None:
    world = world_of(
        {
            "modem": made(LONGRUN, wanted="demand"),
            "uplink": made(LONGRUN, wanted="demand", needs={"service": "modem"}),
            "hint": made(
                LONGRUN,
                env={"V": {"output": "extra/v", "optional": True}},
            ),
            "extra": made(LONGRUN, wanted="demand", outputs=["v"]),
        }
    )
    assert sorted(world.up()) == ["hint"]
    names = sorted(world.graph.services)
    world.play(("wish", names.index("uplink"), "up"))
    world.rest()
    assert sorted(world.up()) == ["hint", "modem", "uplink"]
    world.play(("wish", names.index("uplink"), None))
    world.rest()
    assert sorted(world.up()) == ["hint"]
    assert moves(world, "modem")[-1][2] == "nothing needs it"
    done(world)


def test_outputs_of_what_ended_are_cleared_before_anything_builds_on_the_next_run() -> None:
    world = field()
    count = len(world.log)
    world.play(("die", sorted(world.processes).index("ppp"), 1))
    assert since(world, count)[-1] == "clear ppp"
    assert "output ppp/ifname" not in world.facts
    done(world)


def test_shutdown_stops_everything_in_reverse_order() -> None:
    world = field()
    count = len(world.log)
    assert not decision.all_down(world.graph, world.state)
    world.play(("shutdown",))
    world.rest()
    stopped = [line[5:] for line in since(world, count) if line.startswith("stop ")]
    assert stopped.index("route") < stopped.index("ppp") < stopped.index("modem")
    assert world.up() == {}
    assert decision.all_down(world.graph, world.state)
    done(world)


def test_an_unknown_fact_or_service_changes_nothing() -> None:
    world = field()
    actions = decision.decide(
        world.graph, world.state, {"s6 other": [1, "", True, None, False, 0], "x": 1}, world.now
    )
    assert actions == []


def test_the_breaker_pauses_a_storm_of_failures() -> None:
    service = made(
        LONGRUN,
        back_off={"first": 1, "cap": 2},
        breaker={"failures": 3, "within": 60, "pause": 100},
    )
    world = World(graph_of({"a": service}))
    world.processes["a"].fails = 1
    world.run(90.0)
    assert len(world.starts) == 3
    record = explain.why(world.graph, world.state, "a", world.now)[1]
    assert (record["what"], record["text"].rpartition(" in ")[0]) == (
        "back-off",
        "exit code 1, 3 failures in a row, too many: paused; next try",
    )
    world.run(100.0)
    times = [time for time, _ in world.starts]
    assert len(times) == 6 and times[3] - times[2] >= 100
    done(world)


def test_a_reload_restarts_only_what_differs_and_removes_what_is_gone() -> None:
    world = world_of(
        {
            "base": LONGRUN,
            "old": made(LONGRUN, needs={"service": "base"}),
            "user": made(LONGRUN, needs={"service": "old"}),
            "kept": LONGRUN,
            "other": LONGRUN,
        }
    )
    count = len(world.log)
    world.reload(
        graph_of(
            {
                "base": LONGRUN,
                "kept": made(LONGRUN, needs={"service": "base"}),
                "other": made(LONGRUN, run=["y"]),
                "new": made(LONGRUN, needs={"service": "base"}),
            }
        )
    )
    world.rest()
    lines = since(world, count)
    assert sorted(lines) == [
        "install new",
        "install other",
        "start new",
        "start other",
        "stop old",
        "stop other",
        "stop user",
        "uninstall old",
        "uninstall user",
    ]
    assert lines.index("stop user") < lines.index("stop old")
    assert sorted(world.state.memory) == ["base", "kept", "new", "other"]
    assert moves(world, "other")[2][2] == "its definition changed"
    done(world)
