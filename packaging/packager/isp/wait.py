"""Waiting on conditions: every wait in the lab has a deadline and says what it waited for.

Used by the lab's builders, the end-to-end tests, the demo and the bench. Nothing else in the
lab sleeps.
"""

import time
from collections.abc import Callable
from typing import TypeVar

# How often to look: many a look starts a process, and other tests wait beside this one.
POLL_S = 0.01
POLL_MOST_S = 0.5
POLL_SHARE = 0.05  # of the time waited so far: how late a look may be
PAUSE_S = 10.0  # hardly a look takes longer

T = TypeVar("T")


class Unmet(AssertionError):
    """A condition did not come true in time."""


def until(
    condition: str,
    look: Callable[[], T],
    accept: Callable[[T], object] = bool,
    *,
    deadline_s: float = 30.0,
    evidence: Callable[[], str] = str,
) -> T:
    """Look again and again until accept(seen) is true; return what was seen.

    `condition` is the sentence that the failure message names. `evidence` is asked on failure
    only, for example for the last lines of a log. Raises Unmet after `deadline_s` seconds.
    """
    waited, last = 0.0, time.monotonic()
    while True:
        seen = look()
        if accept(seen):
            return seen
        if waited >= deadline_s:
            break
        time.sleep(min(max(POLL_S, waited * POLL_SHARE), POLL_MOST_S))
        now = time.monotonic()
        # A virtual machine that was paused finds its clock far ahead, and nothing done meanwhile.
        waited, last = waited + min(now - last, PAUSE_S), now
    message = f"waited {waited:.1f} s for: {condition}\n  last seen: {seen!r}"
    more = evidence()
    raise Unmet(message + (f"\n{more}" if more else ""))
