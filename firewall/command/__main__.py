"""`frost-firewall`, which `frost firewall` runs: its verbs are in this folder, here their table."""

from agent import report
from agent.command import arguments, ending
from agent.command.console import Console
from agent.options import UsageError
from agent.port import process
from firewall.command import denied, explain, listing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PROGRAM = "frost firewall"
QUESTION = "SRC DST PROTO [SPORT DPORT | TYPE [CODE]] [in IF] [out IF]"
# verb, function, options without a value, options with one, operands at most, usage
VERBS = (
    ("list", listing.show, "jv", "", 0, "[list] [-j] [-v]"),
    ("explain", explain.explain, "j", "sFw", 10,
     "explain [-j] [-s STATE] [-F FLAG,...] [-w NAME=NUMBER,...] " + QUESTION),
    ("denied", denied.show, "jf", "Nl", 0, "denied [-j] [-f] [-N LINES] [-l SERVICE]"),
)  # fmt: skip


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Run one verb, `list` when none is named; returns its exit code (README.md)."""
    rows = [row for row in VERBS if argv and argv[0] == row[0].encode()]
    rest = argv[1:]
    if not rows and (not argv or argv[0][:1] == b"-"):
        rows, rest = [VERBS[0]], argv
    usage = ["%s %s" % (PROGRAM, row[5]) for row in rows or VERBS]
    return ending.code(PROGRAM, lambda: _run(rows, argv, rest, environ), usage)


def _run(
    rows: "list[Any]", argv: list[bytes], rest: list[bytes], environ: dict[bytes, bytes]
) -> int:
    if not rows:
        raise UsageError("expected a verb, got %s" % report.show(argv[0]))
    _, verb, plain, valued, most, _ = rows[0]
    options, words = arguments.parse(rest, plain, valued)
    if len(words) > most:
        raise UsageError("expected at most %d operands, got %d" % (most, len(words)))
    return verb(Console(environ, "j" in options), options, words)  # type: ignore[no-any-return]


def run() -> None:
    """Console-script and frozen entry."""
    ending.leave(lambda: main(process.argv()[1:], process.environ()))


if __name__ == "__main__":
    run()
