"""What changes in the packet filter, whoever changes it, over agent.port.netfilter."""

from agent.port import nfnetlink
from agent.port.netfilter import Socket
from agent.port.records import Overrun


class Changes:
    """What changes from now on."""

    def __init__(self) -> None:
        self._socket = Socket(nfnetlink.NFTABLES_GROUP)

    def fileno(self) -> int:
        """Readable when something changed."""
        return self._socket.fileno()

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()

    def read(self) -> list[tuple[str, str, str, str]]:
        """The next changes as (action, kind, family, table) in the kernel's order; [] for none.

        Never waits. Actions are "new" and "del"; kinds "table", "chain", "rule", "set", "element".
        Each transaction ends with ("new", "generation", "", ""). Raises Overrun when the kernel had
        to drop some; what was waiting is then thrown away.
        """
        while True:
            try:
                octets = self._socket.receive()
            except Overrun:
                self._socket.discard()
                raise
            found = nfnetlink.ruleset_changes(octets) if octets else []
            if found or octets is None:
                return found

    def skip(self) -> int:
        """Throw away what waits; how many transactions it was, as far as none was lost.

        After a whole ruleset was loaded this takes a tenth of the time that read() takes.
        """
        found = 0
        while True:
            try:
                octets = self._socket.receive()
            except Overrun:
                self._socket.discard()
                return found
            if octets is None:
                return found
            found += nfnetlink.ends_transaction(octets)
