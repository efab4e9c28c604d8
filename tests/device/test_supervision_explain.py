"""What `frost why` and `frost status` say, on both runtimes."""

from agent.supervision import explain, texts
from tests.device.supervision_cases import LONGRUN, RUNNING, field, made, world_of
from tests.device.supervision_world import World


def told(world: World, name: str) -> list[tuple[object, ...]]:
    """(depth, what, name, text, met) of each record."""
    return [
        (r["depth"], r["what"], r["name"], r["text"], r["met"])
        for r in explain.why(world.graph, world.state, name, world.now)
    ]


def test_the_chain_leads_down_to_the_link_and_its_last_change() -> None:
    world = field()
    world.play(("link", "eth0", "3 present up"))
    world.rest()
    world.now += 5
    because = "service ppp is about to stop, so output ppp/ifname does not count"
    assert told(world, "route") == [
        (0, "service", "route", "down: " + because, False),
        (1, "output", "ppp/ifname", "output ppp/ifname is missing", False),
        (2, "service", "ppp", "down: service modem is about to stop", False),
        (3, "service", "modem", "service modem is down", False),
        (4, "link", "eth0", "link eth0 is not running", False),
        (1, "last", "route", "stopped last because: " + because, True),
    ]
    records = explain.why(world.graph, world.state, "route", world.now)
    leaf = [record for record in records if record["what"] == "link"][0]
    assert (leaf["depth"], leaf["name"], leaf["text"]) == (4, "eth0", "link eth0 is not running")
    assert leaf["change"] == "link eth0 is no longer running"
    assert leaf["since"] > 5


def test_what_is_up_says_why_it_was_stopped_last() -> None:
    world = field()
    world.play(("die", sorted(world.processes).index("lan"), -9))
    world.rest()
    assert told(world, "lan") == [
        (0, "service", "lan", "up: ready", True),
        (1, "last", "lan", "stopped last because: killed by signal 9", True),
    ]


def test_a_wish_is_a_reason_with_its_time() -> None:
    world = field()
    world.play(("wish", sorted(world.graph.services).index("lan"), "down"))
    world.rest()
    record = explain.why(world.graph, world.state, "lan", world.now + 60)[1]
    assert (record["what"], record["text"], record["change"]) == (
        "wish",
        "stopped by the operator",
        "the operator stopped it",
    )
    assert record["since"] >= 60


def test_a_secret_is_never_shown() -> None:
    world = world_of(
        {
            "auth": made(LONGRUN, outputs=["key"], secrets=["key"]),
            "user": made(LONGRUN, files={"key": {"output": "auth/key"}}),
        }
    )
    world.play(("publish", 0, 0, "secret 00112233"))
    world.rest()
    world.play(("publish", 0, 0, "secret 44556677"))
    world.rest()
    reasons = [move[3] for move in world.moves if move[0] == "user"]
    assert reasons.count("output auth/key (a secret) changed") >= 1
    shown = repr(explain.why(world.graph, world.state, "user", world.now)) + repr(reasons)
    assert "00112233" not in shown and "44556677" not in shown


def test_status_tells_what_each_service_waits_for() -> None:
    world = world_of({"a": made(LONGRUN, essential=True), "b": made(LONGRUN, needs={"link": "w"})})
    found = explain.status(world.graph, world.state, world.now)
    assert [(r["name"], r["state"], r["ready"], r["should"], r["waits"]) for r in found] == [
        ("a", "up", True, True, None),
        ("b", "down", False, False, "link w is not there"),
    ]
    keys = "essential failures kind name pid ready reason retry_in should since state waits"
    assert " ".join(sorted(found[0])) == keys
    world.play(("link", "w", RUNNING))
    world.rest()
    assert explain.status(world.graph, world.state, world.now)[1]["ready"]


def test_texts_are_short_and_escaped() -> None:
    assert texts.output_change("a/b", None, "x\x1b[1m") == 'output a/b came as "x\\x1b[1m"'
    assert texts.output_change("a/b", "1", None) == 'output a/b vanished, it was "1"'
    assert len(texts.value_text("x" * 1000)) == 62
    assert texts.link_change("w", "3 present up", "3 present running") == (
        "link w is no longer up, is now running"
    )
    assert texts.link_change("w", "3 present", "4 present") == (
        "link w was replaced (index 3 became 4)"
    )
    assert texts.exit_text(-15) == "killed by signal 15"
