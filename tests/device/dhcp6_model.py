"""A model of the world around an applier: a lease, links, a kernel, time, and kills.

Pure, on both runtimes. The applier's own code decides (services.dhcp6.intent); only the kernel
and the disk are modelled. tests/test_dhcp6_sequences.py makes the sequences of events.
"""

from agent import ip
from agent.port.records import IFF_UP, Link
from services.dhcp6 import lan_plan, lease, lingering, memory, objects, reconcile, wan_plan
from services.dhcp6.allocator import Lan
from services.dhcp6.intent import Intent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from services.dhcp6.intent import Decide
    from services.dhcp6.lease import Lease
    from services.dhcp6.memory import Used
    from services.dhcp6.objects import Key, State
    from services.dhcp6.plan import Plan
    from services.dhcp6.reconcile import Action

HOLD = 10.0
LANS = [Lan("lan0", 0, 1, 0, 0), Lan("lan1", 1, 1, 0, 5), Lan("guest", None, 0xFE, 0, 0)]
LEASES = {lan.name: lan.lease for lan in LANS}
NAMES = ("wan", "lan0", "lan1", "guest")
FOREIGN = objects.address_key(0, "2001:db8:f::5", 64)


def entry(
    values: "dict[str, str]",
    kind: str,
    number: int,
    fields: "dict[str, str]",
    preferred: int,
    valid: int,
    now: float,
) -> None:
    """One entry of a lease, with lifetimes in seconds from now (-1: infinite)."""
    for name in fields:
        values["%s/k_%d/%s" % (kind, number, name)] = fields[name]
    for name, seconds in (("preferred", preferred), ("valid", valid)):
        told = "infinity" if seconds < 0 else "%d" % seconds
        until = "infinity" if seconds < 0 else "%.3f" % (now + seconds)
        values["%s/k_%d/%s" % (kind, number, name)] = told
        values["%s/k_%d/%s-until" % (kind, number, name)] = until


def decide_lan(now: float, told: "Lease", used: "list[Used]", links: "list[Link]") -> "Plan":
    return lan_plan.decide(now, told, used, LANS, links, HOLD)


def decide_wan(now: float, told: "Lease", used: "list[Used]", links: "list[Link]") -> "Plan":
    for link in links:
        if link.name == "wan":
            return wan_plan.decide(now, told, "wan", link.index)
    return wan_plan.decide(now, told, "wan", None)


class World:
    """One applier in its world. `kernel` {key: State}; `memo`, `values`: what is on disk."""

    def __init__(self, decide: "Decide") -> None:
        self.decide = decide
        self.now = 1000.0
        self.lease: dict[str, str] | None = None
        self.links: dict[int, Link] = {}
        self.kernel: dict[Key, State] = {}
        self.values: dict[str, str] | None = None
        self.memo = ""
        self.events = 0
        self.wake_at = self.now
        self.intent = Intent(decide, "")
        self.next_index = 10
        self.kill_after: int | None = None

    def fresh(self) -> "World":
        """The same world without any past: an applier that was never there before."""
        world = World(self.decide)
        world.now, world.lease, world.links = self.now, self.lease, self.links
        world.kernel = {key: self.kernel[key] for key in self.kernel if key[2] == FOREIGN[2]}
        return world

    def links_up(self) -> list[int]:
        return [index for index in self.links if self.links[index].flags & IFF_UP]

    def step(self, kill_after: int | None = None) -> int:
        """Decide and act once. With kill_after, die after so many operations and start anew."""
        if kill_after is None:
            kill_after = self.kill_after
        left = [1000000 if kill_after is None else kill_after]

        def alive() -> bool:
            left[0] -= 1
            return left[0] >= 0

        written = self._step(alive)
        if left[0] < 0:
            self.intent = Intent(self.decide, self.memo)
        return written

    def _step(self, alive: "Callable[[], bool]") -> int:
        plan = self.intent.plan(self.now, lease.read(self.lease), self.links)
        self.wake_at = plan.wake_at
        if not alive():
            return 0
        self._publish(plan.values)
        written = 0
        for action in self.intent.actions(plan, self.kernel, self.links_up(), self.now):
            if not alive():
                return written
            self._apply(action)
            written += 1
        if self.intent.settle(plan, self.kernel):
            if alive():
                self._publish(plan.values)
        self.wake_at = min(plan.wake_at, reconcile.renew_at(plan, self.kernel, self.now))
        return written

    def _publish(self, values: dict[str, str]) -> None:
        if values != self.values:
            self.events += 1
        self.values, self.memo = values, self.intent.memo()

    def _apply(self, action: "Action") -> None:
        key = action.key
        assert objects.index_of(key) in self.links or key[1] == "unreachable", key
        if action.state is None:
            self.kernel.pop(key, None)  # a route may have been replaced: already gone is success
            return
        if key[0] == "route":  # as the kernel: same destination and metric is the same route
            for other in list(self.kernel):
                if other[0] == "route" and other[2:4] == key[2:4] and other[6] == key[6]:
                    if other != key:
                        # What stays on another LAN is to be gone before its place is taken.
                        assert self.decide is decide_wan, "%s: %s" % (key, other)
                        del self.kernel[other]
        self.kernel[key] = action.state

    def link(self, name: str, what: str) -> None:
        """add, del, up, down, rename (it stays, under another name), swap (names, with the next)"""
        index = 0
        for other in self.links:
            if self.links[other].name == name:
                index = other
        if what == "add" and not index:
            index = self.next_index
            self.next_index += 1
            self._set_link(index, name, 0)
            if name != "wan":
                foreign = objects.address_key(index, FOREIGN[2], 64)
                self.kernel[foreign] = objects.State(0, float("inf"), float("inf"), 0.0)
        elif index and what == "del":
            del self.links[index]
            self._flush(index, True)
        elif index and what == "down":
            self._set_link(index, name, 0)
            self._flush(index, False)
        elif index and what == "up":
            self._set_link(index, name, IFF_UP)
        elif index and what == "rename":
            self._set_link(index, "was-%s" % name, self.links[index].flags)
        elif index and what == "swap":
            following = NAMES[(NAMES.index(name) + 1) % len(NAMES)]
            for other in [i for i in self.links if self.links[i].name == following]:
                self._set_link(other, name, self.links[other].flags)
            self._set_link(index, following, self.links[index].flags)

    def _set_link(self, index: int, name: str, flags: int) -> None:
        self.links[index] = Link(index, name, flags, 0, 1500, "", 0, "")

    def _flush(self, index: int, foreign_too: bool) -> None:
        for key in list(self.kernel):
            if objects.index_of(key) == index and key[1] != "unreachable":
                if foreign_too or key[2] != FOREIGN[2]:
                    del self.kernel[key]

    def pass_time(self, seconds: float) -> None:
        """Let time pass, with the applier waking when it asked to."""
        end = self.now + seconds
        while self.wake_at <= end:
            self.now = max(self.now, self.wake_at)
            before = self.wake_at
            self._expire()
            self.step()
            assert self.wake_at > before, "woke at %r and asked for %r" % (before, self.wake_at)
        self.now = end
        self._expire()

    def dead_time(self, seconds: float) -> None:
        """Let time pass with the applier dead, then start it."""
        self.now += seconds
        self._expire()
        self.intent = Intent(self.decide, self.memo)

    def _expire(self) -> None:
        for key in list(self.kernel):
            # The kernel had whole seconds, rounded down, when it was written.
            if self.kernel[key].valid_until <= self.now:
                del self.kernel[key]

    def staying(self) -> "list[Key]":
        """The on-link routes in the kernel that no LAN has as its prefix (any more)."""
        if self.decide is decide_wan:
            return []
        told = [key for key in self.values or {} if key[:4] == "lan/" and key[-7:] == "/prefix"]
        live = [(name.split("/")[1], (self.values or {})[name]) for name in told]
        return [
            key
            for key in self.kernel
            if key[:2] == ("route", "unicast")
            if (self.links[key[5]].name, key[2]) not in live
        ]

    def transcript(self) -> list[str]:
        """What is in the kernel and on disk, as lines."""
        lines = ["%s %s" % (objects.describe(key), self.kernel[key][:3]) for key in self.kernel]
        values = self.values or {}
        lines += ["%s=%s" % (name, values[name]) for name in values]
        return sorted(lines) + self.memo.split("\n")


def play(world: World, event: "Any") -> int:
    """One event (a list of plain values), and the step that it causes."""
    verb = event[0]
    if verb == "lease":
        world.lease = lease_values(event[1], world.now)
    elif verb == "link":
        world.link(event[1], event[2])
    elif verb == "time":
        world.pass_time(event[1])
    elif verb == "dead":
        world.dead_time(event[1])
    elif verb == "undo":
        ours = sorted([key for key in world.kernel if key[2] != FOREIGN[2]], key=str)
        if ours:
            del world.kernel[ours[event[1] % len(ours)]]
    if verb == "kill":
        return world.step(event[1])
    return world.step()


def lease_values(told: "Any", now: float) -> dict[str, str] | None:
    """The outputs of a lease given as [state, [entry...]]; None: nothing is published."""
    if told is None:
        return None
    state, entries = told
    values: dict[str, str] = {"state": state, "ifname": "wan"}
    for number in range(len(entries)):
        kind, text, length, preferred, valid, more = entries[number]
        if kind == "route":
            fields = {"destination": text, "length": "%d" % length, "metric": "512"}
        else:
            fields = {kind.replace("ra-", ""): text, "length": "%d" % length}
        if more and kind == "prefix":
            fields["excluded"], _, fields["excluded-length"] = more.partition("/")
        elif more:
            fields["gateway"] = more
        entry(values, kind, number, fields, preferred, valid, now)
    return values


def broken_route(world: World) -> str:
    """The first invariant about what stays, and about what is remembered, that does not hold."""
    for key in world.staying():
        if not world.now < world.kernel[key].valid_until <= world.now + lingering.LONGEST:
            return "%s stays until %r" % (objects.describe(key), world.kernel[key].valid_until)
        for prefix in [p for p in lease.read(world.lease).prefixes if p.valid_until > world.now]:
            for excluded, length in prefix.excluded:
                if ip.contains(excluded, length, ip.parse6(key[2]) or 0):
                    return "%s stays in an excluded prefix" % objects.describe(key)
    remembered = memory.parse(world.memo)[1]
    for key in world.kernel:
        if key[2] != FOREIGN[2] and key not in remembered:
            return "%s is in the kernel and not in the memo" % objects.describe(key)
    return ""


def broken_promise(world: World) -> str:
    """The first invariant that does not hold, "" when all do."""
    told = lease.read(world.lease)
    used = {(item.prefix, item.length): item for item in world.intent.used}
    subnets: dict[int, int] = {}
    for key in world.kernel:
        if key[0] != "address" or key[2] == FOREIGN[2]:
            continue
        address = ip.parse6(key[2]) or 0
        until = world.kernel[key].valid_until
        for prefix in [p for p in told.prefixes if p.valid_until > world.now]:
            for excluded, length in prefix.excluded:
                if world.decide is decide_lan and ip.contains(excluded, length, address):
                    return "%s is in an excluded prefix" % key[2]
        granted = [
            r.valid_until for r in told.addresses + told.ra_addresses if r.address == address
        ]
        if world.decide is decide_lan:
            granted = [used[w].valid_until for w in used if ip.contains(w[0], w[1], address)]
            told_of = [p for p in told.prefixes if ip.contains(p.prefix, p.length, address)]
            if told_of:
                granted = [max([p.valid_until for p in told_of])]
            leased = LEASES.get(world.links[key[1]].name, 0)
            ends = [used[w].preferred_until for w in used if ip.contains(w[0], w[1], address)]
            # A DHCPv6 server leases under what is not deprecated (RFC 9096 L-15).
            longest = max(ends + [0.0]) - leased
            if leased and world.kernel[key].preferred_until > max(longest, world.now):
                return "%s is leased for longer than its prefix is preferred" % key[2]
            if subnets.setdefault(address >> 64, key[1]) != key[1]:
                return "%s is on two links" % key[2]
        if not granted or until > max(granted):
            return "%s lasts until %r, granted until %r" % (key[2], until, granted)
    return broken_route(world)
