"""How a command with verbs ends, `frost` and those that it runs: what it raises is told in lines
and becomes its exit code."""

import sys

from agent import report
from agent.command.errors import OTHER, WRONG_USAGE, CommandError
from agent.options import UsageError
from agent.values import OutputsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

INTERRUPTED = 130  # as a shell tells it: 128 and the number of SIGINT


def code(program: str, verb: "Callable[[], int]", usage: list[str]) -> int:
    """Run a verb; its exit code. `usage`: the lines that tell what would have been right."""
    try:
        return verb()
    except UsageError as error:
        report.say(program, "%s" % error)
        for line in usage:
            report.say(program, "usage: " + line)
        return WRONG_USAGE
    except CommandError as error:
        for line in error.lines:
            report.say(program, line)
        return error.code
    except OutputsError as error:
        report.say(program, "%s" % error)
        return OTHER


def leave(main: "Callable[[], int]") -> None:
    """End this program with what `main` returns."""
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
