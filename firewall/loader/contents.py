"""What the sets and maps of a ruleset hold, and the change from one such state to the next. Pure.

Contents are {(family, table, name): {element: attached}}: `attached` is None, the deadline of an
element that times out (a float), or what a map maps the element to (text). Limits are
{(family, table): [(link, packets per second)]}. A Change is (action, key, what): "limit" and
"unlimit" of a table with a limit, "flush" of a set or map with which of the two it is, "add" with
elements.
"""

from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple

    Attached = float | str | None
    Key = tuple[str, str, str]
    Contents = dict[Key, dict[str, Attached]]
    Limit = tuple[str, int]  # a link, packets per second
    Limits = dict[tuple[str, str], list[Limit]]

    class Change(NamedTuple):
        action: str
        key: tuple[str, ...]
        what: Any

else:
    Change = namedtuple("Change", ("action", "key", "what"))

FOREVER = float("inf")
KEPT_LIMITS = 32
LIMIT = "icmp_"  # what the names of limits begin with
NAMED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"  # no dot: see _plain()


class State:
    """Contents and limits, as wanted or as loaded."""

    def __init__(self, sets: "Contents", limits: "Limits") -> None:
        self.sets = sets
        self.limits = limits


def limit_name(limit: "Limit") -> str:
    """The limit of a link: (link, packets per second). One of its own, so that a flood on one link
    leaves the others theirs. Names of limits know fewer characters than links'."""
    link, rate = limit
    return "%s%d_%s" % (LIMIT, rate, "".join([_plain(character) for character in link]))


def _plain(character: str) -> str:
    return character if character in NAMED else ".%02x" % ord(character)


def expire(sets: "Contents", now: float) -> None:
    """Leave out what the kernel has let go by itself."""
    for key in sets:
        held = sets[key]
        for element in [each for each in held if _is_over(held[each], now)]:
            del held[element]


def carry(before: State, after: State) -> None:
    """Limits that nothing uses any more stay, up to some: to delete one costs a change as much as
    deleting an element does."""
    for table in after.limits:
        used = after.limits[table]
        unused = [each for each in before.limits.get(table, []) if each not in used]
        if len(unused) <= KEPT_LIMITS:
            after.limits[table] = used + unused


def _is_over(attached: "Attached", now: float) -> bool:
    return isinstance(attached, float) and attached <= now


def next_end(sets: "Contents") -> float:
    """The next deadline; infinity for none."""
    found = FOREVER
    for held in sets.values():
        for attached in held.values():
            if isinstance(attached, float):
                found = min(found, attached)
    return found


def changes(before: State, after: State, whole: "set[Key]") -> "list[Change]":
    """What makes `after` of `before`, in this order; [] when they are the same. `whole`: the keys
    of those that are only ever changed as a whole (elements.intervals)."""
    removed, added, made, unmade = [], [], [], []
    for table in sorted(after.limits):
        had = before.limits.get(table, [])
        made += [Change("limit", table, each) for each in after.limits[table] if each not in had]
        unmade += [Change("unlimit", table, each) for each in had
                   if each not in after.limits[table]]  # fmt: skip
    for key in sorted(after.sets):
        old, new = before.sets.get(key, {}), after.sets[key]
        if old == new:
            continue
        gone = [each for each in old if each not in new or new[each] != old[each]]
        come = [each for each in new if each not in old or new[each] != old[each]]
        if gone or key in whole or _is_timed(new):
            # Emptied and filled anew: an element that the kernel has let go can't be deleted.
            kind = "map" if any([isinstance(each, str) for each in old.values()]) else "set"
            removed.append(Change("flush", key, kind))
            come = list(new)
        if come:
            added.append(Change("add", key, {each: new[each] for each in come}))
    return made + removed + added + unmade


def refill(after: State, maps: "list[Key]", now: float) -> tuple[str, str]:
    """(emptying, filling): nft's text for `after`, whatever there was. Between the two, chains can
    be deleted.

    `maps`: the keys of those that are maps.
    """
    emptied, filled = [], []
    for table in sorted(after.limits):
        filled += [Change("limit", table, each) for each in after.limits[table]]
    for key in sorted(after.sets):
        emptied.append(Change("flush", key, "map" if key in maps else "set"))
        if after.sets[key]:
            filled.append(Change("add", key, after.sets[key]))
    return text(emptied, now), text(filled, now)


def text(found: "list[Change]", now: float) -> str:
    """The changes in nft's language, a line each."""
    return "".join([_line(change, now) + "\n" for change in found])


def _line(change: "Change", now: float) -> str:
    action, key, what = change
    place = " ".join(key)
    if action == "limit":
        # It matches what is over the rate: a rule that denies uses it, for known flows too.
        words = (place, limit_name(what), what[1], what[1])
        return "add limit %s %s { rate over %d/second burst %d packets; }" % words
    if action == "unlimit":
        return "delete limit %s %s" % (place, limit_name(what))
    if action == "flush":
        return "flush %s %s" % (what, place)
    shown = ", ".join([_shown(each, what[each], now) for each in sorted(what)])
    return "add element %s { %s }" % (place, shown)


def _is_timed(held: "dict[str, Attached]") -> bool:
    return any([isinstance(attached, float) for attached in held.values()])


def _shown(element: str, attached: "Attached", now: float) -> str:
    if isinstance(attached, str):
        return "%s : %s" % (element, attached)
    timeout_s = left_s(attached, now)
    return "%s timeout %ds" % (element, timeout_s) if timeout_s else element


def left_s(attached: "Attached", now: float) -> int:
    """Whole seconds until a deadline, rounded up: what is stale is not let go too early. 0: for
    ever."""
    if not isinstance(attached, float) or attached == FOREVER:
        return 0
    return max(1, int(attached - now + 0.999))
