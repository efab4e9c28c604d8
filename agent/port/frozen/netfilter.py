"""agent.port.netfilter in the frozen binary."""

from struct import pack

import _linux

from agent.port import nfnetlink
from agent.port.frozen import messages
from agent.port.frozen.netlink import _Socket
from agent.port.nfnetlink import NLM_F_ACK, NLMSG_DONE, NLMSG_ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_KERNEL = pack("HHII", 16, 0, 0, 0)  # struct sockaddr_nl: AF_NETLINK, pid 0
_PATIENCE_MS = 5000


class Socket:
    """Netlink to netfilter."""

    def __init__(self, groups: int = 0) -> None:
        self._socket = _Socket(groups, nfnetlink.NETLINK_NETFILTER)
        self._number = 0

    def fileno(self) -> int:
        return self._socket.fd

    def close(self) -> None:
        self._socket.close()

    def receive(self) -> bytes | None:
        """The kernel's next datagram, None for none; Overrun when it was cut or some were lost."""
        return self._socket.receive()

    def send(self, octets: bytes) -> None:
        """Send messages to the kernel, as they are."""
        _linux.sendto(self._socket.fd, octets, _KERNEL)

    def discard(self) -> None:
        """Throw away what waits."""
        self._socket.discard()

    def ask(
        self, kind: int, flags: int, family: int, resource: int, body: bytes
    ) -> "Iterator[bytes]":
        """Send a request and yield each datagram that answers it; OSError as the kernel says."""
        self._number += 1
        self.send(nfnetlink.request(kind, flags, self._number, family, resource, body))
        while True:
            octets = self.receive()
            if octets is None:
                if not _linux.poll([self._socket.fd], _PATIENCE_MS):
                    raise OSError(_linux.EAGAIN)
                continue
            yield octets
            for answer, _, of, start, _ in messages.messages(octets):
                if of == self._number and answer in (NLMSG_ERROR, NLMSG_DONE):
                    failed = nfnetlink.failure(octets, start)
                    if failed:
                        raise OSError(failed)
                    return

    def do(self, kind: int, family: int, resource: int, body: bytes) -> None:
        """One request that is only acknowledged."""
        for _ in self.ask(kind, NLM_F_ACK, family, resource, body):
            pass
