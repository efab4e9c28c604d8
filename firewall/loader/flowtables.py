"""Our flowtables in the kernel, kept at the zones' links: what is in one passes the rules by.

A shell: offload has the text. The rule: after a change of what the rules ask, known flows pass the
rules once more, by a flowtable that is made anew; those that still may are in it a packet later.
"""

from agent.port import process
from agent.report import say
from agent.view import View
from firewall.loader import offload

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firewall.loader.present import Present
    from firewall.loader.spec import Spec
    from firewall.loader.tables import Tables

CHAIN = ("chain", offload.CHAIN)


class Flowtables:
    """None, until begin() with a spec that offloads."""

    def __init__(self, program: str, tables: "Tables") -> None:
        self._program, self._tables = program, tables
        self._families: list[str] = []  # that should have one
        self._made: list[str] = []  # families that may have one
        self._links: list[tuple[str, int]] = []  # what was tried last
        self._refusal = ""  # why there is none, as said
        self._view: View | None = None  # of all links

    def begin(self, spec: "Spec", there: "Present", links: list[str]) -> None:
        """After a load: `there` is what there was before it."""
        self._made = self._made + [each[0] for each in there if each[1:] == CHAIN]
        self._families = [table.family for table in spec.tables] if spec.offload else []
        gone = [each for each in sorted(set(self._made)) if each not in self._families]
        if gone:
            self._tables.apply("".join([offload.end(family) for family in gone]))
        self._made = self._families
        if self._families:
            self._listen()
            self._put(self._existing(links), [offload.begin(family) for family in self._families])

    def follow(self, links: list[str], is_anew: bool = False) -> None:
        """Bring them to these links. `is_anew`: known flows pass the rules once more."""
        existing = self._existing(links)
        if self._families and (existing != self._links or (is_anew and not self._refusal)):
            self._put(existing, [])

    def pause(self) -> None:
        """Empty until the next follow(), so that connections can be forgotten: older kernels delete
        none that is in one (EBUSY), and newer ones let it pass for up to a second more."""
        if self._families and not self._refusal:
            self._put([], [])

    def fileno(self) -> int:
        """Readable when links may have come or gone; -1 for never."""
        return self._view.fileno() if self._view and self._families else -1

    def _listen(self) -> None:
        """The kernel takes a link that vanishes out of them, and puts none in that comes."""
        if self._view is not None:
            return
        try:
            self._view = View(("link",))
        except OSError as error:
            reason = process.strerror(error.errno or 0)
            say(self._program, "links: expected to hear of them, got %s" % reason)

    def _existing(self, links: list[str]) -> "list[tuple[str, int]]":
        """Those that are there, as (name, index): one that returns has another index. A flowtable
        with a missing link can't be made."""
        if self._view is None:
            return []
        for _ in self._view.read():
            pass
        there = [(link.name, link.index) for link in self._view.links.values()]
        return sorted([each for each in there if each[0] in links])

    def _put(self, links: "list[tuple[str, int]]", before: list[str]) -> None:
        names = [name for name, _ in links]
        texts = before + [offload.devices(family, names) for family in self._families]
        refusal = self._tables.apply("".join(texts)).split("\n")[0]
        self._links = links
        if refusal and refusal != self._refusal:
            say(self._program, "offload: %s; going on by rules" % refusal)
        self._refusal = refusal
