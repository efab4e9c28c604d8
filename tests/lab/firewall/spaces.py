"""Network namespaces that are file descriptors of this process and nothing else.

They have no name and no process of their own, so whatever way this process ends, they are gone.
"""

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from packager.isp.namespaces import CLONE_NEWNET, CommandFailed, setns

HOME = "/proc/thread-self/ns/net"


class Space:
    """A network namespace."""

    def __init__(self, name: str) -> None:
        self.name = name
        home = os.open(HOME, os.O_RDONLY | os.O_CLOEXEC)
        libc = ctypes.CDLL(None, use_errno=True)
        try:
            if libc.unshare(CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), f"unshare: {os.strerror(ctypes.get_errno())}")
            self.fileno = os.open(HOME, os.O_RDONLY | os.O_CLOEXEC)
        finally:
            setns(home, CLONE_NEWNET)
            os.close(home)

    @property
    def path(self) -> str:
        """What other processes open: ip(8), nsenter(1)."""
        return f"/proc/{os.getpid()}/fd/{self.fileno}"

    @contextmanager
    def inside(self) -> Iterator[None]:
        """This thread is in the namespace inside the block."""
        home = os.open(HOME, os.O_RDONLY | os.O_CLOEXEC)
        setns(self.fileno, CLONE_NEWNET)
        try:
            yield
        finally:
            setns(home, CLONE_NEWNET)
            os.close(home)

    def enter(self, *argv: str) -> list[str]:
        """The argv that runs `argv` inside."""
        return ["nsenter", f"--net={self.path}", "--", *argv]

    def run(self, *argv: str, stdin: str = "") -> str:
        """Run a command inside, return its stdout; CommandFailed unless it ends with 0."""
        done = subprocess.run(
            self.enter(*argv), input=stdin, capture_output=True, text=True, timeout=60
        )
        if done.returncode != 0:
            error = done.stderr.strip() or done.stdout.strip()
            raise CommandFailed(f"{self.name}: {' '.join(argv)}: {error}\n{stdin[:2000]}")
        return done.stdout

    def ip(self, *lines: str) -> None:
        """Many ip(8) commands at once."""
        self.run("ip", "-batch", "-", stdin="".join(line + "\n" for line in lines))

    def sysctl(self, **values: int | str) -> None:
        """Write /proc/sys/net settings: sysctl(ipv4__ip_forward=1), `__` for `/`."""
        with self.inside():
            for name, value in values.items():
                with open("/proc/sys/net/" + name.replace("__", "/"), "w") as file:
                    file.write(str(value))

    def close(self) -> None:
        """Let go of it."""
        if self.fileno >= 0:
            os.close(self.fileno)
            self.fileno = -1
