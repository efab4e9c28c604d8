"""What the decision remembers between two looks. Pure; all of it passes through JSON.

Facts are what the world said (one flat dict); Memory is what we ordered and when. Defaults are
class attributes, so on the device an instance holds only what was ever set.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agent.supervision.situation import Situation

DOWN, STARTING, UP, STOPPING, FAILED = "down", "starting", "up", "stopping", "failed"

# What others may count on: outputs from STARTED on, the process from RUNNING, all of it from READY.
# HELD: a oneshot runs again in place, so who runs may stay and nobody may start on it.
NOTHING, STARTED, RUNNING, READY, HELD = 0, 1, 2, 3, 4


def tick(seconds: float) -> float:
    """The time to the millisecond: the same on every runtime, also after a passage through JSON."""
    return int(seconds * 1000 + 0.5) / 1000


class Memory:
    """One service. Times are seconds of CLOCK_MONOTONIC."""

    state = DOWN
    since = 0.0  # of the state
    wanted = False  # by the graph, a user that needs it or the operator
    fit = False  # wanted, and its conditions hold
    should = False  # be up: fit, selected among alternatives, not to be restarted
    level = NOTHING  # what others may count on
    reason = ""  # of the last transition
    last = ""  # why it was stopped or failed last
    last_at: float | None = None
    failures = 0  # in a row
    times: tuple[float, ...] = ()  # of the latest failures, for the breaker
    retry_at: float | None = None
    tripped = False  # the breaker is open until retry_at
    deadline: float | None = None  # of starting, of stopping
    kills = 0  # sent in this stop
    failing = False  # this stop ends in failed
    rerun = False  # a oneshot runs again in place
    ordered = ""  # "install", "start" or "uninstall" until the facts show it
    stamp = ""  # of s6 when the start was ordered
    pid = 0  # of the process that is up
    values: "dict[str, str] | None" = None  # that it was given; None: not known yet
    links: "tuple[str, ...] | None" = (
        None  # indices of the links of its conditions; None: as values
    )
    again = 0  # the restarts that the operator had asked for when it started
    stray = 0  # the orphan that is being ended
    stray_kills = 0
    stray_at: float | None = None
    cleared = True
    gone = False  # no longer in the graph
    timer: float | None = None  # when to look at it again

    def to_json(self) -> "dict[str, Any]":
        """The fields that differ from their defaults."""
        return _to_json(self, Memory, FIELDS)


class GroupMemory:
    """One group of exclusive alternatives."""

    selected: str | None = None
    chosen: str | None = None  # becomes `selected` when this look is over
    failures = 0  # of the selected member in a row
    timer: float | None = None

    def __init__(self) -> None:
        self.eligible: dict[str, float] = {}  # member: since when it could be selected
        self.barred: dict[str, float] = {}  # member: until when, after its failures

    def to_json(self) -> "dict[str, Any]":
        """The fields that differ from their defaults."""
        found = _to_json(self, GroupMemory, GROUP_FIELDS)
        if self.eligible:
            found["eligible"] = dict(self.eligible)
        if self.barred:
            found["barred"] = dict(self.barred)
        return found


TIMES = ("since", "last_at", "retry_at", "deadline", "stray_at", "timer")
FIELDS: tuple[str, ...] = TIMES + (
    "state",
    "wanted",
    "fit",
    "should",
    "level",
    "reason",
    "last",
    "failures",
    "times",
    "tripped",
    "kills",
    "failing",
    "rerun",
    "ordered",
    "stamp",
    "pid",
    "values",
    "links",
    "again",
    "stray",
    "stray_kills",
    "cleared",
    "gone",
)
GROUP_FIELDS = ("selected", "chosen", "failures", "timer")


def _to_json(memory: "Any", kind: "Any", fields: tuple[str, ...]) -> "dict[str, Any]":
    found = {}
    for field in fields:
        value = getattr(memory, field)
        if value != getattr(kind, field):
            if isinstance(value, tuple):
                value = list(value)
            found[field] = dict(value) if isinstance(value, dict) else value
    return found


def _from_json(memory: "Any", obj: "dict[str, Any]", fields: tuple[str, ...]) -> None:
    for field in fields:
        if field in obj:
            value = obj[field]
            if field in TIMES and value is not None:
                value = tick(value)
            elif field == "times":
                value = tuple([tick(time) for time in value])
            elif isinstance(value, list):
                value = tuple(value)
            setattr(memory, field, value)


class State:
    """All that a decision stands on besides graph and time."""

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {}
        self.memory: dict[str, Memory] = {}
        self.groups: dict[str, GroupMemory] = {}
        self.changes: dict[str, tuple[float, Any, Any]] = {}  # fact key: (when, before, after)
        self.transitions: list[tuple[str, str, str, str]] = []  # of the last decide
        self.fresh = True  # nothing has been decided on these yet: look at everything
        self.situation: Situation | None = None  # made from graph and state when needed

    def to_json(self) -> "dict[str, Any]":
        """JSON-able; from_json makes a state of it that decides the same."""
        return {
            "facts": dict(self.facts),
            "memory": {name: memory.to_json() for name, memory in self.memory.items()},
            "groups": {name: group.to_json() for name, group in self.groups.items()},
            "changes": {key: list(change) for key, change in self.changes.items()},
            "fresh": self.fresh,
        }

    @staticmethod
    def from_json(obj: "dict[str, Any]") -> "State":
        """The state that to_json told of."""
        state = State()
        state.facts = dict(obj["facts"])
        state.fresh = obj["fresh"]
        for name, fields in obj["memory"].items():
            state.memory[name] = memory = Memory()
            _from_json(memory, fields, FIELDS)
        for name, fields in obj["groups"].items():
            state.groups[name] = group = GroupMemory()
            _from_json(group, fields, GROUP_FIELDS)
            for member, time in fields.get("eligible", {}).items():
                group.eligible[member] = tick(time)
            for member, time in fields.get("barred", {}).items():
                group.barred[member] = tick(time)
        for key, (when, before, after) in obj["changes"].items():
            state.changes[key] = (tick(when), before, after)
        return state
