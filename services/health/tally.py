"""What the results of a check amount to. Pure."""

from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    class Tally(NamedTuple):
        ready: bool
        failures: int

else:
    # ready: it has succeeded once. failures: how many came in a row since.
    Tally = namedtuple("Tally", ("ready", "failures"))

START = Tally(False, 0)


def count(before: Tally, succeeded: bool) -> Tally:
    """One more result."""
    return Tally(True, 0) if succeeded else Tally(before.ready, before.failures + 1)


def words(failures: int, said: str) -> str:
    """Why the check is over, for people. said: the last line of the command that failed."""
    return "%d failure%s in a row, the last: %s" % (failures, "" if failures == 1 else "s", said)
