"""`frost status`, `frost why` and `frost events` as people see them, from records to the text."""

from agent.command import events, status, why
from agent.graph import read
from agent.supervision import decision, explain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

GRAPH = """{"frostgate-graph": 1, "services": {
    "router": {"type": "bundle", "contents": ["dns", "ntp"]},
    "wan": {"type": "longrun", "run": ["w"], "ready": "notify", "outputs": ["dns"]},
    "lan": {"type": "oneshot", "run": ["l"]},
    "dns": {"type": "longrun", "run": ["d"], "needs": {"service": "lan"},
        "env": {"DNS": {"output": "wan/dns"}}},
    "ntp": {"type": "longrun", "run": ["n"], "needs": {"service": "wan", "is": "up"}},
    "backup": {"type": "oneshot", "run": ["b"], "wanted": "demand"}}}"""

KEYS = ("name", "kind", "state", "since", "waits", "reason", "failures", "retry_in")
ROWS = [
    ("lan", "oneshot", "up", 60.0, None, "ready", 0, None),
    ("wan", "longrun", "failed", 0.6, "exit code 1; next try in 1 s", "exit code 1", 1, 0.4),
    ("dns", "longrun", "stopping", 3700.0, "it is ending", "wan is gone", 0, None),
    ("ntp", "longrun", "starting", 0.1, "process 9 is not ready yet", "", 2, None),
    ("router", "bundle", "down", None, "service dns is stopping", "", 0, None),
    ("backup", "oneshot", "down", 61.0, None, "", 0, None),
]

TREE = """\
backup   oneshot  down      1 min 1 s  nothing needs it
router   bundle   down                 service dns is stopping
  dns    longrun  stopping  1 h 1 min  it is ending
    lan  oneshot  up        1 min 0 s
    wan  longrun  failed    0.6 s      exit code 1; next try in 1 s
  ntp    longrun  starting  0.1 s      process 9 is not ready yet, 2 failures in a row
    wan           failed               see above
"""

NTP = """\
ntp    longrun  starting  0.1 s  process 9 is not ready yet, 2 failures in a row
  wan  longrun  failed    0.6 s  exit code 1; next try in 1 s
"""


def plain(lines: "list[Any]") -> str:
    """Pieces without their colours."""
    texts = ["".join([p if isinstance(p, str) else p[1] for p in line]) for line in lines]
    return "".join([text.rstrip() + "\n" for text in texts])


def shown(roots: "list[str]") -> str:
    records: dict[str, Any] = {row[0]: dict(zip(KEYS, row)) for row in ROWS}
    needs = status.needs_of(read.read(GRAPH, "graph"))
    return plain(status.render(records, status.tree(sorted(records), needs, roots)))


def test_the_tree_shows_what_needs_what_and_what_is_waited_for() -> None:
    assert shown([]) == TREE


def test_one_service_is_shown_with_what_it_needs() -> None:
    assert shown(["ntp"]) == NTP


def test_a_failure_that_nobody_tries_again_tells_its_reason() -> None:
    record: dict[str, Any] = {"state": "failed", "reason": "exit code 3", "waits": "the agent"}
    assert status.text_of(record) == "exit code 3; the agent"


def test_every_service_of_a_real_decision_has_a_row() -> None:
    graph = read.read(GRAPH, "graph")
    state = decision.begin(graph, {}, 100)
    decision.decide(graph, state, {}, 100)
    records: dict[str, Any] = {row["name"]: row for row in explain.status(graph, state, 130)}
    rows = status.tree(sorted(records), status.needs_of(graph), [])
    text = plain(status.render(records, rows))
    # name, kind, state, and since when
    assert [line.split()[:5] for line in text.split("\n")[:4]] == [
        ["backup", "oneshot", "down", "30", "s"],
        ["router", "bundle", "down", "30", "s"],
        ["dns", "longrun", "down", "30", "s"],
        ["lan", "oneshot", "starting", "30", "s"],
    ]


def test_a_service_that_was_shown_is_only_named_again() -> None:
    needs = {"a": ["b", "c"], "b": ["c"], "c": ["d"]}
    assert status.tree(["a", "b", "c", "d", "e"], needs, []) == [
        (0, "a", False),
        (1, "b", False),
        (2, "c", False),
        (3, "d", False),
        (1, "c", True),
        (0, "e", False),
    ]
    assert status.tree(["a", "b"], {}, []) == [(0, "a", False), (0, "b", False)]


def test_a_long_chain_is_no_deep_recursion() -> None:
    names = ["s%05d" % i for i in range(3000)]
    needs = {names[i]: [names[i + 1]] for i in range(2999)}
    assert status.tree(names, needs, [])[-1] == (2999, "s02999", False)


CHAIN_KEYS = ("depth", "what", "name", "text", "since", "change")
CHAIN = [
    (0, "service", "router", "down: not all its contents are ready", 0.6, None),
    (1, "service", "dns", "service dns is down", 0.1, "down: service wan is failed"),
    (1, "service", "ntp", "service ntp is down", 0.1, "down: "),
    (2, "output", "wan/dns", "output wan/dns is missing", 62.0, "output wan/dns vanished"),
    (2, "link", "wan0", "link wan0 is not running", None, None),
    (3, "service", "wan", "failed: exit code 1", 0.6, None),
    (4, "back-off", "wan", "exit code 1, 1 failure in a row; next try in 1 s", 0.6, None),
    (4, "last", "wan", "stopped last because: exit code 1", 0.6, None),
    (2, "last", "dns", "stopped last because: service wan is failed", 0.6, None),
]
WHY = """\
router is down for 0.6 s: not all its contents are ready
  service dns is down for 0.1 s: service wan is failed
    output wan/dns is missing for 1 min 2 s; last change: output wan/dns vanished
      wan is failed for 0.6 s: exit code 1
        exit code 1, 1 failure in a row; next try in 1 s
        stopped last because: exit code 1, 0.6 s ago
    link wan0 is not running
    stopped last because: service wan is failed, 0.6 s ago
  service ntp is down for 0.1 s
"""


def test_why_follows_the_chain_to_the_first_unmet_condition() -> None:
    records: list[dict[str, Any]] = [dict(zip(CHAIN_KEYS, row)) for row in CHAIN]
    assert plain([why.render(record) for record in why.arrange(records)]) == WHY


def test_why_of_what_is_up_tells_the_last_restart() -> None:
    records: list[dict[str, Any]] = [
        dict(zip(CHAIN_KEYS, (0, "service", "wan", "up: ready", 3600.0, None))),
        dict(zip(CHAIN_KEYS, (1, "last", "wan", "stopped last because: x", 3601.0, None))),
    ]
    assert plain([why.render(record) for record in why.arrange(records)]) == (
        "wan is up for 1 h 0 min: ready\n  stopped last because: x, 1 h 0 min ago\n"
    )


def test_the_log_of_what_failed_is_wanted() -> None:
    chosen = []
    for row in CHAIN:
        record: dict[str, Any] = dict(zip(CHAIN_KEYS, row))
        if why.has_failed(record):
            chosen.append(row[:2])
    assert chosen == [(3, "service"), (4, "back-off")]


def test_the_first_of_several_conditions_is_explained_right_below_it() -> None:
    depths = [0, 1, 1, 1, 2, 2, 3, 1]
    records: list[dict[str, Any]] = [{"depth": d, "name": i} for i, d in enumerate(depths)]
    records[-1]["what"] = "last"
    assert [record["name"] for record in why.arrange(records)] == [0, 1, 4, 6, 5, 2, 3, 7]


def test_events_are_one_line_each() -> None:
    record: dict[str, Any] = {"t": 101.5, "facts": {"s6 wan": [8, "01"], "link eth0": None}}
    assert plain(events.render(record)) == (
        '[    101.500] saw    link eth0: nothing\n[    101.500] saw    s6 wan: [8, "01"]\n'
    )
    record = {"t": 101.5, "actions": [["start", "dns", {}], ["stop", "ntp"], 5, []]}
    record["transitions"] = [["dns", "down", "starting", "its conditions hold"]]
    assert plain(events.render(record)) == (
        "[    101.500] moved  dns down -> starting: its conditions hold\n"
        "[    101.500] did    start dns {}\n"
        "[    101.500] did    stop ntp\n"
    )
    assert plain(events.render({"t": 1, "state": {}, "graph": "abc"})) == (
        "[      1.000] graph abc, a snapshot to replay from\n"
    )
    assert plain(events.render({"new": "kind"})) == '{"new": "kind"}\n'
    assert events.render({"t": 1, "facts": {}}) == []
