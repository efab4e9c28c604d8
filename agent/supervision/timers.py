"""Who is to be looked at again at which time: a sorted list, the soonest last. Pure.

Only names that have a deadline are in it; its cost is that of a binary search.
"""


class Timers:
    """(time, name) pairs; the caller remembers the time under which a name was put in."""

    def __init__(self) -> None:
        self._pairs: list[tuple[float, str]] = []

    def _place(self, pair: tuple[float, str]) -> int:
        """The first position whose pair is not later than this one."""
        low, high = 0, len(self._pairs)
        while low < high:
            middle = (low + high) // 2
            if self._pairs[middle] > pair:
                low = middle + 1
            else:
                high = middle
        return low

    def add(self, time: float, name: str) -> None:
        """A name that is not in the list yet."""
        pair = (time, name)
        self._pairs.insert(self._place(pair), pair)

    def remove(self, time: float, name: str) -> None:
        """Forget a pair, if it is there."""
        pair = (time, name)
        place = self._place(pair)
        if place < len(self._pairs) and self._pairs[place] == pair:
            self._pairs.pop(place)

    def soonest(self) -> float | None:
        """The earliest time."""
        return self._pairs[-1][0] if self._pairs else None

    def due(self, now: float) -> list[str]:
        """The names whose time has come; they are no longer in the list."""
        names = []
        while self._pairs and self._pairs[-1][0] <= now:
            names.append(self._pairs.pop()[1])
        return names
