"""Device events of the kernel (uevents): what was plugged, unplugged, renamed or changed."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.port.cpython.devices import Devices
elif sys.implementation.name == "micropython":
    from agent.port.frozen.devices import Devices
else:
    from agent.port.cpython.devices import Devices

__all__ = ("Devices",)
