"""The decision: (graph, what is known, time) -> actions. Pure.

decide() looks only at what the changed facts and passed deadlines touch; decide_fully() looks at
everything and must give the same. A look is two halves, repeated until nothing moves: what should
be up (settle.py), then every service that was touched takes its row of the table (step.py).
"""

from agent.graph.model import BUNDLE
from agent.supervision.memory import (
    STARTING,
    STOPPING,
    UP,
    GroupMemory,
    State,
    tick,
)
from agent.supervision.reload import adopt, carry, forget
from agent.supervision.settle import Work, settle, wake
from agent.supervision.situation import Situation
from agent.supervision.step import find_row, take, tend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agent.graph.model import Graph
    from agent.supervision.step import Action, Row

__all__ = ("State", "all_down", "begin", "carry", "decide", "decide_fully", "next_deadline")

# The order in which actions of one decision are carried out: what ends comes before what begins.
ENDING = ("stop", "kill", "end", "clear", "uninstall")
ORDER = ENDING + ("install", "signal", "start")
STRANGE_LINKS = 32  # changes of links that the graph doesn't name, kept for `why`


def begin(graph: "Graph", facts: "dict[str, Any]", now: float) -> State:
    """A state for a graph and the first facts: what runs is adopted. Nothing is decided yet."""
    state = State()
    state.facts = {key: value for key, value in facts.items() if value is not None}
    for group in graph.groups:
        state.groups[group] = GroupMemory()
    for name in graph.order:
        adopt(graph, state, name, tick(now))
    return state


def decide(graph: "Graph", state: State, changes: "dict[str, Any]", now: float) -> "list[Action]":
    """Take in changed facts and the time; what is to be done about it.

    Cost: that of the touched services. state.transitions tells what moved.
    """
    return _decide(graph, state, changes, now, state.fresh)


def decide_fully(
    graph: "Graph", state: State, changes: "dict[str, Any]", now: float
) -> "list[Action]":
    """The same by a look at every service."""
    return _decide(graph, state, changes, now, True)


def next_deadline(state: State) -> float | None:
    """When to decide again although nothing changed; None: only when something changes."""
    if state.situation is None:
        times = [memory.timer for memory in state.memory.values()]
        times += [group.timer for group in state.groups.values()]
        return min([time for time in times if time is not None], default=None)
    return state.situation.timers.soonest()


def all_down(graph: "Graph", state: State) -> bool:
    """Nothing lives any more: no process, finish script or orphan of any service."""
    s = situation(graph, state)
    for name in state.memory:
        if graph.services[name].kind != BUNDLE and s.is_occupied(name):
            return False
    return True


def situation(graph: "Graph", state: State) -> Situation:
    """The state's lookups for this graph, made when they are not there."""
    if state.situation is None or state.situation.graph is not graph:
        state.situation = Situation(graph, state)
    return state.situation


def _decide(
    graph: "Graph", state: State, changes: "dict[str, Any]", now: float, full: bool
) -> "list[Action]":
    s = situation(graph, state)
    s.now = tick(now)
    state.transitions = []
    actions: list[Action] = []
    work = Work()
    for key in sorted(changes):
        _take_in(s, work, key, changes[key])
    for name in s.timers.due(s.now):
        _due(s, work, name)
    if full:
        _add_everything(s, work, state.fresh)
        state.fresh = False
    rounds = 0
    while not work.is_empty():
        rounds += 1
        if rounds > 100 + 4 * len(state.memory):
            raise RuntimeError("the services do not come to rest: a bug")
        settle(s, work)
        _step(s, work, actions)
    _sort(s, actions)
    return actions


def _due(s: Situation, work: Work, name: str) -> None:
    """A timer ran out; it is no longer in the list."""
    if name.startswith("group "):
        name = name[6:]
        s.state.groups[name].timer = None
        work.groups[name] = True
    else:
        s.state.memory[name].timer = None
        work.add(name)


def _add_everything(s: Situation, work: Work, fresh: bool) -> None:
    for name in s.state.memory:
        work.add(name)
        work.wants[name] = True
    for group in s.state.groups:
        work.groups[group] = True


def _step(s: Situation, work: Work, actions: "list[Action]") -> None:
    """All touched services are judged first, then those that have a row to take move."""
    rank = s.graph.rank
    names = sorted([n for n in work.step if n in s.state.memory], key=lambda name: rank[name])
    work.step.clear()
    taken: dict[str, Row] = {}
    for name in names:
        s.enter(name)
        row = find_row(s)
        if row is not None:
            taken[name] = row
    for name in names:
        s.enter(name)
        if name in taken:
            take(s, taken[name], actions)
            work.add(name)
            wake(s, work, name)
            if s.spec.alternative is not None:
                work.groups[s.spec.alternative.group] = True
        if tend(s, actions):
            wake(s, work, name)
        if s.memory.gone and s.memory.state not in (STARTING, UP, STOPPING):
            forget(s, actions)


def _take_in(s: Situation, work: Work, key: str, value: "Any") -> None:
    """One changed fact: remember it, and whom it touches."""
    before = s.facts.get(key)
    if before == value:
        return
    if value is None:
        del s.facts[key]
    else:
        s.facts[key] = value
    s.state.changes[key] = (s.now, before, value)
    kind, _, name = key.partition(" ")
    for watcher in s.graph.watchers.get(key, ()):
        work.look[watcher] = work.step[watcher] = True
    if kind == "output":
        if name in s.graph.link_outputs:
            s.index.name_link(name, before, value)
        owner = s.state.memory.get(name.partition("/")[0])
        if owner is not None and value is not None:
            owner.cleared = False
    elif kind == "link":
        for output in s.index.paths.get(name, ()):
            for watcher in s.graph.link_outputs[output]:
                work.add(watcher)
        if key not in s.graph.watchers:
            _bound_changes(s, key)
    elif kind == "shutdown":
        for other in s.state.memory:
            work.add(other)
    elif name in s.state.memory:
        _take_in_own(s, work, kind, name, value)


def _take_in_own(s: Situation, work: Work, kind: str, name: str, value: "Any") -> None:
    """A fact about a service itself."""
    memory = s.state.memory[name]
    work.add(name)
    if kind == "s6":
        wake(s, work, name)
    elif kind == "used":
        if value is not None:
            memory.values = dict(value)
    elif kind in ("wish", "again"):
        _listen(s, work, name)


def _listen(s: Situation, work: Work, name: str) -> None:
    """The operator said something about a service or bundle: a new try for all it holds."""
    work.add(name)
    work.wants[name] = True
    memory = s.state.memory[name]
    memory.failures, memory.times, memory.retry_at, memory.tripped = 0, (), None, False
    alternative = s.graph.services[name].alternative
    if alternative is not None:
        group = s.state.groups[alternative.group]
        group.barred.pop(name, None)
        if group.selected == name:
            group.failures = 0
        work.groups[alternative.group] = True
    for content in s.graph.services[name].contents:
        _listen(s, work, content)


def _bound_changes(s: Situation, key: str) -> None:
    """Names of links come and go: the last changes of a few are enough."""
    strange = [k for k in s.state.changes if k.startswith("link ") and k not in s.graph.watchers]
    if len(strange) > STRANGE_LINKS:
        del s.state.changes[min([(s.state.changes[k][0], k) for k in strange])[1]]


def _sort(s: Situation, actions: "list[Action]") -> None:
    """What ends before what begins; users end before and begin after what they need. Two actions
    for one service stay in their order (MicroPython's sort is not stable)."""
    latest: dict[str, tuple[int, int]] = {}
    placed = []
    for i, action in enumerate(actions):
        verb, name = action[0], action[1]
        rank = s.graph.rank[name]
        place = (ORDER.index(verb), -rank if verb in ENDING else rank)
        latest[name] = place = max(place, latest.get(name, place))
        placed.append((place, i, action))
    placed.sort(key=lambda item: item[:2])
    for i, item in enumerate(placed):
        actions[i] = item[2]
    moved = [(s.graph.rank[move[0]], i, move) for i, move in enumerate(s.state.transitions)]
    s.state.transitions = [item[2] for item in sorted(moved)]
