"""The `halt`, `poweroff` and `reboot` programs: they ask process 1, or end the machine at once."""

import sys

from agent import options, report
from agent.port import machine, process
from services.boot import finish
from services.boot.end import ENDS
from services.boot.steps import text_of

USAGE = "%s [-f]"
SVSCAN = "s6-svscan"
SIGNALS = {"halt": process.SIGUSR1, "poweroff": process.SIGUSR2, "reboot": process.SIGTERM}

OK, OTHER, WRONG_USAGE, SYSTEM_CALL_FAILED = 0, 1, 100, 111


def main(argv: list[bytes]) -> int:
    """Run the program; returns its exit code (docs: services/boot/README.md)."""
    how = argv[0].rpartition(b"/")[2].decode()
    try:
        opts, words = options.parse(argv[1:], "f", "")
        if words or how not in ENDS:
            raise options.UsageError("expected no operands")
    except options.UsageError as error:
        report.say(how, "%s" % error)
        report.say(how, "usage: " + USAGE % how)
        return WRONG_USAGE
    try:
        return _now(argv[0], how) if "f" in opts else _ask(how)
    except OSError as error:
        report.say(how, process.strerror(error.errno or 0))
        return SYSTEM_CALL_FAILED


def _ask(how: str) -> int:
    """Signal process 1 and return: whoever called may be a service that is about to be stopped."""
    name = text_of("/proc/1/comm").strip()
    if name != SVSCAN:
        text = "process 1: expected %s, got %s; `%s -f` ends the machine at once"
        report.say(how, text % (SVSCAN, report.show(name), how))
        return OTHER
    process.kill(1, SIGNALS[how])
    return OK


def _now(program: bytes, how: str) -> int:
    """Write to the disks, for as long as that takes at most, and end the machine."""
    try:
        process.spawn([b"frost-init", finish.LAST_RESORT.encode(), how.encode()])
    except OSError:
        pass  # without it a disk that hangs has to be waited for
    machine.sync()
    machine.end(how)
    return SYSTEM_CALL_FAILED


def run() -> None:
    """Console-script and frozen entry."""
    sys.exit(main(process.argv()))


if __name__ == "__main__":
    run()
