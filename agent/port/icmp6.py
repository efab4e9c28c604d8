"""Router discovery on one link: a raw ICMPv6 socket for solicitations and advertisements.

Used by services/ra. One implementation per runtime, held together by tests/contract/test_icmp6.py.
OSErrors carry an errno only; the caller names the link.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.port.cpython.icmp6 import Socket
elif sys.implementation.name == "micropython":
    from agent.port.frozen.icmp6 import Socket
else:
    from agent.port.cpython.icmp6 import Socket

__all__ = ["Socket"]
