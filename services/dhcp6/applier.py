"""The loop that wan_address, lan_prefix, dhcp4_address and static_route share: hear, decide, record
the intent, apply.

A Plan comes from the program's own pure `decide`. The intent (outputs and memo) is published before
the kernel is touched, so a kill at any point leaves nothing that the next start does not know of.
"""

from agent import outputs, readiness
from agent.port import clock, errno, netlink, poll, process
from agent.report import say, show, tell
from agent.view import View
from services.dhcp6 import lease as leases
from services.dhcp6 import objects, owner, reconcile
from services.dhcp6.intent import Intent
from services.dhcp6.retries import Retries
from services.dhcp6.seen import Seen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from services.dhcp6.intent import Decide
    from services.dhcp6.plan import Plan
    from services.dhcp6.reconcile import Action
    from services.dhcp6.settings import Settings

    # What makes a lease (any that the program's `decide` understands) of outputs
    Read = Callable[[dict[str, str] | None], Any]

# What a put answers when its link went away or down meanwhile: the view is about to tell.
GONE = (errno.ENODEV, errno.ENXIO, errno.ENETDOWN)
SIGNALS = [int(process.SIGTERM), int(process.SIGINT)]


class Applier:
    """One program at work on one lease. `chosen`: its settings. `read`: what makes a lease of
    outputs. `family`: 4 or 6, whose addresses and routes it sees. `tells`: "address" or "route",
    which of what it wants makes it ready."""

    def __init__(
        self,
        program: str,
        chosen: "Settings",
        lease: str,
        decide: "Decide",
        read: "Read",
        family: int,
        tells: str,
    ) -> None:
        root, service = chosen.root, chosen.service
        self._tells = tells
        self.verbose = chosen.verbose
        self._read = read
        self.ready_fd = readiness.NOBODY
        self._program, self._root, self._service, self._lease_name = program, root, service, lease
        self._lease = read(None)
        self._read_lease()
        snapshot = outputs.peek(root, service)
        self._published = (snapshot.values, snapshot.memo)
        self._intent = Intent(decide, snapshot.memo)
        self._view = View(("link", "address", "route"))
        self._kernel = netlink.Kernel()
        self._seen = Seen(self._view, clock.monotonic(), family)
        self._retries = Retries()
        self._said: list[str] = []

    def run(self) -> int:
        """Work until a signal asks to stop; what is in the kernel stays. Returns the exit code."""
        signals = process.Signals(SIGNALS)
        watch = outputs.Watch(self._root)
        self._read_lease()  # again: it may have changed before there was a watch
        filenos = [watch.fileno(), self._view.fileno(), signals.fileno()]
        wake_at = self.step()
        while True:
            now = clock.monotonic()
            timeout = None if wake_at == float("inf") else max(0.0, wake_at - now)
            ready = poll.ready(filenos, timeout)
            if filenos[2] in ready and signals.read():
                return 0
            if filenos[1] in ready:
                self._follow()
            if filenos[0] in ready:
                names = watch.read()
                if names is None or self._lease_name in names:
                    self._read_lease()
                elif ready == filenos[:1]:
                    continue  # somebody else's outputs, or our own: the step would change nothing
            wake_at = self.step()

    def preview(self) -> list[str]:
        """What step() would do now, one line for each; nothing is done."""
        now = clock.monotonic()
        plan = self._intent.plan(now, self._lease, self._view.links)
        lines = _differences(self._published[0] or {}, self._values(plan))
        for action in self._intent.actions(plan, self._seen.objects, self._seen.up, now):
            lines.append(reconcile.show(action, now))
        self._tell(plan)
        return lines

    def step(self) -> float:
        """Decide, record the intent, apply; returns when to look again, whatever happens."""
        now = clock.monotonic()
        self._retries.begin()
        plan = self._intent.plan(now, self._lease, self._view.links)
        self._publish(plan, now)
        for action in self._intent.actions(plan, self._seen.objects, self._seen.up, now):
            self._apply(action)
        self._announce(plan)
        if self._intent.settle(plan, self._seen.objects):
            self._publish(plan, now)
        self._retries.forget_others(["outputs"] + self._intent.owned)
        self._tell(plan)
        renew_at = reconcile.renew_at(plan, self._seen.objects, now)
        return min(plan.wake_at, self._retries.next_at(), renew_at)

    def remove_all(self) -> bool:
        """Remove all that is ours from the kernel, then the outputs; False if something stayed."""
        self._retries = Retries()
        for key in sorted(self._intent.owned, key=str, reverse=True):
            if key in self._seen.objects:
                self._apply(reconcile.Action(reconcile.REMOVE, key, None))
        if [key for key in self._intent.owned if key in self._seen.objects]:
            return False
        outputs.clear(self._root, self._service)
        return True

    def _follow(self) -> None:
        up = list(self._seen.up)
        self._seen.follow(clock.monotonic())
        risen = [index for index in self._seen.up if index not in up]
        for key in self._intent.owned if risen else []:
            if objects.index_of(key) in risen:
                self._retries.done(key)  # the kernel had emptied the link: no one undid our work

    def _read_lease(self) -> None:
        """Take in the lease; one that can't be read is told, and the one before stays."""
        try:
            self._lease = self._read(outputs.read(self._root, self._lease_name))
        except outputs.OutputsError as error:
            self._say("%s" % error)

    def _values(self, plan: "Plan") -> dict[str, str]:
        values = dict(plan.values)
        values["lease"] = self._lease_name
        return values

    def _publish(self, plan: "Plan", now: float) -> None:
        wanted = (self._values(plan), self._intent.memo())
        if wanted == self._published or not self._retries.is_due("outputs", wanted, now):
            return
        try:
            outputs.update(self._root, self._service, lambda _: outputs.Snapshot(*wanted))
        except (OSError, outputs.OutputsError) as error:
            # The lifetimes bound what a kill could leave behind now; the LANs need their addresses.
            self._retries.failed("outputs", wanted, now)
            self._say("outputs of %s: %s; trying again" % (self._service, _reason(error)))
            return
        self._retries.done("outputs")
        self._published = wanted

    def _apply(self, action: "Action") -> None:
        now = clock.monotonic()
        key = action.key
        # Each look shortens to another second; it is the same attempt all the same.
        what = action.verb if action.verb == reconcile.SHORTEN else action.state
        if not self._retries.is_due(key, what, now):
            return
        if self.verbose:
            say(self._program, reconcile.show(action, now))
        try:
            if action.state is None:
                objects.remove(self._kernel, key)
            else:
                objects.put(self._kernel, key, action.state, now)
        except OSError as error:
            self._retries.failed(key, what, now)
            if error.errno not in GONE:
                self._say("%s: %s; trying again" % (reconcile.show(action, now), _reason(error)))
            return
        self._seen.wrote(key, action.state)
        if action.state is None:
            self._retries.done(key)
            return
        self._retries.wrote(key, what, now)

    def _announce(self, plan: "Plan") -> None:
        """Readiness comes with the first address, be it one that an earlier run has put there."""
        there = [key for key in plan.wanted if key[0] == self._tells and key in self._seen.objects]
        if there:
            readiness.tell(self._program, self.ready_fd)
            self.ready_fd = readiness.NOBODY

    def _tell(self, plan: "Plan") -> None:
        """Say each note when it comes up, and not again as long as it holds."""
        notes = list(plan.notes)
        for key in self._seen.failed:
            if key in plan.wanted and key in self._seen.objects:
                notes.append("%s: another host on that link has it" % objects.describe(key))
        for key in reconcile.occupied(plan.wanted, self._intent.owned, self._seen.objects):
            notes.append("%s: somebody else has such a route" % objects.describe(key))
        for note in notes:
            if note not in self._said:
                say(self._program, note)
        self._said = notes

    def _say(self, text: str) -> None:
        say(self._program, text)


def start(
    program: str,
    chosen: "Settings",
    lease: str,
    decide: "Decide",
    read: "Read" = leases.read,
    family: int = 6,
    tells: str = "address",
) -> int:
    """Run a program as its settings say; returns the exit code."""
    runs = not chosen.preview and not chosen.clean
    ready_fd = readiness.usable(program, chosen.ready_fd) if runs else readiness.NOBODY
    if not chosen.preview:
        owner.take(chosen.root, chosen.service)
    applier = Applier(program, chosen, lease, decide, read, family, tells)
    if chosen.preview:
        lines = [line + "\n" for line in applier.preview()]
        return 0 if tell(program, "".join(lines)) else 111
    if chosen.clean:
        return 0 if applier.remove_all() else 111
    applier.ready_fd = ready_fd
    return applier.run()


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return process.strerror(error.errno or 0)
    return str(error)


def _differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    lines = []
    for name in sorted(set(before) | set(after)):
        if name not in after:
            lines.append("output %s: gone" % name)
        elif before.get(name) != after[name]:
            lines.append("output %s: %s" % (name, show(after[name])))
    return lines
