"""agent.port.clock on CPython."""

import errno
import os
import time


def monotonic() -> float:
    """Seconds of CLOCK_MONOTONIC."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def random(length: int) -> bytes:
    """So many octets from getrandom(2), at most 256."""
    if not 0 <= length <= 256:  # what getrandom(2) gives whole, whatever signals arrive
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    return os.urandom(length)
