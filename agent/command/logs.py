"""`frost log`: the services' logs merged by time, from the folders that s6-log keeps.

A folder holds `current`, and `@STAMP.s` files that were rotated; a line begins with the time and
two spaces, then `NAME: ` (agent.s6.directory). While s6-log rotates, `previous` is what `current`
was: its content shows up again under the name that it gets.
"""

from agent.command import arguments, secrets
from agent.command.console import BOLD, DIM
from agent.command.errors import OK, OTHER, WRONG_USAGE, CommandError
from agent.command.world import failed
from agent.graph import spelling
from agent.names import SERVICE_NAME, is_service_name
from agent.port import clock, files, poll
from agent.port.errno import ENOENT
from agent.port.records import IN_CREATE, IN_MODIFY, IN_MOVED_TO, IN_Q_OVERFLOW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.command.console import Console

    Line = tuple[str, str, int, str]  # time, service, place in its log, text

STAMP = 29  # characters: 2026-11-24 00:05:11.123456789
SHOWN = 23  # of these: to the millisecond
USUAL, MOST = 100, 100000  # lines
ATTEMPTS = 20  # to read the files of one folder between two rotations,
PAUSE = 0.005  # seconds apart
QUIET, LATEST = 0.2, 1.0  # seconds: s6-log is done when it writes nothing for so long; at most


def show(console: "Console", options: dict[str, str], words: list[str]) -> int:
    """Print the last lines of one service's log or of all, and with -f those that follow."""
    count = arguments.count("N", options["N"], MOST) if "N" in options else USUAL
    if words and not is_service_name(words[0]):
        raise CommandError(WRONG_USAGE, "expected %s, got %s" % (SERVICE_NAME, words[0]))
    secrets.hide(console, True)
    log = console.where.log
    if words and files.kind(log + "/" + words[0]) != "folder":
        near = spelling.suggestion(words[0], names(log))
        text = "%s: expected a log in %s, got none%s" % (words[0], log, near)
        raise CommandError(OTHER, text)
    try:
        if "f" in options:
            _follow(console, log, words, count)
        for line in last(log, words or names(log), count):
            _print(console, line)
    except OSError as error:
        raise failed(log, error) from None
    return OK


def names(log: str) -> list[str]:
    """The services that have a log."""
    if files.kind(log) != "folder":
        return []
    found = [name for name in files.listing(log) if is_service_name(name)]
    return [name for name in found if files.kind(log + "/" + name) == "folder"]


def last(log: str, services: list[str], count: int) -> "list[Line]":
    """The last `count` lines of these services together, by time."""
    kept: list[Line] = []
    for name in services:
        found = Reader(log, name).back(count)
        kept = sorted(kept + found)[-count:] if count else []
    return kept


def settled(log: str, name: str, count: int) -> "list[Line]":
    """The last `count` lines of a service that has just ended: s6-log may still be writing them."""
    if files.kind(log + "/" + name) != "folder":
        return []
    follower = Follower(log, [name])
    kept = follower.back(count)
    limit = clock.monotonic() + LATEST
    while clock.monotonic() < limit and poll.ready([follower.fileno()], QUIET):
        kept = (kept + follower.wait())[-count:]
    return kept


def split(name: str, data: bytes, place: int) -> "list[Line]":
    """The whole lines in data; `place` counts on through a service's log. Pure."""
    found: list[Line] = []
    for octets in data.split(b"\n")[:-1]:
        text = _text(octets)
        stamp, rest = "", text
        if text[4:5] == "-" and text[10:11] == " " and text[STAMP : STAMP + 2] == "  ":
            stamp, rest = text[:STAMP], text[STAMP + 2 :]
        if rest.startswith(name + ":"):
            rest = rest[len(name) + 1 :]
            rest = rest[1:] if rest[:1] == " " else rest
        found.append((stamp, name, place + len(found), rest))
    return found


class Reader:
    """Reads one service's log: its end, then what is added to it."""

    def __init__(self, log: str, name: str) -> None:
        self._folder = "%s/%s" % (log, name)
        self._name = name
        self._rotated: list[str] = []  # that were there
        self._offset = 0  # in `current`, of what was read
        self._place = 0

    def back(self, count: int) -> "list[Line]":
        """The last `count` lines; new() goes on after them."""
        steady = self._steady(lambda rotated: self._newest(rotated, count))
        rotated, parts = steady or ([], [self._read("current")])
        self._rotated, self._offset = rotated, parts[-1].rfind(b"\n") + 1
        found = split(self._name, b"".join(parts), 0)
        self._place = len(found)
        return found[-count:] if count else []

    def new(self) -> "list[Line]":
        """The lines since back() or the last new()."""
        steady = self._steady(self._added)
        if steady is None:
            return []  # the end of the rotation is the next event
        rotated, parts = steady
        end = parts[-1].rfind(b"\n") + 1
        parts[-1] = parts[-1][:end]
        # The first of them is what `current` was then.
        parts[0] = parts[0][self._offset if self._offset <= len(parts[0]) else 0 :]
        self._rotated, self._offset = rotated, end
        found = split(self._name, b"".join(parts), self._place)
        self._place += len(found)
        return found

    def _newest(self, rotated: list[str], count: int) -> list[bytes]:
        parts = [self._read("current")]
        lines = parts[0].count(b"\n")
        for file in reversed(rotated):
            if lines >= count:
                break
            parts.append(self._read(file))
            lines += parts[-1].count(b"\n")
        return list(reversed(parts))

    def _added(self, rotated: list[str]) -> list[bytes]:
        added = [file for file in rotated if file not in self._rotated]
        return [self._read(file) for file in added + ["current"]]

    def _steady(
        self, collect: "Callable[[list[str]], list[bytes]]"
    ) -> "tuple[list[str], list[bytes]] | None":
        """The rotated files' names and what `collect` reads of them while no rotation happens.

        None: s6-log is at it all the time, or died at it and will finish when it is back.
        """
        for _ in range(ATTEMPTS):
            before = files.listing(self._folder)
            if "previous" not in before:
                rotated = [file for file in before if file[:1] == "@"]
                try:
                    parts = collect(rotated)
                except OSError as error:
                    if error.errno != ENOENT:
                        raise
                    continue
                if files.listing(self._folder) == before:
                    return rotated, parts
            poll.ready([], PAUSE)
        return None

    def _read(self, file: str) -> bytes:
        path = "%s/%s" % (self._folder, file)
        try:
            return files.read(path)
        except OSError as error:
            if file == "current" and error.errno == ENOENT:
                return b""  # s6-log has not begun
            raise


class Follower:
    """Tells what is added to the logs. Take it, then read back: nothing falls between."""

    def __init__(self, log: str, services: list[str]) -> None:
        self._log = log
        self._only = services
        self._watch = files.Watch()
        self._root = -1 if services else self._watch.add(log, IN_CREATE | IN_MOVED_TO)
        self._wds: dict[int, str] = {}
        self._readers: dict[str, Reader] = {}
        for name in services or names(log):
            self._add(name)

    def back(self, count: int) -> "list[Line]":
        """The last `count` lines of all."""
        kept: list[Line] = []
        for name in sorted(self._readers):
            kept = sorted(kept + self._readers[name].back(count))
            kept = kept[-count:] if count else []
        return kept

    def fileno(self) -> int:
        """Readable when wait() would not wait."""
        return self._watch.fileno()

    def wait(self) -> "list[Line]":
        """Wait for more lines."""
        poll.ready([self._watch.fileno()], None)
        changed = set()
        for wd, mask, _, _ in self._watch.read():
            if wd == self._root or mask & IN_Q_OVERFLOW:
                changed.update(self._look_for_new())
            if mask & IN_Q_OVERFLOW:
                changed.update(self._readers)
            elif wd in self._wds:
                changed.add(self._wds[wd])
        found: list[Line] = []
        for name in sorted(changed):
            found += self._readers[name].new()
        return sorted(found)

    def _look_for_new(self) -> list[str]:
        return [name for name in names(self._log) if name not in self._readers and self._add(name)]

    def _add(self, name: str) -> bool:
        folder = "%s/%s" % (self._log, name)
        self._wds[self._watch.add(folder, IN_MODIFY | IN_CREATE | IN_MOVED_TO)] = name
        self._readers[name] = Reader(self._log, name)
        return True


def _follow(console: "Console", log: str, services: list[str], count: int) -> None:
    follower = Follower(log, services)
    for line in follower.back(count):
        _print(console, line)
    while True:
        for line in follower.wait():
            _print(console, line)


def _print(console: "Console", line: "Line") -> None:
    stamp, name, _, text = line
    if console.json:
        console.record({"time": stamp, "service": name, "text": text})
    else:
        console.line([(DIM, stamp[:SHOWN]), " ", (BOLD, name), ": " + text])


def _text(octets: bytes) -> str:
    """A line as text; what is no UTF-8 is escaped."""
    try:
        return octets.decode()
    except UnicodeError:
        return "".join([chr(o) if o < 0x80 else "\\x%02x" % o for o in octets])
