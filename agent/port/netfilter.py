"""Netlink to netfilter. Most want what stands on it: agent.conntrack, packetlog or rulesets.

Socket(groups=0): bound to these multicast groups. fileno(), close(). receive() -> the kernel's next
datagram, never waiting, None for none; Overrun when some were lost. send(octets) sends messages as
they are. discard() throws away what waits. ask(kind, flags, family, resource, body) sends a request
(agent/port/nfnetlink.py has the numbers) and yields each datagram that answers it; do(kind, family,
resource, body) is for those that are only acknowledged. Both raise OSError with the kernel's
number, EAGAIN when nothing comes.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.port.cpython.netfilter import Socket
elif sys.implementation.name == "micropython":
    from agent.port.frozen.netfilter import Socket
else:
    from agent.port.cpython.netfilter import Socket

__all__ = ["Socket"]
