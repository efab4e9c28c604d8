"""A scan folder with a real s6-svscan, as tests of agent.s6 use it on both runtimes."""

from agent.port import clock, files, poll, process
from agent.s6 import control, install, strays
from agent.s6.paths import Paths, find
from agent.s6.status import Status

DEADLINE_S = 20.0

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from agent.graph.model import Service


def until(what: str, look: "Callable[..., Any]", *args: "Any") -> "Any":
    """Look until look(*args) is true; what was seen."""
    end = clock.monotonic() + DEADLINE_S
    while True:
        seen = look(*args)
        if seen:
            return seen
        assert clock.monotonic() < end, "waited for " + what
        poll.ready([], 0.003)


def paths_of(top: str, holder: tuple[str, ...]) -> Paths:
    """The paths below the top folder."""
    paths = find(top + "/scan", top + "/outputs", top + "/log")
    return Paths(*(paths[:5] + (holder, ("frost-agent",))))


class Room:
    """One scan folder with its s6-svscan."""

    def __init__(self, top: str, holder: tuple[str, ...]) -> None:
        self.top = top
        self.scan = top + "/scan"
        self.paths = paths_of(top, holder)

    def add(self, added: "Service") -> None:
        """Install and wait for the supervisor."""
        assert install.install(self.scan, added, self.paths) is True
        assert control.rescan(self.scan)
        self.supervised(added.name)
        self.supervised(added.name + "/log")

    def supervised(self, name: str) -> None:
        """Wait for an s6-supervise."""
        until("s6-supervise " + name, control.listens, self.scan, name)
        # It listens a moment before it writes its first status.
        until("the status of " + name, control.status, self.scan, name)

    def status(self, name: str) -> Status:
        """The status, which must be there."""
        found = control.status(self.scan, name)
        assert found is not None
        return found

    def start(self, name: str, ready: bool = False) -> Status:
        """Start once; wait until it is up, or ready."""
        before = self.status(name).stamp
        assert control.command(self.scan, name, "o")
        look = self.status

        def up() -> "Status | None":
            seen = look(name)
            if seen.stamp != before and seen.pid and (seen.ready or not ready):
                return seen
            return None

        return until(name + " up", up)  # type: ignore[no-any-return]

    def end(self, name: str) -> Status:
        """Wait until it is down and its finish script is done."""

        def down() -> "Status | None":
            seen = self.status(name)
            return seen if not seen.pid and not seen.ending and seen.exit is not None else None

        return until(name + " down", down)  # type: ignore[no-any-return]

    def logged(self, name: str, count: int) -> list[str]:
        """The log's lines without their stamps, once there are that many."""
        path = "%s/log/%s/current" % (self.top, name)

        def look() -> "list[bytes] | None":
            lines = files.read(path).split(b"\n")[:-1] if files.kind(path) else []
            return lines if len(lines) >= count else None

        lines = until("%d lines of %s" % (count, name), look)
        for line in lines:
            # 2026-11-24 00:09:05.631037898
            stamp = line[:29]
            assert (stamp[4:5], stamp[10:11], stamp[19:20]) == (b"-", b" ", b"."), line
            assert line[29:31] == b"  ", line
        return [line[31:].decode() for line in lines]


def ready(room: Room, name: str) -> Status | None:
    """The status once it is ready."""
    seen = room.status(name)
    return seen if seen.ready else None


def is_another(room: Room, name: str, pid: int) -> bool:
    """Whether another process is ready now."""
    seen = room.status(name)
    return seen.ready and seen.pid != pid


def is_ending(room: Room, name: str) -> bool:
    """Whether the finish script runs."""
    return room.status(name).ending


def has_children(leader: int) -> bool:
    """Whether the process group has more than its leader."""
    return len(group(leader)) > 1


def is_over(leader: int) -> bool:
    """Whether nobody is left of the process group."""
    return not group(leader)


def group(leader: int) -> list[int]:
    """The processes of a process group that have not ended."""
    found = []
    for entry in files.listing("/proc"):
        if entry.isdigit():
            try:
                text = files.read("/proc/%s/stat" % entry)
            except OSError:
                continue
            fields = text[text.rfind(b")") + 2 :].split()
            if fields[0] != b"Z" and int(fields[2]) == leader:
                found.append(int(entry))
    return found


def command_lines() -> list[list[str]]:
    """The command lines of this process group's session and others, split."""
    found = []
    for entry in files.listing("/proc"):
        if entry.isdigit():
            try:
                words = files.read("/proc/%s/cmdline" % entry).split(b"\0")
                found.append([word.decode() for word in words])
            except (OSError, UnicodeError):
                continue
    return found


def is_deaf(scan: str, name: str) -> bool:
    """Whether no s6-supervise is there."""
    return not control.listens(scan, name)


def is_down(room: Room, name: str) -> bool:
    """Whether s6 says that the service is down."""
    return not room.status(name).pid


def has_ended(pid: int, start: int) -> bool:
    """Whether that process is gone."""
    return not strays.alive(pid, start)


def started(pid: int) -> int:
    """A process's start time."""
    start = process.start_time(pid)
    assert start is not None
    return start


def parent(pid: int) -> int:
    """Who started a process."""
    text = files.read("/proc/%d/stat" % pid)
    return int(text[text.rfind(b")") + 2 :].split()[1])


def sessions(scan: str, name: str) -> list[int]:
    """The session leaders that have a service's environment."""
    wanted = (b"FROST_SCAN=" + scan.encode(), b"SERVICE=" + name.encode())
    found = []
    for entry in files.listing("/proc"):
        if entry.isdigit():
            try:
                environ = files.read("/proc/%s/environ" % entry).split(b"\0")
                text = files.read("/proc/%s/stat" % entry)
            except OSError:
                continue
            if wanted[0] in environ and wanted[1] in environ:
                if int(text[text.rfind(b")") + 2 :].split()[3]) == int(entry):
                    found.append(int(entry))
    return found
