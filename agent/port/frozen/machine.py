"""agent.port.machine in the frozen binary."""

import _linux

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

# linux/reboot.h
ENDS = {"reboot": 0x01234567, "halt": 0xCDEF0123, "poweroff": 0x4321FEDC}
CAD_ON, CAD_OFF = 0x89ABCDEF, 0
MODULE_INIT_COMPRESSED_FILE = 4  # linux/module.h


def mount(source: str, target: str, kind: str, flags: int = 0, data: str = "") -> None:
    """Mount, move or remount."""
    _linux.mount(source, target, kind, flags, data)


def unmount(target: str, flags: int = 0) -> None:
    """Take a mount away."""
    _linux.umount2(target, flags)


def switch_root(path: str) -> None:
    """Make what is mounted on `path` the root."""
    _linux.switch_root(path)


def load_module(path: str, parameters: str = "") -> None:
    """Load one kernel module from its file."""
    fd = _linux.open(path, _linux.O_RDONLY)
    try:
        flags = 0 if path.endswith(".ko") else MODULE_INIT_COMPRESSED_FILE
        _linux.finit_module(fd, parameters, flags)
    finally:
        _linux.close(fd)


def head(path: str, size: int, skip: int = 0) -> bytes:
    """The beginning of a file or device."""
    fd = _linux.open(path, _linux.O_RDONLY)
    try:
        if skip:
            _linux.read(fd, skip)
        return _linux.read(fd, size)  # type: ignore[no-any-return]
    finally:
        _linux.close(fd)


def sync() -> None:
    """Wait until everything is on the disks."""
    _linux.sync()


def end(how: str) -> None:
    """Halt, power off or reboot at once."""
    _linux.reboot(ENDS[how])


def keys(hard: bool) -> None:
    """What ctrl-alt-del does."""
    _linux.reboot(CAD_ON if hard else CAD_OFF)


def become(
    argv: list[bytes], environ: dict[bytes, bytes], input: str = "", output: str = ""
) -> None:
    """Become another program."""
    reader = _linux.open(input, _linux.O_RDONLY) if input else -1
    writer = _linux.open(output, _linux.O_WRONLY) if output else -1
    pairs = [key + b"=" + value for key, value in environ.items()]
    _linux.execve(argv, pairs, reader, writer)
