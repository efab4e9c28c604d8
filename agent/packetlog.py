"""What rules of nft log to a group of nflog (`log prefix "..." group N`).

Over agent.port.netfilter. One process has a group: EPERM for a second one. What comes
faster than it is read is lost.
"""

from agent.port import nfnetlink
from agent.port.netfilter import Socket
from agent.port.records import Overrun

SIZE = 128  # octets of each packet: its headers


class Log:
    """The packets that rules log to a group, from now on."""

    def __init__(self, group: int) -> None:
        self._socket = Socket()
        try:
            self._socket.do(nfnetlink.LOG_CONFIG, 0, group, nfnetlink.bind_group(SIZE))
        except OSError:
            self._socket.close()
            raise

    def fileno(self) -> int:
        """Readable when a packet is there."""
        return self._socket.fileno()

    def close(self) -> None:
        """Leave the group."""
        self._socket.close()

    def read(self) -> list[tuple[str, int, int, bytes]]:
        """The next packets as (prefix, in ifindex, out ifindex, octets); [] for none.

        Never waits. An ifindex is 0 for no link. `octets` are the first SIZE of
        the packet, its IP header first.
        """
        while True:
            try:
                octets = self._socket.receive()
            except Overrun:
                continue  # some are lost, those that wait are not
            found = nfnetlink.packets(octets) if octets else []
            if found or octets is None:
                return found
