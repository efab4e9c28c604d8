"""The loader at work: the ruleset into the kernel, then the switches, then what outputs change.

A shell: spec, wanted, contents and transaction decide. The rule: what is not in yet is closed, and
what fails leaves what was there before.
"""

from agent import conntrack, outputs
from agent.port import clock, process
from agent.report import say
from firewall.loader import contents, elements, folder, present, settings, transaction, wanted
from firewall.loader.flowtables import Flowtables
from firewall.loader.folder import LoadError
from firewall.loader.taken import Taken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firewall.loader.contents import Change, State
    from firewall.loader.spec import Spec
    from firewall.loader.tables import Tables
    from firewall.loader.wanted import Published

STAYS = "the ruleset before stays"


class Loader:
    """One folder's ruleset in this machine's kernel. `root`: the outputs tree; `service`: the name
    to publish there, "" for none."""

    def __init__(
        self,
        program: str,
        tables: "Tables",
        where: str,
        root: str,
        verbose: bool,
        service: str = "",
    ) -> None:
        self.spec: Spec | None = None  # what is loaded
        self._program, self._tables, self._folder, self._root = program, tables, where, root
        self._verbose = verbose
        self._state = contents.State({}, {})  # what is loaded
        self._published: Published = {}
        self._said: list[str] = []
        self._missing: list[str] = []
        self._before: dict[str, str] = {}  # kernel settings as they were found
        self.flowtables = Flowtables(program, tables)
        self._taken = Taken(program, root, service)

    # --- loading

    def load(self) -> bool:
        """Read the folder and load it; False, after lines that say why, when that failed."""
        try:
            new, ruleset = folder.read(self._folder)
            self._load(new, ruleset)
            self._taken.tell(wanted.assigning(new))
        except LoadError as error:
            for line in error.lines:
                self.say("%s; %s" % (line, STAYS))
            return False
        return True

    def _load(self, new: "Spec", ruleset: bytes) -> None:
        late = settings.put(self._program, new.settings, self._before)
        self._read_outputs(wanted.services(new))
        was_known = self._tables.is_known()
        refusal = self._try(new, ruleset)
        if refusal and was_known:
            # What is remembered may be wrong: somebody else changed our tables. Look, and again.
            self._tables.forget()
            refusal = self._try(new, ruleset)
        if refusal:
            name = self._folder + "/" + folder.RULESET
            raise LoadError([transaction.reason(refusal, ruleset, name)])
        # Modules that the ruleset needed brought theirs.
        late = settings.put(self._program, late, self._before)
        self._tell_missing([path for path, _ in late])

    def _try(self, new: "Spec", ruleset: bytes) -> str:
        there = self._tables.there()
        different = present.changed(there, transaction.result(new))
        if different:
            where = "%s/%s: " % (self._folder, folder.FOLLOW)
            raise LoadError([where + line for line in different])
        now = clock.monotonic()
        state, notes = wanted.decide(new, self._published, now)
        refusal = self._tables.apply(transaction.load(new, ruleset, state, there, now))
        if not refusal:
            self._take(new, state, notes)
            self.flowtables.begin(new, there, self._offloading())
        return refusal

    def _take(self, new: "Spec", state: "State", notes: list[str]) -> None:
        self.spec, self._state = new, state
        self._tables.remember(transaction.with_limits(transaction.result(new), state))
        self._tell(notes)

    def preview(self) -> str:
        """The nft text that load() would apply, and the switches; raises LoadError."""
        new, ruleset = folder.read(self._folder)
        self._read_outputs(wanted.services(new))
        now = clock.monotonic()
        state, notes = wanted.decide(new, self._published, now)
        self._tell(notes)
        try:
            there = self._tables.there()
        except LoadError as error:
            self.say("%s; what is loaded is not known" % error)
            there = {}
        text = str(transaction.load(new, ruleset, state, there, now), "utf-8")
        pairs = new.settings + new.switches
        return text + "".join(["# %s%s = %s\n" % (settings.PROC, p, v) for p, v in pairs])

    def open(self) -> None:
        """The forwarding switches on: the ruleset is in."""
        assert self.spec is not None
        settings.put(self._program, self.spec.switches)

    def undo(self) -> bool:
        """Closed as before load(): the base ruleset alone, kernel settings as they were found."""
        closed = self._tables.reset(False)
        settings.put(self._program, sorted(self._before.items()))
        return closed

    def repair(self) -> None:
        """Somebody else took out something of ours: all anew, or else nothing is forwarded."""
        self._tables.is_damaged = False
        self.say("somebody else took out rules or sets of ours; loading all anew")
        self._tables.forget()
        if self.load():
            self.open()
        else:
            self._tables.prepare()

    # --- following

    def follow(self, names: "list[str] | None") -> None:
        """Take in the outputs of these services (None: of all) and change what they change."""
        if self.spec is None:
            return
        followed = wanted.services(self.spec)
        if names is not None and not [name for name in names if name in followed]:
            return
        vanishing = wanted.forgettable(self.spec, self._published)
        self._read_outputs([name for name in followed if names is None or name in names])
        now = clock.monotonic()
        state, notes = wanted.decide(self.spec, self._published, now)
        contents.expire(self._state.sets, now)
        self._tell(notes)
        contents.carry(self._state, state)
        whole = elements.intervals(elements.kinds(self.spec))
        changes = contents.changes(self._state, state, whole)
        if not changes or self._change(self.spec, state, changes, now):
            self._taken.tell(wanted.assigning(self.spec))
        left = wanted.forgettable(self.spec, self._published)
        vanished = [each for each in vanishing if each not in left]
        if vanished:
            self.flowtables.pause()
        for address in vanished:
            self._forget(address)
        self.flowtables.follow(self._offloading(), bool(changes or vanished))

    def follow_links(self) -> None:
        """Links have come or gone."""
        self.flowtables.follow(self._offloading())

    def _change(self, spec: "Spec", state: "State", changes: "list[Change]", now: float) -> bool:
        """Make these changes; False: not even a load of all has made them."""
        for line in contents.text(changes, now).split("\n")[:-1] if self._verbose else []:
            self.say(line)
        refusal = self._tables.change(elements.messages(changes, elements.kinds(spec), now))
        if refusal:
            self.say("%s; loading all anew" % refusal)
            self._tables.forget()
            return self.load()
        self._take(spec, state, self._said)
        return True

    def _offloading(self) -> list[str]:
        """The links between which flows are offloaded."""
        assert self.spec is not None
        return [link for name, some in wanted.members(self.spec, self._published, [])
                if name in self.spec.offload for link in some]  # fmt: skip

    def _forget(self, address: str) -> None:
        """End the connections of an address that has vanished, and no other ones."""
        try:
            count = conntrack.forget(address)
        except OSError as error:
            reason = process.strerror(error.errno or 0)
            self.say("connections of %s: expected to forget them, got %s" % (address, reason))
            return
        self.say("%s has vanished: forgot its connections, %d" % (address, count))

    def _read_outputs(self, names: list[str]) -> None:
        """Take in these services' outputs; what can't be read is told, and what was read stays."""
        for name in names:
            try:
                self._taken.look(name)
                self._published[name] = outputs.read(self._root, name) or {}
            except outputs.OutputsError as error:
                self.say("%s" % error)

    def _tell_missing(self, paths: list[str]) -> None:
        """Settings that this kernel lacks, once: it has no such protocol to time."""
        if paths and paths != self._missing:
            self.say("%s: this kernel lacks these settings; they are left out" % ", ".join(paths))
        self._missing = paths

    def _tell(self, notes: list[str]) -> None:
        """Say each note when it comes up, and not again as long as it holds."""
        for note in notes:
            if note not in self._said:
                self.say(note)
        self._said = notes

    def say(self, text: str) -> None:
        say(self._program, text)
