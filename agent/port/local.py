"""Stream sockets between programs of this machine (unix(7)): the agent listens, `frost` connects.

Listener(path, mode): fileno() is readable when accept() -> Connection, or None, has somebody.
connect(path) -> Connection. Connection: fileno(); read() -> octets, b"" at the end, None when
there is nothing now; write(data) -> how many octets were taken, 0 when the other side has to
read first; close(). Nothing waits. Who may connect is who may write to the socket's file.
OSErrors carry an errno only; the caller names the path.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.port.cpython.local import Connection, Listener, connect
elif sys.implementation.name == "micropython":
    from agent.port.frozen.local import Connection, Listener, connect
else:
    from agent.port.cpython.local import Connection, Listener, connect

__all__ = ["Connection", "Listener", "connect"]
