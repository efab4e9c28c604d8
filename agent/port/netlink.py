"""The kernel's tables (Kernel) and what changes in them (Events).

The tables are "link", "address", "route", and "forwarding" (the IPv6 forwarding switches).

Most programs want agent.view.View, which joins the two without a gap. Importing this costs pyroute2
on CPython: a program that needs no links should not.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.port.cpython.netlink import Events, Kernel
elif sys.implementation.name == "micropython":
    from agent.port.frozen.netlink import Events, Kernel
else:
    from agent.port.cpython.netlink import Events, Kernel

__all__ = ("Events", "Kernel")
