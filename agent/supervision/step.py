"""What a taken row of the table does: to the memory of the service, and for the actor. Pure."""

from agent.graph.model import IGNORE, SIGNAL
from agent.supervision import alternatives, texts
from agent.supervision.guards import GUARDS
from agent.supervision.memory import DOWN, FAILED, STARTING, STOPPING, UP, tick
from agent.supervision.table import BUNDLE_ROWS_OF, ROWS_OF

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agent.supervision.situation import Situation

    Row = tuple[str, str, str, str, str]
    Action = tuple[Any, ...]

KILL_GRACE = 2.0  # seconds; what KILL has not ended by then delays nobody else any more
CLEAR_WAIT = 5.0  # seconds; outputs that can't be cleared delay the next start no longer
LOST_WAIT = 10.0  # seconds for an s6-supervise to come back and show what is left of its process


def find_row(s: "Situation") -> "Row | None":
    """The row to take for the entered service."""
    rows = ROWS_OF if s.spec.contents == () else BUNDLE_ROWS_OF
    for row in rows[s.memory.state]:
        if GUARDS[row[1]](s):
            return row
    return None


def take(s: "Situation", row: "Row", actions: "list[Action]") -> None:
    """Move the entered service along a row."""
    memory = s.memory
    before, _, after, action, words = row
    reason = texts.reason(s, words)
    ran = s.now - memory.since if before == UP else 0.0
    if action:
        ACTIONS[action](s, actions)
    if after == UP and before != UP:
        _arrive(s)
    elif after in (DOWN, FAILED):
        memory.ordered, memory.kills, memory.deadline = "", 0, None
    if action == "fail":
        _count_failure(s, ran)
    elif before == FAILED and after == DOWN:
        # The world is another one when its conditions return: try at once.
        memory.failures = 0
        if not memory.tripped:
            memory.retry_at = None
    if after in (STOPPING, FAILED) and before in (STARTING, UP):
        memory.last, memory.last_at = reason, s.now
    memory.reason = reason
    if after != before:
        memory.state, memory.since = after, s.now
        s.state.transitions.append((s.name, before, after, reason))


def _arrive(s: "Situation") -> None:
    memory = s.memory
    memory.pid, memory.ordered, memory.deadline = s.pid, "", None
    memory.rerun = False
    alternatives.forgive(s, s.name)


def _until(s: "Situation", timeout: float) -> float | None:
    return tick(s.now + timeout) if timeout else None


def _install(s: "Situation", actions: "list[Action]") -> None:
    s.memory.ordered, s.memory.deadline = "install", _until(s, s.spec.up_timeout)
    actions.append(("install", s.name))


def _start(s: "Situation", actions: "list[Action]") -> None:
    memory = s.memory
    memory.ordered, memory.deadline = "start", _until(s, s.spec.up_timeout)
    memory.stamp, memory.pid = s.stamp, 0
    memory.kills, memory.failing, memory.cleared = 0, False, False
    memory.retry_at, memory.tripped = None, False
    memory.values, memory.links, memory.again = s.values(), s.link_indices(), s.again(s.name)
    actions.append(("start", s.name, dict(memory.values)))


def _adopt(s: "Situation", actions: "list[Action]") -> None:
    """It runs by somebody else's order: its values are those of the service directory."""
    memory = s.memory
    memory.ordered, memory.deadline = "", _until(s, s.spec.up_timeout)
    memory.pid, memory.links, memory.again = s.pid, None, s.again(s.name)
    memory.kills, memory.failing, memory.cleared = 0, False, False


def _wait(s: "Situation", actions: "list[Action]") -> None:
    s.memory.deadline = _until(s, s.spec.up_timeout)


def _stop(s: "Situation", actions: "list[Action]") -> None:
    s.memory.deadline, s.memory.kills = _until(s, s.spec.down_timeout), 0
    s.memory.failing = False
    actions.append(("stop", s.name))


def _give_up(s: "Situation", actions: "list[Action]") -> None:
    _stop(s, actions)
    s.memory.failing, s.memory.rerun = True, False


def _lose(s: "Situation", actions: "list[Action]") -> None:
    s.memory.deadline, s.memory.kills = _until(s, LOST_WAIT), 0
    s.memory.failing, s.memory.rerun = True, False


def _rerun(s: "Situation", actions: "list[Action]") -> None:
    _stop(s, actions)
    s.memory.rerun = True


def _redo(s: "Situation", actions: "list[Action]") -> None:
    s.memory.rerun = True


def _kill(s: "Situation", actions: "list[Action]") -> None:
    s.memory.kills += 1
    s.memory.deadline = tick(s.now + KILL_GRACE) if s.memory.kills == 1 else None
    actions.append(("kill", s.name))


def _signal(s: "Situation", actions: "list[Action]") -> None:
    memory = s.memory
    values, given = s.values(), memory.values or {}
    signals = set()
    for reference in s.spec.references:
        key = "%s %s" % (reference.place, reference.name)
        if values.get(key) != given.get(key) and reference.change.startswith(SIGNAL):
            signals.add(reference.change[len(SIGNAL) :])
        elif reference.change == IGNORE:
            _keep(values, given, key)
    memory.values = values
    for name in sorted(signals):
        actions.append(("signal", s.name, name, dict(values)))


def _keep(values: dict[str, str], given: dict[str, str], key: str) -> None:
    """What is ignored until the next start stays what it was."""
    values.pop(key, None)
    if key in given:
        values[key] = given[key]


def _fail(s: "Situation", actions: "list[Action]") -> None:
    s.memory.failing = s.memory.rerun = False


ACTIONS = {
    "install": _install,
    "start": _start,
    "adopt": _adopt,
    "wait": _wait,
    "stop": _stop,
    "give up": _give_up,
    "lose": _lose,
    "rerun": _rerun,
    "redo": _redo,
    "kill": _kill,
    "signal": _signal,
    "fail": _fail,
}


def _count_failure(s: "Situation", ran: float) -> None:
    """Back-off and breaker: when the next try is."""
    memory, spec = s.memory, s.spec
    if ran >= spec.back_off_cap:
        memory.failures = 0
        group = s.group_of(s.name)
        if group is not None and group.selected == s.name:
            group.failures = 0
    memory.failures += 1
    delay = min(spec.back_off_cap, spec.back_off_first * 2 ** min(memory.failures - 1, 30))
    recent = [time for time in memory.times if time > s.now - spec.breaker_within] + [s.now]
    memory.times = tuple(recent[-spec.breaker_failures :])
    memory.tripped = len(memory.times) >= spec.breaker_failures
    if memory.tripped:
        delay = max(delay, spec.breaker_pause)
    memory.retry_at = tick(s.now + delay)
    alternatives.failed(s)


def tend(s: "Situation", actions: "list[Action]") -> bool:
    """What is done in every state: orphans are ended, outputs of what is down are cleared, the
    timer is set. True when that changes how the service stands for others."""
    memory = s.memory
    if not memory.should:
        memory.rerun = False
    if memory.state in (STARTING, UP) and memory.ordered != "install":
        _learn(s)
    mattered = _end_stray(s, actions)
    # Its finish script may have to know what it published (docs/agent.md).
    gone = not s.pid and not s.ending
    if memory.state in (DOWN, FAILED) and not memory.rerun and not memory.cleared and gone:
        memory.cleared = True
        if s.spec.outputs:
            memory.deadline = tick(s.now + CLEAR_WAIT) if s.has_outputs() else None
            actions.append(("clear", s.name))
    times = [memory.stray_at, memory.deadline]
    if memory.state in (DOWN, FAILED):
        times = [memory.stray_at]
        if memory.should:
            times += [memory.retry_at, memory.deadline if s.has_outputs() else None]
    s.set_timer(times)
    return mattered


def _learn(s: "Situation") -> None:
    """What an adopted process was given is not known: what holds now."""
    memory = s.memory
    if memory.values is None:
        memory.values = s.values()
    if memory.links is None:
        memory.links = s.link_indices()


def _end_stray(s: "Situation", actions: "list[Action]") -> bool:
    """An orphan gets TERM, after the down-timeout KILL, then once more."""
    memory = s.memory
    if s.stray != memory.stray:
        memory.stray, memory.stray_kills, memory.stray_at = s.stray, 0, None
        if s.stray:
            memory.stray_at = _until(s, s.spec.down_timeout)
            actions.append(("end", s.name, s.stray, "TERM"))
        return True
    if memory.stray_at is not None and s.now >= memory.stray_at:
        memory.stray_kills += 1
        memory.stray_at = tick(s.now + KILL_GRACE) if memory.stray_kills == 1 else None
        actions.append(("end", s.name, memory.stray, "KILL"))
        return True
    return False
