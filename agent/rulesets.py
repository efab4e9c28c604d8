"""The packet filter over agent.port.netfilter: what there is, what changes in it, whoever changes
it, and changes of what sets hold. Rules and whole rulesets are agent.port.nft's."""

from agent.port import errno, nf_batch, nf_listing, nfnetlink, poll
from agent.port.netfilter import Socket
from agent.port.nfnetlink import NLM_F_DUMP
from agent.port.records import Overrun

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.port.nf_batch import Message
    from agent.port.nf_listing import Found

TRIES = 10
PATIENCE_S = 5.0


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


class Kernel:
    """Asks for what there is and changes what sets hold. One caller at a time; every call waits.

    Its socket stays: where something was taken out, closing one waits for the kernel's grace period
    (RCU, some 10 ms).
    """

    def __init__(self) -> None:
        self._open: Socket | None = None
        self._number = 0

    def _socket(self) -> Socket:
        if self._open is None:
            self._open = Socket()
        return self._open

    def listing(self) -> "list[Found]":
        """The chains, sets, maps and limits of all tables (nf_listing.read has the fields), in the
        kernel's order. OSError: EAGAIN when they changed under ten looks."""
        for _ in range(TRIES):
            found = self._listing()
            if found is not None:
                return found
        raise OSError(errno.EAGAIN, "it changes all the time")

    def _listing(self) -> "list[Found] | None":
        found: list[Found] = []
        whole = True
        for kind in nf_listing.DUMPS:
            try:
                for octets in self._socket().ask(kind, NLM_F_DUMP, 0, 0, b""):
                    some = nf_listing.read(octets)
                    whole = whole and some is not None
                    found += some or []
            except Overrun:
                self._socket().discard()
                whole = False
        return found if whole else None

    def change(self, changes: "list[Message]") -> None:
        """One transaction of nf_batch's messages, whole or not at all.

        OSError with the kernel's number for the first that it refuses: ENOENT for a set, chain or
        limit that is not there, EEXIST for an element that a map maps to something else, EPERM.
        EMSGSIZE for more than a socket takes at once (some 200 KB), ENOBUFS when its answer was
        lost.
        """
        socket = self._socket()
        socket.discard()
        socket.send(nf_batch.batch(changes, self._number))
        last = self._number + len(changes)
        self._number = last + 2  # the end of this batch, the beginning of the next
        failed, done = 0, False
        while not done:
            try:
                answer = socket.receive()
            except Overrun:
                raise OSError(errno.ENOBUFS, "the answer was lost") from None
            if answer is not None:
                for number, failure in nfnetlink.answers(answer):
                    failed = failed or failure
                    done = done or number == last
            elif failed:
                break  # refused as a whole: then nothing else is answered
            elif not poll.ready([socket.fileno()], PATIENCE_S):
                raise OSError(errno.EAGAIN, "no answer")
        if failed:
            raise OSError(failed, "the kernel refused")
