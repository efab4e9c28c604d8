"""The steps of a boot or an end: done, told and timed; one that fails never stops the others.

Lines go to the kernel's log (/dev/kmsg), where they get its time and reach every console: errors
always, the rest unless the kernel is to be `quiet`.
"""

from agent import report
from agent.port import clock, files, process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

KMSG = "/dev/kmsg"
ERROR, NOTICE = 3, 5  # syslog(3)


def log(program: str, text: str, level: int = NOTICE) -> None:
    """One line to the kernel's log; to standard error while there is none."""
    # Opened for each line: the kernel lets 10 lines in 5 s of one descriptor pass (printk_devkmsg).
    line = "<%d>%s: %s\n" % (level, program, report.plain(text))
    try:
        files.send(KMSG, line.encode())
    except OSError:
        report.say(program, text)


class Steps:
    """What was done when. `begun`: monotonic seconds; `lines`: those of an earlier stage."""

    def __init__(self, program: str, begun: float, lines: list[str]) -> None:
        self.program = program
        self.begun = begun
        self.lines = lines
        self._last = clock.monotonic()

    def attempt(self, what: str, function: "Callable[..., object]", *arguments: object) -> bool:
        """Call it; an error of the system is told in one line, `what` in front."""
        try:
            function(*arguments)
        except OSError as error:
            self.fail("%s: %s" % (what, process.strerror(error.errno or 0)))
            return False
        return True

    def fail(self, text: str) -> None:
        """Tell what went wrong."""
        log(self.program, text, ERROR)

    def done(self, name: str) -> None:
        """A step is over: note when, and how long it took."""
        now = clock.monotonic()
        self.lines.append("%.3f %.3f %s" % (now, now - self._last, name))
        self._last = now

    def text(self) -> str:
        """All steps, for /run/frost/boot: `WHEN TOOK STEP` a line, in monotonic seconds."""
        return "".join(["%.3f 0.000 process-1\n" % self.begun] + [x + "\n" for x in self.lines])

    def summary(self) -> str:
        """The same as one line of the log."""
        parts = ["process 1 at %.3f s" % self.begun]
        for line in self.lines:
            _, took, name = line.split(" ")
            parts.append("%s %s" % (name, took))
        return ", ".join(parts)


def text_of(path: str) -> str:
    """A file's text, "" where there is none or it is none."""
    try:
        return files.read(path).decode()
    except (OSError, UnicodeError):
        return ""
