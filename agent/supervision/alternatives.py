"""Exclusive alternatives: which member of a group is to be used. Pure.

Rules. A member is fit when it is wanted and its conditions hold. The preferred fit member is used;
while one is used, a better one must have been eligible (fit, not barred) for its `fail-back`
seconds without a break before it takes over. A member that fails `tries` times in a row is barred
for its breaker's pause (or its back-off, if that is longer), so the next one gets its turn; it is
no longer barred once it is up, or when its conditions went and it is fit anew. When all fit
members are barred they take turns. What the operator started is preferred to all others at once.
"""

from agent.supervision.memory import tick

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.graph.model import Alternative
    from agent.supervision.memory import GroupMemory
    from agent.supervision.situation import Situation


def choose(s: "Situation", name: str) -> str | None:
    """The member of the group `name` to use at this moment; None when none is fit."""
    group = s.state.groups[name]
    fit = [member for member in _members(s, name) if s.state.memory[member].fit]
    live = [member for member in fit if group.barred.get(member, s.now) <= s.now]
    if not live:
        turns = [(group.barred[member], member) for member in fit]
        return min(turns)[1] if turns else None
    live = [m for m in live if is_wished(s, m)] + [m for m in live if not is_wished(s, m)]
    if group.selected not in live:
        return live[0]
    for member in live:
        if member == group.selected or is_wished(s, member):
            return member
        if s.now >= _takes_over_at(s, group, member):
            return member
    return live[0]


def _members(s: "Situation", name: str) -> list[str]:
    """The group's members; the graph still names those that left it and are forgotten."""
    return [member for member in s.members(name) if member in s.state.memory]


def is_wished(s: "Situation", member: str) -> bool:
    """The operator started it."""
    return s.wish(member) == "up"


def alternative_of(s: "Situation", member: str) -> "Alternative":
    """The member's place in its group."""
    alternative = s.graph.services[member].alternative
    assert alternative is not None
    return alternative


def _takes_over_at(s: "Situation", group: "GroupMemory", member: str) -> float:
    return tick(group.eligible.get(member, s.now) + alternative_of(s, member).fail_back)


def settle(s: "Situation", name: str) -> None:
    """Write down the choice, since when each member is eligible, and when to look again."""
    group = s.state.groups[name]
    if group.chosen != group.selected:
        group.selected = group.chosen
        group.failures = 0
    times = []
    better = group.selected is None or not is_wished(s, group.selected)
    for member in _members(s, name):
        better = better and member != group.selected
        fit = s.state.memory[member].fit
        if not fit or group.barred.get(member, s.now + 1) <= s.now:
            group.barred.pop(member, None)
        if not fit or member in group.barred:
            group.eligible.pop(member, None)
        elif member not in group.eligible:
            group.eligible[member] = s.now
        if member in group.barred:
            times.append(group.barred[member])
        elif better and member in group.eligible:
            times.append(_takes_over_at(s, group, member))
    s.set_group_timer(name, times)


def failed(s: "Situation") -> None:
    """The entered service failed: bar it when that was its last try."""
    group = s.group_of(s.name)
    if group is None or group.selected != s.name:
        return
    group.failures += 1
    if group.failures >= alternative_of(s, s.name).tries:
        until = s.now + s.spec.breaker_pause
        if s.memory.retry_at is not None:
            until = max(until, s.memory.retry_at)
        group.barred[s.name] = tick(until)
        group.failures = 0


def forgive(s: "Situation", name: str) -> None:
    """It is up, or the operator wants it tried: no longer barred."""
    group = s.group_of(name)
    if group is not None:
        group.barred.pop(name, None)
