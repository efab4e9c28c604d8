"""A machine in qemu: boots in seconds, runs one script, tells on its console, ends."""

import shutil
import subprocess
from pathlib import Path

from packager.debian.kernel import Kernel
from tests.machine.kernel import Missing, unpacked

QEMU, PACKAGE = "qemu-system-x86_64", "qemu-system-x86"
END = "machine: end"
# Emulated: KVM is not to be had everywhere, and hangs where it is nested badly.
OPTIONS = ["-accel", "tcg,thread=single", "-cpu", "max", "-smp", "1", "-m", "256", "-nodefaults"]
OPTIONS += ["-display", "none", "-serial", "stdio", "-no-reboot", "-nic", "none"]
# A machine that panics ends at once. What is told is the script's alone.
WORDS = "console=ttyS0 quiet panic=-1 mitigations=off no_timer_check rdinit=/init"


class Failed(AssertionError):
    """The machine did not come to its end."""


def run(kernel: Kernel, initramfs: bytes, folder: Path, deadline_s: float = 180.0) -> list[str]:
    """Boot it and return what it told. Failed unless that ends with the final line."""
    if shutil.which(QEMU) is None:
        raise Missing(f"{QEMU} is not there: run `make setup` or `apt-get install {PACKAGE}`")
    image, console = folder / "initramfs", folder / "console"
    image.write_bytes(initramfs)
    argv = [QEMU, *OPTIONS, "-kernel", str(unpacked(kernel)), "-initrd", str(image)]
    argv += ["-append", WORDS]
    with console.open("wb") as told:
        try:
            subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=told, stderr=told,
                           timeout=deadline_s, check=False)  # fmt: skip
        except subprocess.TimeoutExpired:
            pass
    lines = console.read_text(errors="replace").replace("\r", "").splitlines()
    if END not in lines:
        raise Failed(f"expected the line {END!r} within {deadline_s:.0f} s; last lines:\n"
                     + "\n".join(lines[-30:]))  # fmt: skip
    return lines[: lines.index(END)]
