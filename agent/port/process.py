"""This process and others. Errors are OSError with .errno.

argv() -> list of bytes, the program's name first. environ() -> dict of bytes. Both come from
strangers, so they are never decoded here.
pid(). start_time(pid) -> clock ticks since boot (proc(5), stat's field 22) or None when there is
no such process: with the pid it names a process for good, which a pid alone does not.
spawn(argv, environ=None, stdin=-1, stdout=-1, stderr=-1) -> pid. PATH is searched, no shell is
involved; environ None hands on this process's; -1 inherits the descriptor. The child starts with
no signal blocked and SIGPIPE at its default, and gets no other descriptor that we opened. A
program that is missing is an OSError here, not an exit code.
wait(pid, block=True) -> exit code, -N when signal N ended it, None when it still runs.
end_of(pid) -> descriptor that is readable once that process has ended (pidfd_open(2), Linux 5.3);
ESRCH when it is gone already.
kill(pid, signal). strerror(number) -> text.
pipe() -> (reader, writer), close-on-exec. read(fd, size) -> at most so many octets, b"" at the
end, None when a nonblocking descriptor has nothing yet. write(fd, data): all of it; EPIPE when
nobody reads (SIGPIPE ends none of our programs). close(fd).
is_writable(fd) -> whether the descriptor is open, and for writing.
notify(fd): writes a newline and closes it, s6's readiness (s6 page: notifywhenup). Nobody
listening any more is no error; whatever happens, the descriptor is closed then.
Descriptors 0 to 2 are always open: one that is closed at the start is /dev/null from then on, so
that nothing of ours ever gets its number, and with it what somebody writes to standard output.
Signals(numbers): takes these signals from their default action; fileno() is readable when one
came, read() -> sorted numbers of those that came since the last read, never waiting. close().
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.port.cpython.process import (
        SIGCHLD,
        SIGCONT,
        SIGHUP,
        SIGINT,
        SIGKILL,
        SIGSTOP,
        SIGTERM,
        SIGUSR1,
        SIGUSR2,
        Signals,
        argv,
        close,
        end_of,
        environ,
        is_writable,
        kill,
        notify,
        pid,
        pipe,
        read,
        spawn,
        start_time,
        strerror,
        wait,
        write,
    )
elif sys.implementation.name == "micropython":
    from agent.port.frozen.process import (
        SIGCHLD,
        SIGCONT,
        SIGHUP,
        SIGINT,
        SIGKILL,
        SIGSTOP,
        SIGTERM,
        SIGUSR1,
        SIGUSR2,
        Signals,
        argv,
        close,
        end_of,
        environ,
        is_writable,
        kill,
        notify,
        pid,
        pipe,
        read,
        spawn,
        start_time,
        strerror,
        wait,
        write,
    )
else:
    from agent.port.cpython.process import (
        SIGCHLD,
        SIGCONT,
        SIGHUP,
        SIGINT,
        SIGKILL,
        SIGSTOP,
        SIGTERM,
        SIGUSR1,
        SIGUSR2,
        Signals,
        argv,
        close,
        end_of,
        environ,
        is_writable,
        kill,
        notify,
        pid,
        pipe,
        read,
        spawn,
        start_time,
        strerror,
        wait,
        write,
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
