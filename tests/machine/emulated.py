"""A machine in QEMU that the tests talk to: its console with the times of the lines, its control
socket, its end. Every wait has a deadline and shows the console's last lines when it is not met.
"""

import contextlib
import os
import re
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from packager import qemu
from packager.isp import wait
from packager.targets import Target
from tests.machine.qmp import Control

PANIC = "Kernel panic - not syncing"
BOOT_S = 240.0  # a machine that boots beside others on a busy host


class Missing(Exception):
    """QEMU is not there; the text says what to do."""


@dataclass(frozen=True)
class Line:
    """A line of the console and when its end came, on time.clock_gettime(CLOCK_REALTIME)."""

    time_s: float
    text: str


class Emulated:
    """One machine, from start() to close(). It may reboot in between."""

    def __init__(
        self,
        target: Target,
        boot: qemu.Boot,
        folder: Path,
        taps: tuple[int, ...] = (),
        before: tuple[qemu.Link, ...] = (),
        more: tuple[str, ...] = (),
    ) -> None:
        """`folder` is for the control socket and the console's log: one machine each. before: cards
        in front of those with taps. more: of QEMU's arguments."""
        self.target = target
        self.boot = boot
        self.folder = folder
        self.taps = taps
        self.before = before
        self.more = more
        self.lines: list[Line] = []
        self.rest = ""  # what stands behind the last line: a question, say
        self.process: subprocess.Popen[bytes] | None = None
        self.reader: threading.Thread | None = None
        self.control: Control | None = None
        self.has_panicked = False

    def __enter__(self) -> "Emulated":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """QEMU runs; what boots tells itself on the console."""
        machine = qemu.emulated(self.target)
        if shutil.which(machine.program) is None:
            raise Missing(f"{machine.program} is not there: run `make setup`")
        path = self.folder / "control"
        path.unlink(missing_ok=True)
        links = (*self.before, *(qemu.Link.tap(fileno) for fileno in self.taps))
        argv = qemu.arguments(self.target, self.boot, links, serial="stdio", control=path)
        argv += self.more
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", *argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=self.taps,
            start_new_session=True,
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.control = Control(path)

    def _read(self) -> None:
        assert self.process and self.process.stdout
        pending = b""
        with (self.folder / "console").open("ab") as log:
            while octets := os.read(self.process.stdout.fileno(), 65536):
                log.write(octets)
                log.flush()
                *lines, pending = (pending + octets).split(b"\n")
                for line in lines:
                    text = line.decode(errors="replace").rstrip("\r")
                    self.has_panicked = self.has_panicked or PANIC in text
                    self.lines.append(Line(time.time(), text))
                self.rest = pending.decode(errors="replace")

    def await_question(self, text: str, deadline_s: float = BOOT_S) -> None:
        """The console waits for an answer: this text stands behind the last line."""

        def look() -> bool:
            self.check_alive()
            return text in self.rest

        wait.until(
            f"{self.target.name} asks {text!r} on its console",
            look,
            deadline_s=deadline_s,
            evidence=self.tail,
        )

    def type(self, text: str) -> None:
        """Type on the console."""
        assert self.process and self.process.stdin
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def tail(self, count: int = 40) -> str:
        """The console's last lines."""
        return "\n".join(f"  {self.target.name}: {line.text}" for line in self.lines[-count:])

    def await_line(self, pattern: str, *, since: int = 0, deadline_s: float = BOOT_S) -> Line:
        """The first console line behind the first `since` ones in which the pattern is found."""
        compiled = re.compile(pattern)

        def look() -> Line | None:
            self.check_alive()
            return next((line for line in self.lines[since:] if compiled.search(line.text)), None)

        found = wait.until(
            f"{self.target.name} tells {pattern!r} on its console",
            look,
            deadline_s=deadline_s,
            evidence=self.tail,
        )
        assert found
        return found

    def check_alive(self) -> None:
        """AssertionError once QEMU has ended, or the kernel has given up."""
        assert self.process
        if self.has_panicked:
            raise AssertionError(f"{self.target.name}: the kernel panicked\n{self.tail(80)}")
        if self.process.poll() is not None:
            code = self.process.returncode
            raise AssertionError(f"{self.target.name}: QEMU ended with {code}\n{self.tail()}")

    def await_end(self, deadline_s: float = BOOT_S) -> None:
        """The machine switches itself off."""
        assert self.process
        try:
            code = self.process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            raise wait.Unmet(
                f"waited {deadline_s:.0f} s for: {self.target.name} is off\n{self.tail()}"
            ) from None
        if code != 0:
            raise AssertionError(f"{self.target.name}: QEMU ended with {code}\n{self.tail()}")

    def close(self) -> None:
        """End it, however far it is; safe to repeat."""
        if self.process and self.process.poll() is None:
            with contextlib.suppress(OSError):
                self.process.kill()
            self.process.wait()
        if self.reader:
            self.reader.join(10.0)
        if self.control:
            self.control.close()
        for stream in (self.process.stdin, self.process.stdout) if self.process else ():
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()
