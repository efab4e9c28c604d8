"""Waiting for descriptors.

ready(filenos, timeout, writers=()) -> those that can be read, then those of `writers` that can be
written to, each in the order given; what is hung up or broken counts as both. timeout: seconds,
0 looks once, None waits for ever. [] when it ran out, or when a signal came.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.port.cpython.poll import ready
elif sys.implementation.name == "micropython":
    from agent.port.frozen.poll import ready
else:
    from agent.port.cpython.poll import ready

__all__ = [
    "ready",
]
