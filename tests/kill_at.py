"""Kill a child right after its Nth system call, with ptrace(2): what SIGKILL can leave behind.

A child that is forked from the test starts in a millisecond, so that every single system call of
a program gets its own run.
"""

import ctypes
import os
import signal
from collections.abc import Callable

# linux/ptrace.h
PTRACE_TRACEME = 0
PTRACE_KILL_ON_EXIT = 0x00100000
PTRACE_O_TRACESYSGOOD = 1
PTRACE_SYSCALL = 24
PTRACE_SETOPTIONS = 0x4200
PTRACE_GET_SYSCALL_INFO = 0x420E
PTRACE_SYSCALL_INFO_EXIT = 2

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
_libc.ptrace.restype = ctypes.c_long


def _ptrace(request: int, pid: int, address: int = 0, data: object = 0) -> int:
    result = int(_libc.ptrace(request, pid, address, data))
    if result == -1:
        raise OSError(ctypes.get_errno(), "ptrace")
    return result


def run_killed(child: Callable[[], None], last: int) -> int | None:
    """Run child() in a forked process and kill it when its system call number `last` returns.

    Numbers count from 1. None: it was killed. Otherwise it had ended before, and this is how many
    calls it made; an exit code other than 0 is an error.
    """
    pid = os.fork()
    if not pid:
        _be_traced(child)
    try:
        os.waitpid(pid, 0)  # the SIGSTOP of _be_traced, or the exec's SIGTRAP
        _ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_KILL_ON_EXIT)
        return _count(pid, last)
    except BaseException:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise


def _be_traced(child: Callable[[], None]) -> None:
    """The forked side: ask for the tracer, wait for it, run, never return."""
    code = 1
    try:
        _ptrace(PTRACE_TRACEME, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        child()
        code = 0
    finally:
        os._exit(code)


def _count(pid: int, last: int) -> int | None:
    calls = 0
    passed_on = 0
    info = (ctypes.c_uint8 * 128)()
    while True:
        _ptrace(PTRACE_SYSCALL, pid, 0, passed_on)
        _, status = os.waitpid(pid, 0)
        if not os.WIFSTOPPED(status):
            code = os.waitstatus_to_exitcode(status)
            assert code == 0, f"the child ended with {code} after {calls} system calls"
            return calls
        stopped_by = os.WSTOPSIG(status)
        passed_on = 0
        if stopped_by == signal.SIGTRAP | 0x80:
            _ptrace(PTRACE_GET_SYSCALL_INFO, pid, len(info), info)
            if info[0] == PTRACE_SYSCALL_INFO_EXIT:
                calls += 1
                if calls == last:
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
                    return None
        elif stopped_by != signal.SIGTRAP:  # SIGTRAP alone: the exec
            passed_on = stopped_by
