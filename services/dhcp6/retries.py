"""When to try again what failed, or what somebody undid. Pure: the time is a parameter.

The first attempt is made at once, the following ones after 1, 2, 4... 32 seconds, so that neither a
link that takes no IPv6 nor somebody who removes what we put costs more than a call now and then.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FIRST = 1.0
LONGEST = 32.0


class Retries:
    """The attempts at each key; a key wanted in another way starts afresh."""

    def __init__(self) -> None:
        self._tries: dict[Any, tuple[Any, float, float]] = {}  # key: what, when next, delay
        self._waiting: dict[Any, float] = {}

    def begin(self) -> None:
        """A look at everything begins: what nobody tries in it any more is not waited for."""
        self._waiting = {}

    def is_due(self, key: "Any", what: "Any", now: float) -> bool:
        """Whether `what` may be tried for `key` now; if not, next_at() tells when."""
        before = self._tries.get(key)
        if before is None or before[0] != what or now >= before[1]:
            self._waiting.pop(key, None)
            return True
        self._waiting[key] = before[1]
        return False

    def failed(self, key: "Any", what: "Any", now: float) -> None:
        """The attempt failed: it is due again after the delay."""
        self.wrote(key, what, now)
        self._waiting[key] = self._tries[key][1]

    def wrote(self, key: "Any", what: "Any", now: float) -> None:
        """The attempt succeeded; should it be undone, the next comes after the delay."""
        before = self._tries.get(key)
        delay = FIRST
        if before is not None and before[0] == what and now < before[1] + before[2]:
            delay = min(LONGEST, before[2] * 2)
        self._tries[key] = (what, now + delay, delay)
        self._waiting.pop(key, None)

    def done(self, key: "Any") -> None:
        """Nothing is to be tried for this key any more."""
        self._tries.pop(key, None)
        self._waiting.pop(key, None)

    def forget_others(self, keys: "list[Any]") -> None:
        """Forget all keys but these: what else was tried is over, and memory is small."""
        for key in [key for key in self._tries if key not in keys]:
            self.done(key)

    def next_at(self) -> float:
        """When the next attempt is due; infinite when none waits."""
        return min(list(self._waiting.values()) + [float("inf")])
