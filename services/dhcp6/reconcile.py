"""From what is wanted, what is ours and what is there to the actions that close the gap. Pure.

    wanted  {key: State}   what there shall be
    owned   [key]          what we put there, or meant to, now or before a restart
    seen    {key: State}   what there is
Only what is owned is ever removed, and what is as wanted is never written again. What is owned and
no longer wanted goes at once, but for the routes that lingering.py lets stay until they expire.

Each advertisement of the ISP's router lets its routes last longer. In the kernel they are put
anew when half of that is over (renew_at): every put wakes whoever listens for routes.
"""

from collections import namedtuple

from agent.port import records
from services.dhcp6 import deadlines, lingering
from services.dhcp6.objects import describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from services.dhcp6.objects import Key, State
    from services.dhcp6.plan import Plan

    class Action(NamedTuple):
        verb: str
        key: Key
        state: State | None
else:
    # verb: "put" with the wanted state, "shorten" with the one to expire in, "remove" with None.
    Action = namedtuple("Action", ("verb", "key", "state"))

PUT = "put"
SHORTEN = "shorten"
REMOVE = "remove"


def actions(
    plan: "Plan",
    owned: "list[Key]",
    seen: "dict[Key, State]",
    up: "list[int]",
    now: float,
) -> "list[Action]":
    """What to do now, in the order in which to do it.

    `up` holds the indexes of the links that are up; the routes of others wait, because the kernel
    takes them on no other. First goes what stayed in the place of what is wanted. Addresses come
    next, then routes, gateways after what is on-link; the others that go, go last.
    """
    wanted = {
        key: state for key, state in plan.wanted.items() if deadlines.lasts(state.valid_until, now)
    }
    todo = []
    blocked = occupied(wanted, owned, seen)
    for key in sorted(wanted, key=_rank):
        there = seen.get(key)
        if key in blocked or (there is not None and _serves(there, wanted[key], now)):
            continue
        if key[0] == "address" or key[5] in up:
            todo.append(Action(PUT, key, wanted[key]))
    first, last = _leaving(plan, wanted, owned, seen, up, now)
    return first + todo + last


def _leaving(
    plan: "Plan",
    wanted: "dict[Key, State]",
    owned: "list[Key]",
    seen: "dict[Key, State]",
    up: "list[int]",
    now: float,
) -> "tuple[list[Action], list[Action]]":
    """What happens to what is ours and not wanted any more: before the puts, and after them."""
    places = {_place(key): True for key in wanted if key[0] == "route"}
    first, last = [], []
    for key in sorted(owned, key=_rank):
        if key in wanted or key not in seen:
            continue
        if not lingering.may_stay(key, plan.elsewhere):
            last.append(Action(REMOVE, key, None))
        elif _place(key) in places:
            first.append(Action(REMOVE, key, None))
        elif not deadlines.lasts(seen[key].valid_until, now):
            # It is over. The kernel itself may take half a minute more (fib6_run_gc).
            last.append(Action(REMOVE, key, None))
        else:
            state = lingering.shortened(seen[key], now)
            if state is not None and key[5] in up:
                last.append(Action(SHORTEN, key, state))
    return first, last


def occupied(
    wanted: "dict[Key, State]", owned: "list[Key]", seen: "dict[Key, State]"
) -> "list[Key]":
    """The wanted routes that would take the place of somebody else's.

    For the kernel a route with the same destination and metric is the same route, anew.
    """
    ours = dict.fromkeys(owned, True)
    theirs = {_place(key): True for key in seen if key[0] == "route" and key not in ours}
    return [key for key in wanted if key[0] == "route" and _place(key) in theirs]


def _place(route: "Key") -> tuple[str, int, int]:
    return (route[2], route[3], route[6])


def is_as_wanted(there: "State", state: "State", now: float) -> bool:
    """Whether what is there serves as what is wanted, within the error of seeing."""
    return (
        there.flags == state.flags
        and _near(there.preferred_until, state.preferred_until, there.error, now)
        and _near(there.valid_until, state.valid_until, there.error, now)
    )


def renew_at(plan: "Plan", seen: "dict[Key, State]", now: float) -> float:
    """When a route that serves for now is to be put anew, after `now`; FOREVER when none is."""
    times = [deadlines.FOREVER]
    for key, state in plan.wanted.items():
        if state.flags == records.RTPROT_RA and key in seen:
            times.append(_half_over(seen[key], state))
    return min([time for time in times if time > now])


def _serves(there: "State", state: "State", now: float) -> bool:
    if is_as_wanted(there, state, now):
        return True
    # Of the WAN's routes alone: what LANs have is as long there as hosts were told.
    return there.flags == state.flags == records.RTPROT_RA and now < _half_over(there, state)


def _half_over(there: "State", state: "State") -> float:
    """When half of the time is over that is left of what is wanted; FOREVER where the two are
    near enough, and in the past where the kernel's is too long."""
    if there.valid_until > state.valid_until:
        return 0.0
    if state.valid_until - there.valid_until <= deadlines.JITTER:
        return deadlines.FOREVER
    return 2 * there.valid_until - state.valid_until


def _near(there: float, wanted: float, error: float, now: float) -> bool:
    if there == wanted:
        return True
    there, wanted = max(there, now), max(wanted, now)  # over is over
    if there == wanted:
        return True
    return there <= wanted + error and wanted <= there + deadlines.JITTER


def _rank(key: "Key") -> "Key":
    if key[0] == "address":
        return (0, False, key[2], key[3], "", "", key[1], 0)
    return (1, bool(key[4]), key[2], key[3], key[1], key[4], key[5], key[6])


def show(action: "Action", now: float) -> str:
    """One line for people: what is done, with the lifetimes that it has at `now`."""
    text = "%s %s" % (action.verb, describe(action.key))
    state = action.state
    if state is None:
        return text
    valid = _seconds(state.valid_until, now)
    if action.key[0] == "address":
        return "%s preferred %s valid %s" % (text, _seconds(state.preferred_until, now), valid)
    return "%s expires %s" % (text, valid)


def _seconds(until: float, now: float) -> str:
    seconds = deadlines.left(until, now)
    return "forever" if seconds is None else "%d" % seconds
