"""Our tables in the kernel: what there is of them, transactions on them, and the base ruleset."""

from agent.port import errno, nft, process
from agent.report import say
from agent.rulesets import Kernel
from firewall.loader import base, present, settings
from firewall.loader.folder import LoadError
from firewall.loader.guard import Guard
from firewall.loader.spec import table_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.port.nf_batch import Message
    from firewall.loader.present import Present


class Tables:
    """frost_ip and frost_ip6. `guard`: hears of what others do to them, None for nobody."""

    def __init__(self, program: str, guard: Guard | None = None) -> None:
        self._program, self._guard = program, guard
        self._kernel = Kernel()
        self._there: Present | None = None  # None: not known
        self.is_damaged = False  # somebody else took out something, by what was heard so far

    def is_known(self) -> bool:
        """Whether there() costs nothing."""
        return self._there is not None

    def there(self) -> "Present":
        """What there is of ours: asked for once, then remembered. Raises LoadError."""
        if self._there is None:
            self._there = self._look()
        return self._there

    def forget(self) -> None:
        """What is remembered may be wrong: ask again."""
        self._there = None

    def remember(self, there: "Present") -> None:
        """A transaction has made this of them."""
        self._there = there

    def _look(self) -> "Present":
        try:
            return present.read(self._kernel.listing())
        except OSError as error:
            reason = process.strerror(error.errno or 0)
            raise LoadError(["tables: expected to list them, got %s" % reason]) from None

    def change(self, changes: "list[Message]") -> str:
        """One transaction that changes what sets hold; "" or why not."""
        refusal = ""
        try:
            self._kernel.change(changes)
        except OSError as error:
            refusal = "change of elements: %s" % process.strerror(error.errno or 0)
        if self._guard is not None and self._guard.is_damaged():
            self.is_damaged = True
        return refusal

    def apply(self, text: "str | bytes") -> str:
        """One transaction that may take out rules of ours; "" or why not."""
        # Each element of a file would be an event to hear: deaf meanwhile, and a look afterwards.
        is_large = isinstance(text, bytes) and b"\ninclude " in text
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
                self.is_damaged = not self._look()
            elif not refusal:
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
        refusal = self.apply("".join([base.text(family) for family in missing]))
        if refusal:
            say(self._program, "base ruleset: %s" % refusal.split("\n")[0])
            return False
        there.update(present.declared([base.table(family) for family in missing]))
        return closed

    def reset(self, is_open: bool) -> bool:
        """Forwarding off and the base ruleset alone, or with is_open no table of ours at all; False
        when that can't be done."""
        closed = settings.close(self._program)
        text = "".join([base.clear(family) for family in base.FAMILIES])
        if not is_open:
            text += "".join([base.text(family) for family in base.FAMILIES])
        refusal = self.apply(text)
        self.forget()
        if refusal:
            say(self._program, "tables: %s" % refusal.split("\n")[0])
        return closed and not refusal


def _reason(error: OSError) -> str:
    if error.errno == errno.ENOENT:
        return "expected nft or libnftables, got neither; install nftables"
    return process.strerror(error.errno or 0)
