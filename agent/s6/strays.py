"""Daemons that lost their supervisor: found in /proc, told apart from the children of services.

A killed s6-supervise leaves its daemon running, and the next one starts a second copy. The run
scripts give a service's own process SERVICE, FROST_SCAN and, with its process number as the
value, FROST_PID: a child inherits all three but has another number. Some daemons overwrite
their environment to show a title; these are found by the note that remember() made. Nothing here
signals anybody.
"""

from agent.port import clock, files, process
from agent.port.errno import EACCES, ENOENT, ENOTDIR, EPERM, ESRCH
from agent.s6.install import replace

NOTE = "data/.process"
ENDED = (b"Z", b"X")  # proc(5): zombies are nobody's copy
PF_KTHREAD = 0x00200000  # include/linux/sched.h
TICKS = 100  # of proc(5)'s start time in a second, on every architecture (USER_HZ)
EXEC_LOOKS = 200  # some 10 ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    Found = dict[str, list[tuple[int, int]]]


def find(scan: str, pids: dict[str, int], families: "list[str] | None" = None) -> "Found":
    """The strays of the services of `pids`: {name: [(pid, start time), ...]}, sorted.

    pids: {name: the process that s6 knows, 0 for none}. families: those of the names whose
    processes' children count too: a oneshot's command, when its holder was killed. A start time is
    in clock ticks since boot and makes a pid unmistakable. Names without strays are left out.
    """
    wanted = ("FROST_SCAN=" + scan).encode()
    found: Found = {}
    for entry in files.listing("/proc"):
        if not entry.isdigit():
            continue
        pid = int(entry)
        leads, start = _start(pid)
        if start is None or not (leads or families):
            continue
        name, own = _service(pid, wanted)
        if name not in pids or pids[name] == own:
            continue
        if (leads and own == pid) or (families and name in families):
            found.setdefault(name, []).append((pid, start))
    for name in pids:
        noted = _noted(scan, name)
        if noted is not None and noted[0] != pids[name] and alive(noted[0], noted[1]):
            if noted not in found.setdefault(name, []):
                found[name].append(noted)
    return {name: sorted(found[name]) for name in found}


def alive(pid: int, start: int) -> bool:
    """Whether the process with this number and start time still runs."""
    fields = _stat(pid)
    return fields is not None and fields[0] not in ENDED and int(fields[19]) == start


def remember(scan: str, name: str, pid: int) -> None:
    """Note which process is the service's, when s6 has started it."""
    start = process.start_time(pid)
    if start is not None:
        replace("%s/%s/%s" % (scan, name, NOTE), b"%d %d" % (pid, start), 0o644)


def _noted(scan: str, name: str) -> tuple[int, int] | None:
    try:
        words = files.read("%s/%s/%s" % (scan, name, NOTE)).split()
        return int(words[0]), int(words[1])
    except OSError as error:
        if error.errno not in (ENOENT, ENOTDIR):
            raise
    except (ValueError, IndexError):
        pass  # written by hand: it names nobody
    return None


def _stat(pid: int) -> list[bytes] | None:
    """The fields of /proc/PID/stat from the third on (state, parent, group, session...)."""
    text = _read("/proc/%d/stat" % pid)
    # The second field is the program's name in parentheses and may hold anything.
    return text[text.rfind(b")") + 2 :].split() if text else None


def _start(pid: int) -> "tuple[bool, int | None]":
    """Whether it leads a session (s6-supervise calls setsid), and its start time; None: ended."""
    fields = _stat(pid)
    if fields is None or fields[0] in ENDED:
        return False, None
    return int(fields[3]) == pid, int(fields[19])


def _service(pid: int, wanted: bytes) -> tuple[str, int]:
    """The service whose process this is, with the pid of its own process; ("", 0) for none.

    `wanted`: the FROST_SCAN variable of ours.
    """
    name, own = "", 0
    environ = _environ(pid).split(b"\0")
    if wanted not in environ:
        return "", 0
    for variable in environ:
        try:
            if variable[:8] == b"SERVICE=":
                name = variable[8:].decode()
            elif variable[:10] == b"FROST_PID=":
                own = int(variable[10:])
        except (ValueError, UnicodeError):
            return "", 0
    return (name, own) if own else ("", 0)


def _environ(pid: int) -> bytes:
    """The environment of a process, b"" for one without.

    For an instant in execve(2) nobody's can be read. A oneshot's command whose holder was killed in
    that instant would be overlooked, and the next one run beside it: looked at again, for as long
    as its few hundred microseconds take even where a processor is busy.
    """
    path = "/proc/%d/environ" % pid
    octets = _read(path)
    left = EXEC_LOOKS
    while not octets and left:
        fields = _stat(pid)
        if fields is None or fields[0] in ENDED or int(fields[6]) & PF_KTHREAD:
            break
        if clock.monotonic() * TICKS - int(fields[19]) > TICKS:
            break  # older than a second: it has none
        octets = _read(path)
        left -= 1
    return octets


def _read(path: str) -> bytes:
    try:
        return files.read(path)
    except OSError as error:
        if error.errno in (ENOENT, ESRCH, EACCES, EPERM):
            return b""  # it has ended, or is none of ours
        raise
