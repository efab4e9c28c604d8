"""The machine's watchdog: a device that resets the machine unless it is fed in time.

Watchdog(path): opened for writing, which starts it; only one process can have it (EBUSY).
set_timeout(seconds) -> the seconds that the device really takes (WDIOC_SETTIMEOUT,
linux/watchdog.h); EINVAL: it can't, EOPNOTSUPP: it has one timeout alone. It counts from now on.
feed(): it counts anew. close(disarm): True stops it (the magic close, Documentation/watchdog/
watchdog-api.rst); False lets it count on, with nobody to feed it.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.port.cpython.watchdog import Watchdog
elif sys.implementation.name == "micropython":
    from agent.port.frozen.watchdog import Watchdog
else:
    from agent.port.cpython.watchdog import Watchdog

__all__ = ["Watchdog"]
