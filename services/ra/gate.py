"""Which prefixes the firewall knows: hosts use one at once, so it has to be in the sets before.

The loader publishes `taken/SERVICE`: the number of the generation of that service's outputs that it
has taken in (firewall/loader/taken.py). Where it says nothing, because it is not up or does not
follow that service, nobody waits for it; where it hangs, not for longer than WAIT_S. Pure.
"""

WAIT_S = 10.0


class Gate:
    """What waits, and until when."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def lets(self, source: str, number: int, firewall: "dict[str, str] | None", now: float) -> bool:
        """Whether generation `number` of a source may be told now. firewall: its outputs."""
        taken = (firewall or {}).get("taken/" + source, "")
        is_known = not taken.isdigit() or int(taken) >= number
        if is_known or now >= self._until.setdefault(source, now + WAIT_S):
            self._until.pop(source, None)
            return True
        return False

    def waiting(self) -> list[str]:
        """The sources that something waits of, sorted."""
        return sorted(self._until)

    def due(self) -> float:
        """When the next one is told in any case; infinity for none."""
        return min(self._until.values(), default=float("inf"))
