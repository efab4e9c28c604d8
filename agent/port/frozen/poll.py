"""agent.port.poll in the frozen binary."""

import _linux

LONGEST_MS = 0x7FFFFFFF  # poll(2) takes an int: 24 days, then the caller looks again


def ready(filenos: list[int], timeout: float | None, writers: list[int] | None = None) -> list[int]:
    """The descriptors that can be read, then the writers that can be written to."""
    wait_ms = -1
    if timeout is not None:
        # Rounded up: waking early would make a caller that waits for a deadline spin.
        wait_ms = min(max(0, -int(-timeout * 1000 // 1)), LONGEST_MS)
    if not writers:
        return _linux.poll(filenos, wait_ms)  # type: ignore[no-any-return]
    found = _linux.poll(filenos + [~fileno for fileno in writers], wait_ms)
    return [~fileno if fileno < 0 else fileno for fileno in found]
