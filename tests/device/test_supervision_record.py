"""Record and replay, on both runtimes."""

import json

from agent.graph import read
from agent.port import files
from agent.supervision import decision, record

TEXT = json.dumps(
    {
        "frostgate-graph": 1,
        "services": {
            "ppp": {"type": "longrun", "run": ["pppd"], "outputs": ["ifname"]},
            "dns": {
                "type": "longrun",
                "run": ["dnsmasq"],
                "env": {"WAN": {"output": "ppp/ifname", "change": "restart"}},
            },
        },
    }
)


def replay(path: str) -> None:
    """Each line: [graph's text, lines of a record]; recorded on the host, decided again here."""
    for line in files.read(path).decode().split("\n"):
        if line:
            text, lines = json.loads(line)
            differences = record.replay(text, lines)
            assert differences == [], differences


def example(size: int = 200, segments: int = 2, times: int = 3) -> list[str]:
    """The record of a service that is started and ends `times` times."""
    graph = read.read(TEXT, "graph")
    digest = graph.services["ppp"].digest
    facts = {"s6 ppp": [0, "00", False, None, False, 0], "installed ppp": digest}
    state = decision.begin(graph, facts, 10.0)
    history = record.History(record.graph_digest(TEXT), state, 10.0, size, segments)
    now = 10.0
    changes: dict[str, object] = {}
    for i in range(times):
        history.add_facts(state, changes, now)
        actions = decision.decide(graph, state, changes, now)
        history.add_actions(actions, state.transitions, now)
        now += 100.0
        pid = 0 if i % 2 else 7 + i
        changes = {"s6 ppp": [pid, "%02x" % (i + 1), False, 1, False, 0]}
    return history.lines()


def test_a_record_replays_without_a_difference() -> None:
    lines = example()
    kinds = [sorted(json.loads(line)) for line in lines]
    assert kinds[:3] == [
        ["follows", "graph", "state", "t"],
        ["facts", "t"],
        ["actions", "t", "transitions"],
    ]
    assert json.loads(lines[2])["actions"] == [["start", "ppp", {}]]
    assert record.replay(TEXT, lines) == []


def test_a_record_is_bounded_and_its_rest_still_replays() -> None:
    lines = example(size=4, segments=2, times=60)
    assert 4 < len(lines) <= 2 * (record.SPARSE * 2 + 3)
    assert "state" in json.loads(lines[0])
    assert record.replay(TEXT, lines) == []


def test_other_decisions_are_told_with_their_line() -> None:
    lines = example()
    lines[2] = lines[2].replace('"start"', '"stop"')
    assert record.replay(TEXT, lines) == [
        'line 3: actions: recorded [["stop", "ppp", {}]], decided now [["start", "ppp", {}]]'
    ]
    missing = example()
    del missing[2]
    assert [text.partition(":")[0] for text in record.replay(TEXT, missing)] == ["line 2"] * 2


def test_a_snapshot_that_does_not_follow_from_the_facts_is_told() -> None:
    lines = example(size=4, segments=9, times=9)
    second = [i for i, line in enumerate(lines) if '"state": {' in line][1]
    lines[second] = lines[second].replace('"cleared": false', '"cleared": true')
    found = record.replay(TEXT, lines)
    assert found[0] == "line %d: the state is another one than recorded" % (second + 1)


def test_a_record_of_another_graph_is_not_replayed() -> None:
    found = record.replay(TEXT.replace("dnsmasq", "unbound"), example())
    assert len(found) == 1
    assert found[0].endswith(": not replayed")


def test_lines_that_are_no_record_are_told() -> None:
    assert record.replay(TEXT, ["{", "", "[1]"]) == [
        "line 1: expected a record",
        "line 3: expected a record",
    ]


def test_what_was_decided_while_services_left_is_passed_over() -> None:
    lines = example()
    snapshot = json.loads(lines[0])
    snapshot["state"]["memory"]["earlier"] = {}
    actions = json.loads(lines[2])
    actions["actions"] = []
    assert record.replay(TEXT, [lines[0], lines[1], json.dumps(actions)]) != []
    assert record.replay(TEXT, [json.dumps(snapshot), lines[1], json.dumps(actions)]) == []


def test_snapshots_are_rarer_where_there_are_more_services() -> None:
    def snapshots(size: int) -> int:
        return len([line for line in example(size, 9, 40) if '"state"' in line])

    services = 2
    assert snapshots(1) == snapshots(record.SPARSE * services)
    assert snapshots(1) > snapshots(200) == 1
