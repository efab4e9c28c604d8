"""What the sets and maps of a ruleset hold, and the change from one such state to the next. Pure.

Contents are {(family, table, name): {element: attached}}: `attached` is None, the deadline of an
element that times out (a float), or what a map maps the element to (text). Limits are
{(family, table): [(link, packets per second)]}.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    Attached = float | str | None
    Key = tuple[str, str, str]
    Contents = dict[Key, dict[str, Attached]]
    Limit = tuple[str, int]  # a link, packets per second
    Limits = dict[tuple[str, str], list[Limit]]

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


def changes(before: State, after: State, now: float) -> str:
    """nft's text that makes `after` of `before`; "" when they are the same."""
    removed, added, made, unmade = [], [], [], []
    for table in sorted(after.limits):
        had = before.limits.get(table, [])
        made += [_limit(table, each) for each in after.limits[table] if each not in had]
        unmade += _unlimit(table, [each for each in had if each not in after.limits[table]])
    for key in sorted(after.sets):
        old, new = before.sets.get(key, {}), after.sets[key]
        if old == new:
            continue
        gone = [each for each in sorted(old) if each not in new or new[each] != old[each]]
        come = [each for each in sorted(new) if each not in old or new[each] != old[each]]
        if gone or _is_timed(new):
            # Emptied and filled anew. nft fetches the whole ruleset before it deletes an element
            # (12 ms instead of 4), and one that the kernel has let go could not be deleted.
            kind = "map" if any([isinstance(each, str) for each in old.values()]) else "set"
            removed.append("flush %s %s %s %s\n" % ((kind,) + key))
            come = sorted(new)
        added.append(_add(key, new, come, now))
    return "".join(made + removed + added + unmade)


def refill(after: State, maps: "list[Key]", now: float) -> tuple[str, str]:
    """(emptying, filling): `after`, whatever there was. Between the two, chains can be deleted.

    `maps`: the keys of those that are maps.
    """
    emptied = []
    for key in sorted(after.sets):
        emptied.append("flush %s %s %s %s\n" % (("map" if key in maps else "set",) + key))
    filled = []
    for table in sorted(after.limits):
        filled += [_limit(table, each) for each in after.limits[table]]
    for key in sorted(after.sets):
        filled.append(_add(key, after.sets[key], sorted(after.sets[key]), now))
    return "".join(emptied), "".join(filled)


def _limit(table: tuple[str, str], limit: "Limit") -> str:
    """It matches what is over the rate: a rule that denies uses it, for known flows too."""
    words = table + (limit_name(limit), limit[1], limit[1])
    return "add limit %s %s %s { rate over %d/second burst %d packets; }\n" % words


def _unlimit(table: tuple[str, str], limits: "list[Limit]") -> list[str]:
    return ["delete limit %s %s %s\n" % (table + (limit_name(each),)) for each in limits]


def _is_timed(held: "dict[str, Attached]") -> bool:
    return any([isinstance(attached, float) for attached in held.values()])


def _add(key: "Key", held: "dict[str, Attached]", elements: list[str], now: float) -> str:
    if not elements:
        return ""
    shown = ", ".join([_shown(each, held[each], now) for each in elements])
    return "add element %s %s %s { %s }\n" % (key + (shown,))


def _shown(element: str, attached: "Attached", now: float) -> str:
    if isinstance(attached, str):
        return "%s : %s" % (element, attached)
    if isinstance(attached, float) and attached != FOREVER:
        # Whole seconds, rounded up: what is stale is not let go too early.
        return "%s timeout %ds" % (element, max(1, int(attached - now + 0.999)))
    return element
