"""agent.port.poll on CPython."""

import math
import select

LONGEST_MS = 0x7FFFFFFF  # poll(2) takes an int: 24 days, then the caller looks again


def ready(filenos: list[int], timeout: float | None, writers: list[int] | None = None) -> list[int]:
    """The descriptors that can be read, then the writers that can be written to."""
    masks = dict.fromkeys(filenos, select.POLLIN)
    for fileno in writers or ():
        masks[fileno] = masks.get(fileno, 0) | select.POLLOUT
    poller = select.poll()
    for fileno, mask in masks.items():
        poller.register(fileno, mask)
    # Rounded up: waking early would make a caller that waits for a deadline spin.
    wait_ms = -1 if timeout is None else min(max(0, math.ceil(timeout * 1000)), LONGEST_MS)
    found = dict(poller.poll(wait_ms))
    written = [fileno for fileno in writers or () if found.get(fileno, 0) & ~select.POLLIN]
    return [fileno for fileno in filenos if found.get(fileno, 0) & ~select.POLLOUT] + written
