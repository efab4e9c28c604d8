"""Where verbs print: everything passes the redactor and the escaping of control characters."""

from agent import environment, report
from agent.command import json_line
from agent.command.errors import SYSTEM_CALL_FAILED, CommandError
from agent.command.redaction import Redactor
from agent.daemon import places
from agent.port import files, process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PROGRAM = "frost"
# A piece of a line: text, or (colour, text)
GREEN, RED, YELLOW, DIM, BOLD = "32", "31", "33", "2", "1"
TERMINALS = ("/dev/pts/", "/dev/tty", "/dev/console")


class Console:
    """`where`: the places. `json`: one JSON object a line is asked for."""

    def __init__(self, environ: dict[bytes, bytes], json: bool) -> None:
        """Raises options.UsageError for variables that are no text."""
        self.environ = environ
        self.where = places.from_environment(environ)
        self.path = environment.variable(environ, b"PATH", "")
        self.json = json
        self.redactor = Redactor([])
        self.blind = False  # what is secret is not known, so logs are not shown
        plain = environ.get(b"NO_COLOR", b"") != b"" or environ.get(b"TERM", b"") == b"dumb"
        self.colour = not plain and _is_terminal()

    def line(self, pieces: "list[str | tuple[str, str]]") -> None:
        """Print one line of pieces: texts, or (colour, text) pairs."""
        shown = ""
        for piece in pieces:
            colour, text = ("", piece) if isinstance(piece, str) else piece
            text = report.plain(self.redactor.text(text))
            shown += "\x1b[%sm%s\x1b[m" % (colour, text) if colour and self.colour else text
        self._write(shown.rstrip() + "\n")

    def record(self, record: "dict[str, Any]") -> None:
        """Print one JSON object as a line."""
        self._write(json_line.render(self.redactor.value(record)) + "\n")

    def say(self, text: str) -> None:
        """One line on standard error."""
        report.say(PROGRAM, self.redactor.text(text))

    def _write(self, text: str) -> None:
        try:
            process.write(1, text.encode())
        except OSError as error:
            text = "standard output: %s" % process.strerror(error.errno or 0)
            raise CommandError(SYSTEM_CALL_FAILED, text) from None


def _is_terminal() -> bool:
    """Whether standard output is a terminal: what it is open on tells (proc(5))."""
    try:
        return files.readlink("/proc/self/fd/1").startswith(TERMINALS)
    except (OSError, UnicodeError):
        return False
