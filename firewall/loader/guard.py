"""Hears when somebody else takes our tables apart (`nft flush ruleset`): an open router until then.

Our own transactions are heard too: those of elements take nothing out, and what waits after a load
is its own, but for a second transaction.
"""

from agent.port import process
from agent.port.records import Overrun
from agent.report import say
from agent.rulesets import Changes
from firewall.loader import base
from firewall.loader.spec import table_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    Change = tuple[str, str, str, str]

# Elements come and go by timeouts, and new rules are an administrator's wish until the next load.
STRUCTURE = ("table", "chain", "rule", "set")
OURS = [(family, table_of(family)) for family in base.FAMILIES]


def count(changes: "list[Change]", is_open: bool = False) -> tuple[int, bool]:
    """How many transactions took out something of ours, and whether the last goes on. Pure.

    `is_open`: the transaction that goes on has been counted.
    """
    found = 0
    for action, kind, family, table in changes:
        if kind == "generation":
            is_open = False
        elif action == "del" and kind in STRUCTURE and (family, table) in OURS and not is_open:
            found += 1
            is_open = True
    return found, is_open


class Guard:
    """Listens from now on. Without the right to, it tells so and never hears."""

    def __init__(self, program: str) -> None:
        self._program = program
        self._changes: Changes | None = None
        self._is_open = False
        self.resume()

    def resume(self) -> None:
        """Listen from now on (again)."""
        self._is_open = False
        try:
            self._changes = Changes()
        except OSError as error:
            reason = process.strerror(error.errno or 0)
            say(self._program, "changes of rulesets: expected to hear of them, got %s" % reason)

    def pause(self) -> None:
        """Hear nothing until resume()."""
        if self._changes is not None:
            self._changes.close()
            self._changes = None

    def fileno(self) -> int:
        """Readable when something changed; -1 for never."""
        return self._changes.fileno() if self._changes else -1

    def is_damaged(self) -> bool:
        """Whether somebody else took out something of ours, or what they did was lost."""
        if self._changes is None:
            return False
        total = 0
        while True:
            try:
                changes = self._changes.read()
            except Overrun:
                self._is_open = False
                return True
            if not changes:
                return total > 0
            found, self._is_open = count(changes, self._is_open)
            total += found

    def is_disturbed(self) -> bool:
        """The same after a load of ours: whether there was another transaction besides it. One
        whose end was still to come at the last look has been counted: the load may be its repair.
        """
        known = 2 if self._is_open else 1
        self._is_open = False
        return self._changes is not None and self._changes.skip() > known
