"""agent.port.process in the frozen binary."""

import _linux
from _linux import (
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

# As on CPython, a write to a pipe that nobody reads is EPIPE and not the end of this process.
# Blocked by way of signalfd; spawn() hands on an empty mask.
_linux.close(_linux.signalfd([_linux.SIGPIPE]))

WNOHANG = 1
O_ACCMODE = 3  # fcntl.h; the same on every architecture, as O_RDONLY is
SIGINFO_SIZE = 128  # struct signalfd_siginfo (linux/signalfd.h); ssi_signo is its first 32 bits


def argv() -> list[bytes]:
    """The command line, the program's name first."""
    return _linux.argv()  # type: ignore[no-any-return]


def environ() -> dict[bytes, bytes]:
    """The environment as it was handed over."""
    return _linux.environ()  # type: ignore[no-any-return]


def pid() -> int:
    """This process's number."""
    return _linux.getpid()  # type: ignore[no-any-return]


def start_time(pid: int) -> int | None:
    """Clock ticks from boot to the start of that process, None when there is none."""
    try:
        fd = _linux.open("/proc/%d/stat" % pid, _linux.O_RDONLY)
    except OSError as error:
        if error.errno == _linux.ENOENT:
            return None
        raise
    try:
        text = _linux.read(fd, 4096)
    except OSError as error:
        if error.errno == _linux.ESRCH:  # it ended between open and read
            return None
        raise
    finally:
        _linux.close(fd)
    # The second field is the program's name in parentheses and may hold anything.
    return int(text[text.rfind(b")") + 2 :].split()[19])


def end_of(pid: int) -> int:
    """A descriptor that is readable when that process has ended; OSError ESRCH: it has."""
    return _linux.pidfd_open(pid)  # type: ignore[no-any-return]


def spawn(
    argv: list[bytes],
    environ: dict[bytes, bytes] | None = None,
    stdin: int = -1,
    stdout: int = -1,
    stderr: int = -1,
) -> int:
    """Start a program found by PATH; returns its pid."""
    pairs = None
    if environ is not None:
        pairs = [key + b"=" + value for key, value in environ.items()]
    return _linux.spawn(argv, pairs, stdin, stdout, stderr)  # type: ignore[no-any-return]


def wait(pid: int, block: bool = True) -> int | None:
    """The exit code, -N when signal N ended it, None when it still runs (block false)."""
    found, status = _linux.waitpid(pid, 0 if block else WNOHANG)
    if not found:
        return None
    # wait(2): the low 7 bits are the signal that ended it, 0 for an exit.
    number = int(status) & 0x7F
    return -number if number else int(status) >> 8 & 0xFF


def kill(pid: int, signal: int) -> None:
    """Send a signal."""
    _linux.kill(pid, signal)


def pipe() -> tuple[int, int]:
    """A pipe: (to read from, to write to)."""
    return _linux.pipe()  # type: ignore[no-any-return]


def read(fd: int, size: int) -> bytes | None:
    """At most `size` octets; b"" at the end, None when there is nothing yet (nonblocking)."""
    return _linux.read(fd, size)  # type: ignore[no-any-return]


def close(fd: int) -> None:
    """Close a descriptor."""
    _linux.close(fd)


def write(fd: int, data: bytes) -> None:
    """Write all of it."""
    while data:
        data = data[_linux.write(fd, data) :]


def is_writable(fd: int) -> bool:
    """Whether the descriptor is open for writing."""
    try:
        return _linux.status_flags(fd) & O_ACCMODE != _linux.O_RDONLY  # type: ignore[no-any-return]
    except OSError:
        return False


def notify(fd: int) -> None:
    """Tell s6-supervise that this service is ready; the descriptor is closed."""
    try:
        _linux.write(fd, b"\n")
    except OSError as error:
        if error.errno != _linux.EPIPE:
            raise
        # The supervisor was restarted meanwhile: nobody to tell.
    finally:
        _linux.close(fd)


def strerror(number: int) -> str:
    """The C library's text for an errno."""
    text = _linux.strerror(number)
    return text if isinstance(text, str) else str(text, "utf-8")


class Signals:
    """Signals as something to read, beside the other descriptors of a poll loop."""

    def __init__(self, numbers: list[int]) -> None:
        self._fd = _linux.signalfd(numbers)

    def fileno(self) -> int:
        """Readable when a signal came."""
        return self._fd  # type: ignore[no-any-return]

    def read(self) -> list[int]:
        """The signals that came since the last read, sorted, each once."""
        numbers: set[int] = set()
        while True:
            data = _linux.read(self._fd, 4 * SIGINFO_SIZE)
            if not data:
                return sorted(numbers)
            for start in range(0, len(data), SIGINFO_SIZE):
                # Numbers below 256: the one octet that is not 0 tells, in either byte order.
                numbers.add(max(data[start : start + 4]))

    def close(self) -> None:
        """Stop listening; the signals stay blocked."""
        _linux.close(self._fd)
