"""`frost`, the operator's command: its verbs are in agent/command, this is their table."""

from agent import report
from agent.command import (
    acting,
    arguments,
    check,
    elsewhere,
    ending,
    events,
    logs,
    outputs,
    setup,
    status,
    up_once,
)
from agent.command import why as explanation
from agent.command.console import PROGRAM, Console
from agent.command.errors import NotRunning
from agent.options import UsageError
from agent.port import process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# verb, function, options without a value, options with one, operands at least, at most, usage
VERBS = (
    ("status", status.status, "j", "", 0, 1, "[-j] [NAME]"),
    ("why", explanation.why, "j", "", 1, 1, "[-j] NAME"),
    ("start", acting.start, "", "", 1, 1, "NAME"),
    ("stop", acting.stop, "", "", 1, 1, "NAME"),
    ("release", acting.release, "", "", 1, 1, "NAME"),
    ("restart", acting.restart, "", "", 1, 1, "NAME"),
    ("wait", acting.wait, "", "t", 1, 1, "[-t SECONDS] NAME"),
    ("up-once", up_once.up_once, "", "t", 1, 1, "[-t SECONDS] NAME"),
    ("outputs", outputs.show, "j", "", 0, 2, "[-j] [SERVICE [PATH]]"),
    ("events", events.events, "jf", "", 0, 0, "[-j] [-f]"),
    ("log", logs.show, "jf", "N", 0, 1, "[-j] [-f] [-N LINES] [NAME]"),
    ("health", acting.health, "j", "", 0, 0, "[-j]"),
    ("check", check.check, "j", "", 1, 1, "[-j] GRAPH"),
    ("reload", acting.reload, "", "", 0, 0, ""),
    ("shutdown", acting.shutdown, "", "t", 0, 0, "[-t SECONDS]"),
    ("replay", check.replay, "j", "", 1, 1, "[-j] FILE"),
    ("setup", setup.setup, "", "", 0, 0, ""),
)
OTHERS = "VERB ...   runs the program frost-VERB, as for firewall"


def main(argv: list[bytes], environ: dict[bytes, bytes], called: bytes = b"frost") -> int:
    """Run one verb; returns its exit code (agent/README.md). called: the path of this program."""
    rows = [row for row in VERBS if argv and argv[0] == row[0].encode()]
    if argv and not rows:
        code = elsewhere.run(called, argv, environ)
        if code is not None:
            return code
    usage = [("frost %s %s" % (row[0], row[6])).rstrip() for row in rows or VERBS]
    usage += [] if rows else ["frost " + OTHERS]
    return ending.code(PROGRAM, lambda: _run(rows, argv, environ), usage)


def _run(rows: "list[Any]", argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    if not rows:
        raise UsageError("expected a verb, got %s" % (report.show(argv[0]) if argv else "none"))
    _, verb, plain, valued, least, most, _ = rows[0]
    opts, words = arguments.parse(argv[1:], plain, valued)
    if not least <= len(words) <= most:
        wanted = "%d" % least if least == most else "%d to %d" % (least, most)
        raise UsageError("expected %s operands, got %d" % (wanted, len(words)))
    console = Console(environ, "j" in opts)
    try:
        return verb(console, opts, words)  # type: ignore[no-any-return]
    except NotRunning:
        raise acting.not_running(console.where) from None


def run() -> None:
    """Console-script and frozen entry."""
    argv = process.argv()
    ending.leave(lambda: main(argv[1:], process.environ(), argv[0]))


if __name__ == "__main__":
    run()
