"""agent.port.process on CPython."""

import fcntl
import os
import signal
import sys
from signal import (
    SIGCHLD,
    SIGCONT,
    SIGHUP,
    SIGINT,
    SIGKILL,
    SIGSTOP,
    SIGTERM,
    SIGUSR1,
    SIGUSR2,
)
from types import FrameType

__all__ = [
    "SIGCHLD",
    "SIGCONT",
    "SIGHUP",
    "SIGINT",
    "SIGKILL",
    "SIGSTOP",
    "SIGTERM",
    "SIGUSR1",
    "SIGUSR2",
    "Signals",
    "argv",
    "close",
    "end_of",
    "environ",
    "is_writable",
    "kill",
    "notify",
    "pid",
    "pipe",
    "read",
    "spawn",
    "start_time",
    "strerror",
    "wait",
    "write",
]


def _open_standard() -> None:
    """Put /dev/null on each of descriptors 0 to 2 that is closed."""
    fd = -1
    while fd < 3:  # open(2) hands out the lowest number that is free
        if fd >= 0:
            os.set_inheritable(fd, True)
        try:
            fd = os.open("/dev/null", os.O_RDWR)
        except OSError:
            return  # a root without /dev: nothing better to put there
    os.close(fd)


_open_standard()


def argv() -> list[bytes]:
    """The command line, the program's name first."""
    return [os.fsencode(argument) for argument in sys.argv]


def environ() -> dict[bytes, bytes]:
    """The environment as it was handed over."""
    return dict(os.environb)


def pid() -> int:
    """This process's number."""
    return os.getpid()


def start_time(pid: int) -> int | None:
    """Clock ticks from boot to the start of that process, None when there is none."""
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            text = file.read()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the program's name in parentheses and may hold anything.
    return int(text[text.rindex(b")") + 2 :].split()[19])


def end_of(pid: int) -> int:
    """A descriptor that is readable when that process has ended; OSError ESRCH: it has."""
    return os.pidfd_open(pid)


def spawn(
    argv: list[bytes],
    environ: dict[bytes, bytes] | None = None,
    stdin: int = -1,
    stdout: int = -1,
    stderr: int = -1,
) -> int:
    """Start a program found by PATH; returns its pid."""
    actions = []
    copies = []
    try:
        for target, fd in enumerate((stdin, stdout, stderr)):
            if 0 <= fd < 3 and fd != target:
                # Out of the way of the other two first, so that exchanging them works.
                fd = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3)
                copies.append(fd)
            if fd >= 0:
                actions.append((os.POSIX_SPAWN_DUP2, fd, target))
        return os.posix_spawnp(
            argv[0],
            argv,
            os.environb if environ is None else environ,
            file_actions=actions,
            setsigmask=[],
            setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],  # CPython ignores these two
        )
    finally:
        for fd in copies:
            os.close(fd)


def wait(pid: int, block: bool = True) -> int | None:
    """The exit code, -N when signal N ended it, None when it still runs (block false)."""
    found, status = os.waitpid(pid, 0 if block else os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def kill(pid: int, signal: int) -> None:
    """Send a signal."""
    os.kill(pid, signal)


def pipe() -> tuple[int, int]:
    """A pipe: (to read from, to write to)."""
    return os.pipe()


def read(fd: int, size: int) -> bytes | None:
    """At most `size` octets; b"" at the end, None when there is nothing yet (nonblocking)."""
    try:
        return os.read(fd, size)
    except BlockingIOError:
        return None


def close(fd: int) -> None:
    """Close a descriptor."""
    os.close(fd)


def write(fd: int, data: bytes) -> None:
    """Write all of it."""
    while data:
        data = data[os.write(fd, data) :]


def is_writable(fd: int) -> bool:
    """Whether the descriptor is open for writing."""
    try:
        return fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY
    except OSError:
        return False


def notify(fd: int) -> None:
    """Tell s6-supervise that this service is ready; the descriptor is closed."""
    try:
        os.write(fd, b"\n")
    except BrokenPipeError:
        pass  # the supervisor was restarted meanwhile: nobody to tell
    finally:
        os.close(fd)


def strerror(number: int) -> str:
    """The C library's text for an errno."""
    return os.strerror(number)


class Signals:
    """Signals as something to read, beside the other descriptors of a poll loop."""

    def __init__(self, numbers: list[int]) -> None:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)
        self._numbers = set(numbers)
        self._before = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        for number in numbers:
            signal.signal(number, _nothing)
            # A parent may have blocked it, and a blocked signal never reaches the pipe.
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])

    def fileno(self) -> int:
        """Readable when a signal came."""
        return self._reader

    def read(self) -> list[int]:
        """The signals that came since the last read, sorted, each once."""
        try:
            data = os.read(self._reader, 65536)
        except BlockingIOError:
            return []
        return sorted(self._numbers.intersection(data))

    def close(self) -> None:
        """Stop listening; the signals stay without effect."""
        signal.set_wakeup_fd(self._before)
        os.close(self._reader)
        os.close(self._writer)


def _nothing(number: int, frame: FrameType | None) -> None:
    """The wakeup descriptor has it already."""
