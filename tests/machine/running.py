"""A machine in qemu that is watched and spoken to while it runs; it may start again in between."""

import resource
import shutil
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType

from tests.machine.kernel import Kernel, Missing, unpacked
from tests.machine.machine import PACKAGE, QEMU, Failed

# Emulated, as in machine.py; but a reboot is one, so -no-reboot is missing.
OPTIONS = ["-accel", "tcg,thread=single", "-cpu", "max", "-smp", "1", "-m", "192", "-nodefaults"]
OPTIONS += ["-display", "none", "-nic", "none"]
WORDS = "console=ttyS0 mitigations=off no_timer_check loglevel=6"
SLOW_S = 180.0  # for a step that takes 5 where nothing else is to be done


class Running:
    """One qemu. `disks`: images that it may write to, /dev/vda and so on. `more`: further words of
    its command."""

    def __init__(
        self,
        kernel: Kernel,
        initramfs: Path,
        words: str,
        disks: list[Path],
        folder: Path,
        more: tuple[str, ...] = (),
    ) -> None:
        if shutil.which(QEMU) is None:
            raise Missing(f"{QEMU} is not there: run `make setup` or `apt-get install {PACKAGE}`")
        self.console = folder / "console"
        self._monitor = folder / "monitor"
        self._monitor.unlink(missing_ok=True)
        self._seen = 0
        self.console.write_bytes(b"")
        argv = [QEMU, *OPTIONS, *more, "-kernel", str(unpacked(kernel)), "-initrd", str(initramfs)]
        argv += ["-append", f"{WORDS} {words}", "-serial", f"file:{self.console}"]
        argv += ["-monitor", f"unix:{self._monitor},server,nowait"]
        for disk in disks:
            # writethrough: what the machine has been told is written, a cut leaves written
            argv += ["-drive", f"if=virtio,format=raw,cache=writethrough,file={disk}"]
        self._before = _children_s()
        self._qemu = subprocess.Popen(argv, stdin=subprocess.DEVNULL)

    def __enter__(self) -> "Running":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cut()

    def lines(self) -> list[str]:
        """All that the console has told, of all boots."""
        return self.console.read_text(errors="replace").replace("\r", "").splitlines()

    def wait_for(self, text: str) -> str:
        """The next line that holds this text, behind the one found last."""
        deadline = time.monotonic() + SLOW_S
        while True:
            is_over = self._qemu.poll() is not None
            lines = self.lines()
            for number in range(self._seen, len(lines)):
                if text in lines[number]:
                    self._seen = number + 1
                    return lines[number]
            if is_over or time.monotonic() > deadline:
                state = "the machine's end" if is_over else f"{SLOW_S:.0f} s"
                shown = "\n".join(lines[-40:])
                raise Failed(f"expected {text!r}, got {state}; last lines:\n{shown}")
            time.sleep(0.02)

    def keys(self, names: str) -> None:
        """Press keys together: `ctrl-alt-delete`."""
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.settimeout(SLOW_S)
            monitor.connect(str(self._monitor))
            told = b""
            for command in (b"", f"sendkey {names}\n".encode()):
                monitor.sendall(command)
                while not told.endswith(b"(qemu) "):
                    told += monitor.recv(4096)
                told = b""

    def wait_for_end(self) -> list[str]:
        """The machine's power is off; all that its console told."""
        try:
            self._qemu.wait(SLOW_S)
        except subprocess.TimeoutExpired:
            shown = "\n".join(self.lines()[-40:])
            raise Failed(f"expected the end within {SLOW_S:.0f} s; last lines:\n{shown}") from None
        return self.lines()

    def cut(self) -> None:
        """Cut its power."""
        if self._qemu.poll() is None:
            self._qemu.kill()
        self._qemu.wait()

    def processor_s(self) -> float:
        """The processor's time that it took, once it has ended."""
        return _children_s() - self._before


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
