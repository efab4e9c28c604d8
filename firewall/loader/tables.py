"""Our tables in the kernel: what there is of them, transactions on them, and the base ruleset."""

from agent.port import errno, nft, process
from agent.report import say
from firewall.loader import base, present, settings
from firewall.loader.folder import LoadError
from firewall.loader.guard import Guard
from firewall.loader.spec import table_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firewall.loader.present import Present


class Tables:
    """frost_ip and frost_ip6. `guard`: hears of what others do to them, None for nobody."""

    def __init__(self, program: str, guard: Guard | None = None) -> None:
        self._program, self._guard = program, guard
        self._there: Present | None = None  # None: not known
        self.is_damaged = False  # somebody else took out something, by what was heard so far

    def is_known(self) -> bool:
        """Whether there() costs nothing."""
        return self._there is not None

    def there(self) -> "Present":
        """What there is of ours: asked for once, then remembered. Raises LoadError."""
        if self._there is None:
            self._there = present.read(self._listing(present.LISTED, False))
        return self._there

    def forget(self) -> None:
        """What is remembered may be wrong: ask again."""
        self._there = None

    def remember(self, there: "Present") -> None:
        """A transaction has made this of them."""
        self._there = there

    def _listing(self, what: "str | tuple[str, ...]", elements: bool) -> "list[dict[str, Any]]":
        try:
            return nft.listing(what, elements)
        except OSError as error:
            raise LoadError(["nft list: %s" % _reason(error)]) from None

    def apply(self, text: "str | bytes", is_load: bool = False) -> str:
        """One transaction; "" or why not. `is_load`: it takes out rules of ours itself."""
        # Each element of a file would be an event to hear: deaf meanwhile, and a look afterwards.
        is_large = is_load and isinstance(text, bytes) and b"\ninclude " in text
        if self._guard is not None and is_large:
            self._guard.pause()
        try:
            refusal = nft.apply(text)
        except OSError as error:
            self._there = None
            return "nft: %s" % _reason(error)
        finally:
            if self._guard is not None and is_large:
                self._guard.resume()
        if self._guard is not None:
            if is_large:
                self.is_damaged = not present.read(self._listing(("chains",), False))
            elif is_load and not refusal:
                self.is_damaged = self._guard.is_disturbed()
            elif self._guard.is_damaged():
                self.is_damaged = True
        return refusal

    def prepare(self) -> bool:
        """Close a machine that lacks a table of ours; False when that can't be done."""
        there = self.there()
        missing = [each for each in base.FAMILIES if (each, "table", table_of(each)) not in there]
        if not missing:
            return True
        closed = settings.close(self._program)
        refusal = self.apply("".join([base.text(family) for family in missing]), True)
        if refusal:
            say(self._program, "base ruleset: %s" % refusal.split("\n")[0])
            return False
        there.update(present.declared([base.table(family) for family in missing]))
        return closed


def _reason(error: OSError) -> str:
    if error.errno == errno.ENOENT:
        return "expected nft or libnftables, got neither; install nftables"
    return process.strerror(error.errno or 0)
