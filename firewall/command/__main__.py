"""`frost-firewall`, which `frost firewall` runs: its verbs are in this folder, here their table."""

import sys

from agent import report
from agent.command import arguments
from agent.command.console import Console
from agent.command.errors import OTHER, WRONG_USAGE, CommandError
from agent.options import UsageError
from agent.port import process
from agent.values import OutputsError
from firewall.command import denied, explain, listing

PROGRAM = "frost firewall"
QUESTION = "SRC DST PROTO [SPORT DPORT | TYPE [CODE]] [in IF] [out IF]"
# verb, function, options without a value, options with one, operands at most, usage
VERBS = (
    ("list", listing.show, "jv", "", 0, "[list] [-j] [-v]"),
    ("explain", explain.explain, "j", "sFw", 10,
     "explain [-j] [-s STATE] [-F FLAG,...] [-w NAME=NUMBER,...] " + QUESTION),
    ("denied", denied.show, "jf", "Nl", 0, "denied [-j] [-f] [-N LINES] [-l SERVICE]"),
)  # fmt: skip
INTERRUPTED = 130  # as a shell tells it: 128 and the number of SIGINT


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Run one verb, `list` when none is named; returns its exit code (README.md)."""
    rows = [row for row in VERBS if argv and argv[0] == row[0].encode()]
    rest = argv[1:]
    if not rows and (not argv or argv[0][:1] == b"-"):
        rows, rest = [VERBS[0]], argv
    try:
        if not rows:
            raise UsageError("expected a verb, got %s" % report.show(argv[0]))
        _, verb, plain, valued, most, _ = rows[0]
        options, words = arguments.parse(rest, plain, valued)
        if len(words) > most:
            raise UsageError("expected at most %d operands, got %d" % (most, len(words)))
        return verb(Console(environ, "j" in options), options, words)
    except UsageError as error:
        report.say(PROGRAM, "%s" % error)
        for row in rows or VERBS:
            report.say(PROGRAM, "usage: %s %s" % (PROGRAM, row[5]))
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
        sys.exit(main(process.argv()[1:], process.environ()))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    run()
