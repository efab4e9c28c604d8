"""`frost`, the operator's command: its verbs are in agent/command, this is their table."""

import sys

from agent import report
from agent.command import (
    acting,
    arguments,
    check,
    elsewhere,
    events,
    logs,
    outputs,
    setup,
    status,
    up_once,
)
from agent.command import why as explanation
from agent.command.console import PROGRAM, Console
from agent.command.errors import OTHER, WRONG_USAGE, CommandError, NotRunning
from agent.options import UsageError
from agent.port import process
from agent.values import OutputsError

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
INTERRUPTED = 130  # as a shell tells it: 128 and the number of SIGINT


def main(argv: list[bytes], environ: dict[bytes, bytes], called: bytes = b"frost") -> int:
    """Run one verb; returns its exit code (agent/README.md). called: the path of this program."""
    rows = [row for row in VERBS if argv and argv[0] == row[0].encode()]
    if argv and not rows:
        code = elsewhere.run(called, argv, environ)
        if code is not None:
            return code
    try:
        if not rows:
            got = report.show(argv[0]) if argv else "none"
            raise UsageError("expected a verb, got %s" % got)
        _, verb, plain, valued, least, most, _ = rows[0]
        opts, words = arguments.parse(argv[1:], plain, valued)
        if not least <= len(words) <= most:
            wanted = "%d" % least if least == most else "%d to %d" % (least, most)
            raise UsageError("expected %s operands, got %d" % (wanted, len(words)))
        console = Console(environ, "j" in opts)
        try:
            return verb(console, opts, words)
        except NotRunning:
            raise acting.not_running(console.where) from None
    except UsageError as error:
        report.say(PROGRAM, "%s" % error)
        for row in rows or VERBS:
            report.say(PROGRAM, ("usage: frost %s %s" % (row[0], row[6])).rstrip())
        if not rows:
            report.say(PROGRAM, "usage: frost " + OTHERS)
        return WRONG_USAGE
    except CommandError as error:
        for line in error.lines:
            report.say(PROGRAM, line)
        return error.code
    except OutputsError as error:
        report.say(PROGRAM, "%s" % error)
        return OTHER


def run() -> None:
    """Console-script and frozen entry."""
    try:
        argv = process.argv()
        sys.exit(main(argv[1:], process.environ(), argv[0]))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    run()
