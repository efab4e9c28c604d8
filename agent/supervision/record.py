"""Record and replay: what was decided, as JSON lines, and the same decisions again from them. Pure.

A record is made of segments. Each begins with a snapshot (the graph's digest and the whole state)
and goes on with the facts that were handed to each decide and the actions that came of it. Only
the latest segments are kept. Values of secrets are in no fact, so in no record.
"""

import hashlib
import json

from agent.graph import read
from agent.supervision.decision import State, decide
from agent.supervision.memory import tick

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agent.graph.model import Graph

SPARSE = 4  # lines a service between two snapshots
SHOWN = 300  # characters of a difference that are shown of each side


def graph_digest(text: bytes | str) -> str:
    """16 hex digits of a graph file's content."""
    octets = text.encode() if isinstance(text, str) else text
    return hashlib.sha256(octets).digest().hex()[:16]


class History:
    """The bounded record of a running agent.

    Call add_facts before each decide (with {} when only time passed) and add_actions after it.
    """

    def __init__(
        self, digest: str, state: State, now: float, size: int = 200, segments: int = 2
    ) -> None:
        self._digest = digest
        self._size = size
        self._most = segments
        self._segments: list[list[str]] = []
        self._begin(state, now, False)

    def _begin(self, state: State, now: float, follows: bool) -> None:
        """A segment. follows: its state came from the facts of the one before."""
        state_then = state.to_json()
        record = {"t": tick(now), "graph": self._digest, "follows": follows, "state": state_then}
        self._segments.append([json.dumps(record)])
        if len(self._segments) > self._most:
            self._segments.pop(0)

    def reload(self, digest: str, state: State, now: float) -> None:
        """After decision.carry: the record goes on with another graph."""
        self._digest = digest
        self._begin(state, now, False)

    def add_facts(self, state: State, changes: "dict[str, Any]", now: float) -> None:
        """What the next decide will be given; `state` is still the one before it."""
        # A snapshot costs as much as there are services: the more there are, the rarer it is.
        if len(self._segments[-1]) > max(self._size, SPARSE * len(state.memory)):
            self._begin(state, now, True)
        self._segments[-1].append(json.dumps({"t": tick(now), "facts": changes}))

    def add_actions(
        self,
        actions: "list[tuple[Any, ...]]",
        transitions: list[tuple[str, str, str, str]],
        now: float,
    ) -> None:
        """What the decide gave; nothing is written down when it gave nothing."""
        if actions or transitions:
            record = {"t": tick(now), "actions": actions, "transitions": transitions}
            self._segments[-1].append(json.dumps(record))

    def lines(self) -> list[str]:
        """The record as JSON texts, the oldest first."""
        return [line for segment in self._segments for line in segment]


class Replay:
    """The decisions of a record, made again."""

    def __init__(self, graph: "Graph", digest: str) -> None:
        self._graph = graph
        self._digest = digest
        self._state: State | None = None
        self._due: tuple[int, Any] | None = None  # (line, actions and transitions) not seen yet
        self.differences: list[str] = []

    def take(self, number: int, record: "dict[str, Any]") -> None:
        """One line."""
        if "state" in record:
            self._compare_due()
            self._snapshot(number, record)
        elif self._state is None:
            return
        elif "facts" in record:
            self._compare_due()
            actions = decide(self._graph, self._state, record["facts"], record["t"])
            made = _plain({"actions": actions, "transitions": self._state.transitions})
            if made != NOTHING:
                self._due = (number, made)
        else:
            told = {"actions": record["actions"], "transitions": record["transitions"]}
            made = NOTHING if self._due is None else self._due[1]
            self._due = None
            self._compare(number, told, made)

    def end(self) -> None:
        """The record is over."""
        self._compare_due()

    def _compare_due(self) -> None:
        if self._due is not None:
            number, made = self._due
            self._due = None
            self._compare(number, NOTHING, made)

    def _compare(self, number: int, told: "Any", made: "Any") -> None:
        for what in sorted(told):
            if told[what] != made[what]:
                sides = (json.dumps(told[what])[:SHOWN], json.dumps(made[what])[:SHOWN])
                text = "line %d: %s: recorded %s, decided now %s"
                self.differences.append(text % ((number, what) + sides))

    def _snapshot(self, number: int, record: "dict[str, Any]") -> None:
        if record["graph"] != self._digest:
            text = "line %d: recorded with graph %s, this is %s: not replayed"
            self.differences.append(text % (number, record["graph"], self._digest))
            self._state = None
            return
        for name in record["state"]["memory"]:
            if name not in self._graph.services:
                # Services of an earlier graph are leaving: this file alone can't tell how.
                self._state = None
                return
        state = self._state if record["follows"] else None
        if state is not None and _plain(state.to_json()) != record["state"]:
            self.differences.append("line %d: the state is another one than recorded" % number)
        self._state = State.from_json(record["state"])


# Snapshot, facts, actions; without the first a record is not replayed.
KINDS = (
    ("t", "graph", "follows", "state"),
    ("t", "facts"),
    ("t", "actions", "transitions"),
)
NOTHING: "dict[str, Any]" = {"actions": [], "transitions": []}


def _plain(value: "Any") -> "Any":
    """As it looks after a passage through JSON."""
    return json.loads(json.dumps(value))


def _parse(line: str) -> "dict[str, Any] | None":
    """A line's record, None when it is none."""
    try:
        record = json.loads(line)
    except ValueError:
        return None
    for keys in KINDS:
        if isinstance(record, dict) and all([key in record for key in keys]):
            return record
    return None


def replay(graph_text: bytes | str, lines: list[str]) -> list[str]:
    """The differences between a record and what this code decides; [] when there are none.

    Raises GraphError for a graph that can't be used.
    """
    made = Replay(read.read(graph_text, "graph"), graph_digest(graph_text))
    for i, line in enumerate(lines):
        if line.strip():
            record = _parse(line)
            if record is None:
                made.differences.append("line %d: expected a record" % (i + 1))
            else:
                made.take(i + 1, record)
    made.end()
    return made.differences
