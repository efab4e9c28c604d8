"""The monotonic clock and randomness.

monotonic() -> seconds as float, CLOCK_MONOTONIC: the same number in every process and runtime of
one boot. random(n) -> n octets (at most 256) from the kernel's
generator.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.port.cpython.clock import monotonic, random
elif sys.implementation.name == "micropython":
    from agent.port.frozen.clock import monotonic, random
else:
    from agent.port.cpython.clock import monotonic, random

__all__ = [
    "monotonic",
    "random",
]
