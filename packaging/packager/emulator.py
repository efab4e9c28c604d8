"""QEMU on this terminal: started so that it ends with us, and the terminal is as it was after."""

import contextlib
import shutil
import subprocess
import sys
import termios
from collections.abc import Iterator

from packager.isp import interruption
from packager.qemu import QemuError

END_S = 5.0  # for QEMU to end by itself when it is told to


def play(argv: list[str], inherited: tuple[int, ...] = ()) -> int:
    """Run QEMU to its end; its exit code. QemuError if it is not installed.

    However this ends, by an exception or a signal too, QEMU ends first. `inherited`: descriptors
    that the command names.
    """
    if shutil.which(argv[0]) is None:
        raise QemuError(
            f"{argv[0]}: expected QEMU's program, it is not installed: run `make setup`"
        )
    with _terminal_kept():
        # Killed outright we could do nothing any more: the kernel ends it then.
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", *argv], pass_fds=inherited
        )
        try:
            return process.wait()
        finally:
            with interruption.undisturbed():
                _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def _terminal_kept() -> Iterator[None]:
    """A QEMU that is killed leaves the terminal raw."""
    if not sys.stdin.isatty():
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
