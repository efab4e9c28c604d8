"""The moments in between: orders on their way, orphans, stragglers, reruns. On both runtimes."""

from agent.supervision import decision
from tests.device.supervision_cases import (
    LONGRUN,
    ONESHOT,
    RUNNING,
    done,
    graph_of,
    made,
    moves,
    since,
    world_of,
)
from tests.device.supervision_world import World


def number(world: World, name: str) -> int:
    return sorted(world.processes).index(name)


def wish(world: World, name: str, value: str | None) -> None:
    world.play(("wish", sorted(world.graph.services).index(name), value))


def test_a_service_starts_again_only_when_what_used_it_has_ended() -> None:
    world = world_of({"a": LONGRUN, "b": made(LONGRUN, needs={"service": "a"}, down_timeout=30)})
    world.processes["b"].deaf = True
    begun, count = world.now, len(world.log)
    world.play(("die", number(world, "a"), 1))
    world.rest()
    assert since(world, count) == ["stop b", "kill b", "start a", "start b"]
    assert world.starts[-2] == (begun + 30, "a")
    done(world)


def test_a_user_that_is_ending_delays_a_restart_though_it_may_come_back() -> None:
    either = {"any": [{"service": "a"}, {"link": "eth0"}]}
    world = world_of({"a": LONGRUN, "b": made(LONGRUN, needs=either)}, {"eth0": RUNNING})
    world.processes["b"].deaf = True
    wish(world, "b", "down")
    wish(world, "b", None)
    count = len(world.log)
    world.play(("again", 0))
    world.rest()
    assert since(world, count) == ["kill b", "stop a", "start b", "start a"]
    done(world)


def test_a_stop_waits_for_a_start_that_s6_has_not_shown_yet() -> None:
    graph = graph_of({"a": made(LONGRUN, down_timeout=5)})
    digest = graph.services["a"].digest
    down = [0, "00", False, None, False, 0]
    state = decision.begin(graph, {"s6 a": down, "installed a": digest}, 10.0)
    assert decision.decide(graph, state, {}, 10.0) == [("start", "a", {})]
    assert decision.decide(graph, state, {"wish a": "down"}, 10.0) == [("stop", "a")]
    assert state.memory["a"].state == "stopping"
    assert decision.next_deadline(state) == 15.0
    ran = [0, "02", False, -15, False, 0]
    assert decision.decide(graph, state, {"s6 a": ran}, 10.1) == []
    assert state.memory["a"].state == "down"


def test_a_stop_of_a_start_that_got_lost_ends_after_the_down_timeout() -> None:
    graph = graph_of({"a": made(LONGRUN, down_timeout=5)})
    facts = {"s6 a": [0, "00", False, None, False, 0], "installed a": graph.services["a"].digest}
    state = decision.begin(graph, facts, 10.0)
    decision.decide(graph, state, {}, 10.0)
    decision.decide(graph, state, {"wish a": "down"}, 10.0)
    assert decision.decide(graph, state, {}, 15.0) == []
    assert (state.memory["a"].state, decision.next_deadline(state)) == ("down", None)


def test_a_second_copy_makes_a_service_not_up_until_it_has_ended() -> None:
    needs = {"service": "a", "is": "up"}
    world = world_of({"a": made(LONGRUN, down_timeout=4), "b": made(LONGRUN, needs=needs)})
    world.processes["a"].deaf = True
    count = len(world.log)
    world.play(("orphan", number(world, "a")))
    world.rest()
    assert since(world, count) == ["stop b", "end a", "end a", "start b"]
    assert [move[:2] for move in moves(world, "a")[2:]] == [("up", "starting"), ("starting", "up")]
    done(world)


def test_an_orphan_is_remembered_when_its_s6_supervise_is_killed_again() -> None:
    world = world_of({"a": LONGRUN, "b": made(LONGRUN, needs={"service": "a"}, down_timeout=20)})
    world.processes["b"].deaf = True
    world.play(("lose", number(world, "b")))
    world.run(12.0)
    process = world.processes["b"]
    assert process.stray
    process.supervised = False
    count = len(world.log)
    world.play(("again", number(world, "a")))
    world.run(5.0)
    assert since(world, count) == []
    world.return_supervise("b")
    world.rest()
    assert since(world, count)[:2] == ["end b", "stop a"]
    done(world)


def test_nobody_starts_on_a_oneshot_while_it_runs_again() -> None:
    world = world_of(
        {
            "src": made(LONGRUN, outputs=["v"]),
            "once": made(ONESHOT, env={"V": {"output": "src/v", "change": "rerun"}}),
            "user": made(LONGRUN, needs={"service": "once"}),
            "late": made(LONGRUN, needs={"all": [{"service": "once"}, {"link": "eth0"}]}),
        }
    )
    world.processes["once"].until_ready = 10.0
    count = len(world.log)
    world.play(("publish", number(world, "src"), 0, "v1"))
    world.play(("link", "eth0", RUNNING))
    world.run(5.0)
    world.play(("json",))
    world.run(4.0)
    assert since(world, count) == ["stop once", "start once"]
    world.rest()
    assert since(world, count) == ["stop once", "start once", "start late"]
    assert len(moves(world, "user")) == 2
    done(world)


def test_a_rerun_that_hangs_takes_its_users_along_at_the_up_timeout() -> None:
    world = world_of(
        {
            "src": made(LONGRUN, outputs=["v"]),
            "once": made(ONESHOT, up_timeout=7, env={"V": {"output": "src/v", "change": "rerun"}}),
            "user": made(LONGRUN, needs={"service": "once"}),
        }
    )
    world.processes["once"].mute = True
    world.processes["once"].deaf = True
    world.play(("publish", number(world, "src"), 0, "v1"))
    world.run(10.5)
    assert "user" in world.up()
    world.run(7.0)
    assert world.state.memory["once"].state == "stopping"
    assert "user" not in world.up()
    done(world)


def test_a_oneshot_whose_holder_is_killed_is_done_again_under_its_users() -> None:
    """The process only stands for what has been done, which its end does not change: s6's finish
    script undoes nothing after a SIGKILL."""
    for once, exit in ((ONESHOT, 1), (ONESHOT, -9), (made(ONESHOT, stop=["undo"]), -9)):
        world = world_of({"once": once, "user": made(LONGRUN, needs={"service": "once"})})
        count = len(world.log)
        world.play(("die", number(world, "once"), exit))
        world.rest()
        assert since(world, count) == ["start once"]
        assert len(moves(world, "user")) == 2
        assert world.state.memory["once"].failures == 0
        done(world)


def test_a_oneshot_that_its_stop_has_undone_takes_its_users_along() -> None:
    once = made(ONESHOT, stop=["undo"])
    world = world_of({"once": once, "user": made(LONGRUN, needs={"service": "once"})})
    count = len(world.log)
    world.play(("die", number(world, "once"), 1))
    world.rest()
    assert since(world, count) == ["stop user", "start once", "start user"]
    done(world)


def test_a_oneshot_that_can_not_be_done_again_takes_its_users_along() -> None:
    world = world_of({"once": ONESHOT, "user": made(LONGRUN, needs={"service": "once"})})
    world.processes["once"].fails = True
    count = len(world.log)
    world.play(("die", number(world, "once"), -9))
    world.run(0.5)
    assert since(world, count)[:2] == ["start once", "stop user"]
    assert world.state.memory["once"].state == "failed"


def test_a_new_try_comes_at_once_when_the_conditions_went_and_returned() -> None:
    service = made(LONGRUN, needs={"link": "wan"}, back_off={"first": 50, "cap": 50})
    world = world_of({"a": service}, {"wan": RUNNING})
    world.play(("die", 0, 1))
    world.run(5.0)
    assert world.state.memory["a"].state == "failed"
    world.play(("link", "wan", None))
    world.play(("link", "wan", RUNNING))
    assert world.starts[-1][0] == world.now
    world.play(("die", 0, 1))
    assert world.state.memory["a"].failures == 1
    done(world)


def test_the_operators_word_ends_back_off_and_breaker() -> None:
    service = made(LONGRUN, breaker={"failures": 1, "within": 60, "pause": 900})
    for event in (("again", 0), ("wish", 0, "up")):
        world = world_of({"a": service})
        world.play(("die", 0, 1))
        world.run(5.0)
        assert world.state.memory["a"].tripped
        count = len(world.starts)
        world.play(event)
        assert len(world.starts) == count + 1
        done(world)


def test_outputs_that_a_straggler_publishes_are_cleared_again() -> None:
    world = world_of(
        {"a": made(LONGRUN, outputs=["v"]), "b": made(LONGRUN, needs={"output": "a/v"})}
    )
    wish(world, "a", "down")
    world.rest()
    count = len(world.log)
    world.publish("a", "v", "late")
    world.rest()
    assert since(world, count) == ["clear a"]
    assert "output a/v" not in world.facts
    done(world)


def test_outputs_that_cannot_be_cleared_delay_the_next_start_for_a_while_only() -> None:
    graph = graph_of(
        {"a": made(LONGRUN, outputs=["v"]), "b": made(LONGRUN, needs={"output": "a/v"})}
    )
    facts: dict[str, object] = {"output a/v": "old"}
    for name in ("a", "b"):
        facts["s6 " + name] = [0, "00", False, None, False, 0]
        facts["installed " + name] = graph.services[name].digest
    state = decision.begin(graph, facts, 10.0)
    assert decision.decide(graph, state, {}, 10.0) == [("clear", "a")]
    assert decision.next_deadline(state) == 15.0
    assert decision.decide(graph, state, {}, 15.0)[0] == ("start", "a", {})


def test_a_start_and_a_stop_of_one_decision_stay_in_their_order() -> None:
    needs = {"all": [{"service": "a", "is": "up"}, {"link": "wan"}]}
    graph = graph_of(
        {"a": made(LONGRUN, ready="notify", up_timeout=5), "b": made(LONGRUN, needs=needs)}
    )
    facts: dict[str, object] = {}
    for name in ("a", "b"):
        facts["s6 " + name] = [0, "00", False, None, False, 0]
        facts["installed " + name] = graph.services[name].digest
    state = decision.begin(graph, facts, 10.0)
    decision.decide(graph, state, {}, 10.0)
    decision.decide(graph, state, {"s6 a": [7, "01", False, None, False, 0]}, 10.1)
    actions = decision.decide(graph, state, {"link wan": RUNNING}, 15.0)
    assert actions == [("stop", "a"), ("start", "b", {}), ("stop", "b")]


def test_barred_alternatives_take_turns_the_longest_barred_first() -> None:
    services = {}
    for i, name in enumerate(("x", "y", "z")):
        services[name] = made(
            LONGRUN,
            alternative={"group": "g", "preference": i, "tries": 1, "fail-back": 0},
            breaker={"failures": 10, "within": 1, "pause": 1000},
            back_off={"first": 1, "cap": 1},
        )
    world = World(graph_of(services))
    for name in services:
        world.processes[name].fails = 1
    world.run(20.0)
    names = [name for _, name in world.starts]
    assert names[:7] == ["x", "y", "z", "x", "y", "z", "x"]
    done(world)


def test_what_outlives_kill_delays_nobody_for_ever() -> None:
    graph = graph_of({"a": LONGRUN, "b": made(LONGRUN, needs={"service": "a"}, down_timeout=5)})
    facts: dict[str, object] = {}
    for name, pid in (("a", 7), ("b", 8)):
        facts["s6 " + name] = [pid, "01", False, None, False, 0]
        facts["installed " + name] = graph.services[name].digest
    state = decision.begin(graph, facts, 10.0)
    assert decision.decide(graph, state, {}, 10.0) == []
    assert decision.decide(graph, state, {"wish a": "down"}, 10.0) == [("stop", "b")]
    assert decision.decide(graph, state, {}, 15.0) == [("kill", "b")]
    assert decision.decide(graph, state, {}, 17.0) == [("stop", "a"), ("kill", "b")]


def test_names_of_links_that_come_and_go_leave_nothing_behind() -> None:
    world = world_of(
        {
            "ppp": made(LONGRUN, outputs=["ifname"]),
            "route": made(ONESHOT, needs={"link": {"output": "ppp/ifname"}, "is": "present"}),
        }
    )
    for i in range(200):
        name = "ppp%d" % i
        world.do_link(name, "%d present" % (i + 2))
        world.play(("publish", 0, 0, name))
        world.run(2.0)
        world.play(("link", name, None))
    assert world.state.situation is not None
    assert len(world.state.situation.index.paths) == 1
    assert len([key for key in world.state.changes if key.startswith("link ")]) <= 32
    assert len([key for key in world.state.facts if key.startswith("link ")]) == 0
    done(world)


def test_a_leaving_service_stops_before_what_it_needs_and_ends_its_orphan_first() -> None:
    world = world_of({"a": LONGRUN, "b": made(LONGRUN, needs={"service": "a"}, down_timeout=20)})
    world.processes["b"].deaf = True
    count = len(world.log)
    world.reload(graph_of({"a": made(LONGRUN, run=["other"])}))
    world.run(5.0)
    world.play(("orphan", number(world, "b")))
    world.rest()
    assert since(world, count) == [
        "stop b",
        "end b",
        "kill b",
        "end b",
        "stop a",
        "uninstall b",
        "install a",
        "start a",
    ]
    done(world)


def test_a_fact_that_the_new_graph_does_not_name_is_forgotten() -> None:
    """Named again by a later graph, the same value is news: what is down has it cleared."""
    source = made(LONGRUN, outputs=["x"], wanted="demand")
    named = graph_of(
        {"a": source, "b": made(LONGRUN, needs={"output": "a/x", "equals": "2"}, wanted="demand")}
    )
    unnamed = graph_of({"a": source})
    state = decision.begin(named, {}, 10.0)
    decision.decide(named, state, {"output a/x": "1"}, 10.0)
    graph, state = decision.carry(named, unnamed, state, 11.0)
    decision.decide(graph, state, {}, 11.0)
    assert "output a/x" not in state.facts
    graph, state = decision.carry(graph, named, state, 12.0)
    assert ("clear", "a") in decision.decide(graph, state, {"output a/x": "1"}, 12.0)
