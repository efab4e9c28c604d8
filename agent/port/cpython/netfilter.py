"""agent.port.netfilter on CPython: plain sockets, and the same codec as in the frozen binary.

pyroute2's NFCTSocket is not used for the reasons that agent/port/nfnetlink.py tells.
"""

import errno
import select
import socket
from collections.abc import Iterator

from agent.port import nfnetlink
from agent.port.frozen import messages
from agent.port.nfnetlink import NLM_F_ACK, NLMSG_DONE, NLMSG_ERROR
from agent.port.records import Overrun

DATAGRAM = 65536  # octets, more than the kernel ever sends at once
PATIENCE = 5.0


class Socket:
    """Netlink to netfilter."""

    def __init__(self, groups: int = 0) -> None:
        kind = socket.SOCK_RAW | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
        self._socket = socket.socket(socket.AF_NETLINK, kind, nfnetlink.NETLINK_NETFILTER)
        self._socket.bind((0, groups))
        self._number = 0

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def receive(self) -> bytes | None:
        """The kernel's next datagram, None for none; Overrun when it was cut or some were lost."""
        while True:
            try:
                octets, _, status, sender = self._socket.recvmsg(DATAGRAM)
            except BlockingIOError:
                return None
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                raise Overrun from None
            if status & socket.MSG_TRUNC:
                raise Overrun
            if sender[0] == 0:  # nl_pid: not from another process
                return octets

    def send(self, octets: bytes) -> None:
        """Send messages to the kernel, as they are."""
        self._socket.sendto(octets, (0, 0))

    def discard(self) -> None:
        """Throw away what waits."""
        waiting = True
        while waiting:
            try:
                waiting = self.receive() is not None
            except Overrun:
                pass

    def ask(
        self, kind: int, flags: int, family: int, resource: int, body: bytes
    ) -> Iterator[bytes]:
        """Send a request and yield each datagram that answers it; OSError as the kernel says."""
        self._number += 1
        self.send(nfnetlink.request(kind, flags, self._number, family, resource, body))
        while True:
            octets = self.receive()
            if octets is None:
                if not select.select([self._socket], [], [], PATIENCE)[0]:
                    raise OSError(errno.EAGAIN, "no answer")
                continue
            yield octets
            for answer, _, of, start, _ in messages.messages(octets):
                if of == self._number and answer in (NLMSG_ERROR, NLMSG_DONE):
                    failed = nfnetlink.failure(octets, start)
                    if failed:
                        raise OSError(failed, "the kernel refused")
                    return

    def do(self, kind: int, family: int, resource: int, body: bytes) -> None:
        """One request that is only acknowledged."""
        for _ in self.ask(kind, NLM_F_ACK, family, resource, body):
            pass
