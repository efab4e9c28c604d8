"""agent.port.machine on CPython: the C library's functions, where Python has none of its own."""

import ctypes
import os
import signal

__all__ = [
    "become",
    "end",
    "head",
    "keys",
    "load_module",
    "mount",
    "switch_root",
    "sync",
    "unmount",
]

_libc = ctypes.CDLL(None, use_errno=True)

# linux/reboot.h
ENDS = {"reboot": 0x01234567, "halt": 0xCDEF0123, "poweroff": 0x4321FEDC}
CAD_ON, CAD_OFF = 0x89ABCDEF, 0
MS_MOVE = 0x2000
# SYS_finit_module: the generic table's, and those of machines with one of their own.
FINIT_MODULE = {"x86_64": 313, "armv7l": 379, "mips": 4348}.get(os.uname().machine, 273)
MODULE_INIT_COMPRESSED_FILE = 4  # linux/module.h


def _check(result: int) -> None:
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def mount(source: str, target: str, kind: str, flags: int = 0, data: str = "") -> None:
    """Mount, move or remount."""
    words = [os.fsencode(word) for word in (source, target, kind)]
    _check(_libc.mount(*words, ctypes.c_ulong(flags), os.fsencode(data)))


def unmount(target: str, flags: int = 0) -> None:
    """Take a mount away."""
    _check(_libc.umount2(os.fsencode(target), flags))


def switch_root(path: str) -> None:
    """Make what is mounted on `path` the root."""
    os.chdir(path)
    mount(".", "/", "", MS_MOVE)
    os.chroot(".")
    os.chdir("/")


def load_module(path: str, parameters: str = "") -> None:
    """Load one kernel module from its file."""
    fd = os.open(path, os.O_RDONLY)
    try:
        flags = 0 if path.endswith(".ko") else MODULE_INIT_COMPRESSED_FILE
        _check(_libc.syscall(FINIT_MODULE, fd, os.fsencode(parameters), flags))
    finally:
        os.close(fd)


def head(path: str, size: int, skip: int = 0) -> bytes:
    """The beginning of a file or device."""
    fd = os.open(path, os.O_RDONLY)
    try:
        if skip:
            os.read(fd, min(skip, 65536))
        return os.read(fd, min(size, 65536))
    finally:
        os.close(fd)


def sync() -> None:
    """Wait until everything is on the disks."""
    os.sync()


def end(how: str) -> None:
    """Halt, power off or reboot at once."""
    _check(_libc.reboot(ctypes.c_int(ENDS[how] & 0xFFFFFFFF)))


def keys(hard: bool) -> None:
    """What ctrl-alt-del does."""
    _check(_libc.reboot(ctypes.c_int(CAD_ON if hard else CAD_OFF)))


def become(
    argv: list[bytes], environ: dict[bytes, bytes], input: str = "", output: str = ""
) -> None:
    """Become another program."""
    if input:
        os.dup2(os.open(input, os.O_RDONLY), 0)
    if output:
        fd = os.open(output, os.O_WRONLY)
        os.dup2(fd, 1)
        os.dup2(fd, 2)
    # CPython ignores these two, and what is ignored stays so.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    os.execve(argv[0], argv, environ)
