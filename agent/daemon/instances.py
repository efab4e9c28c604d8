"""Which process is each service's own, and which is an orphan of an s6-supervise that was killed.

A new s6-supervise knows nothing of the daemon that its predecessor started. Such a daemon is told
as the service's stray until it has ended; only an agent's own predecessor is ended here.
"""

from agent.port import poll, process
from agent.port.errno import ESRCH
from agent.s6 import control, strays
from agent.s6.directory import DAEMON

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.daemon.places import Places
    from agent.s6.status import Status

LONGEST_END = 2.0  # seconds that an agent has to end after a signal


def end_predecessor(scan: str, environ: dict[bytes, bytes]) -> None:
    """End an agent that s6 has lost (its s6-supervise was killed) before this one begins.

    Two agents would each undo what the other does. Only for one that s6 started.
    """
    own = process.pid()
    if environ.get(b"FROST_PID") != b"%d" % own:
        return
    for pid, _ in strays.find(scan, {DAEMON: own}).get(DAEMON, []):
        for number in (process.SIGTERM, process.SIGKILL):
            try:
                end = process.end_of(pid)
                process.kill(pid, number)
            except OSError as error:
                if error.errno != ESRCH:
                    raise
                break
            ended = poll.ready([end], LONGEST_END)
            process.close(end)
            if ended:
                break


class Instances:
    """The last pid and start time of each service's daemon, and its strays."""

    def __init__(self, where: "Places") -> None:
        self._scan = where.scan
        # Their commands are children of a holder: one that is killed leaves the command running.
        self.oneshots: list[str] = []
        self._own: dict[str, tuple[int, int]] = {}  # (pid, start time)
        self._stamp: dict[str, str] = {}
        self._strays: dict[str, list[tuple[int, int]]] = {}
        self._ends: dict[int, str] = {}  # descriptor that tells the end of a stray: service
        self._awaited: dict[int, int] = {}  # pid: that descriptor

    def look(self, names: list[str]) -> None:
        """Search all processes for strays of these services."""
        pids = {}
        for name in names:
            status = control.status(self._scan, name)
            pids[name] = status.pid if status is not None else 0
            if status is not None:
                # What see() reads a moment later may be a new s6-supervise's, which knows nobody.
                self._stamp.setdefault(name, status.stamp)
                self._take(name, status.pid)
        found = strays.find(self._scan, pids, self.oneshots)
        for name in names:
            for pid, start in found.get(name, []):
                self._add(name, pid, start)

    def see(self, name: str, status: "Status") -> int:
        """Take in a status; the pid of a stray of this service, 0 when there is none."""
        before = self._own.get(name)
        if before is not None and before[0] != status.pid:
            del self._own[name]
            if strays.alive(before[0], before[1]):
                self._add(name, before[0], before[1])
            elif name in self.oneshots:
                self._search(name, status.pid)
        if status.pid:
            self._take(name, status.pid)
        elif (
            not status.pid and before is None and self._stamp.get(name) not in (None, status.stamp)
        ):
            # It came and went unseen, or its s6-supervise did and left it behind.
            self._search(name, 0)
        self._stamp[name] = status.stamp
        own = self._own.get(name, (0, 0))[0]
        for pid, start in list(self._strays.get(name, [])):
            if pid == own or not strays.alive(pid, start):
                self._drop(name, pid, start)
        left = self._strays.get(name)
        return left[0][0] if left else 0

    def _take(self, name: str, pid: int) -> None:
        """Know a process that runs as the service's own, unless another one is."""
        start = process.start_time(pid) if pid and name not in self._own else None
        if start is not None:
            self._own[name] = (pid, start)
            strays.remember(self._scan, name, pid)

    def _search(self, name: str, pid: int) -> None:
        families = [name] if name in self.oneshots else None
        for stray, start in strays.find(self._scan, {name: pid}, families).get(name, []):
            self._add(name, stray, start)

    def filenos(self) -> list[int]:
        """Readable when a stray has ended."""
        return sorted(self._ends)

    def ended(self) -> list[str]:
        """The services of the strays that have ended."""
        if not self._ends:
            return []
        names = set()
        for fileno in poll.ready(sorted(self._ends), 0):
            names.add(self._ends.pop(fileno))
            process.close(fileno)
            for pid in [pid for pid, end in self._awaited.items() if end == fileno]:
                del self._awaited[pid]
        return sorted(names)

    def _add(self, name: str, pid: int, start: int) -> None:
        known = self._strays.setdefault(name, [])
        if (pid, start) in known:
            return
        try:
            end = process.end_of(pid)
        except OSError as error:
            if error.errno != ESRCH:
                raise
            return
        known.append((pid, start))
        self._ends[end] = name
        self._awaited[pid] = end

    def _drop(self, name: str, pid: int, start: int) -> None:
        self._strays[name].remove((pid, start))
        end = self._awaited.pop(pid, -1)
        if end >= 0:
            del self._ends[end]
            process.close(end)
