"""agent.port.clock in the frozen binary."""

import _linux


def monotonic() -> float:
    """Seconds of CLOCK_MONOTONIC."""
    return _linux.monotonic()  # type: ignore[no-any-return]


def random(length: int) -> bytes:
    """So many octets from getrandom(2), at most 256."""
    return _linux.random(length)  # type: ignore[no-any-return]
