"""Supervision's promises, checked on a simulated world after each thing that happens in it.

A promise that does not hold is written down in world.broken. For both runtimes.
"""

from agent.graph import conditions
from agent.graph.model import BUNDLE
from agent.supervision.step import KILL_GRACE
from tests.device.simulated_s6 import BACK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tests.device.supervision_world import World


class Raw:
    """Conditions as the world meets them, whatever the agent thinks. gone: services that count as
    not there."""

    def __init__(self, world: "World", gone: tuple[str, ...] = ()) -> None:
        self.world = world
        self.gone = gone

    def service(self, name: str, state: str) -> bool:
        graph, world = self.world.graph, self.world
        if name in self.gone:
            return False
        if graph.services[name].kind == BUNDLE:
            node = graph.conditions[name]
            if state == "up":
                return all([self.service(c, "up") for c in graph.services[name].contents])
            return conditions.holds(node, self)
        if world.state.memory[name].rerun:
            return True
        process = world.processes[name]
        if not process.pid or process.stray:
            return False
        return state == "up" or world.is_ready(name)

    def output(self, output: str) -> str | None:
        owner = output.partition("/")[0]
        value: str | None = self.world.facts.get("output " + output)
        return None if owner in self.gone else value

    def link(self, name: str) -> tuple[str, ...]:
        fact = self.world.facts.get("link " + name)
        return () if fact is None else tuple(fact.split(" ")[1:])

    def device(self, key: str) -> bool:
        return bool(self.world.facts.get("device " + key))


def check_start(world: "World", name: str) -> None:
    process, look = world.processes[name], Raw(world)
    world.expect(conditions.holds(world.graph.conditions[name], look), "%s starts too early" % name)
    for user in world.graph.needed_by[name]:
        memory = world.state.memory.get(user)
        if memory is not None and user in world.processes and world.processes[user].pid:
            world.expect(memory.should, "%s starts before %s has ended" % (name, user))
    world.expect(not process.pid and not process.stray, "%s started beside itworld" % name)
    world.expect(not process.ending, "%s started while its finish script runs" % name)


def check_stop(world: "World", name: str) -> None:
    memory = world.state.memory[name]
    if memory.rerun or memory.failing:
        return
    gone = [name]
    for other in world.graph.order:
        if world.graph.services[other].kind == BUNDLE:
            if any([c in gone for c in world.graph.services[other].contents]):
                gone.append(other)
    look = Raw(world, tuple(gone))
    users = {user for provider in gone for user in world.graph.needed_by[provider]}
    for user, process in world.processes.items():
        if user in users and user in world.state.memory and (process.pid or process.stray):
            if not conditions.holds(world.graph.conditions[user], look):
                world.expect(False, "%s is stopped before %s" % (name, user))


def check_alternatives(world: "World") -> None:
    """One that works is left for a better one only after that one's fail-back time."""
    memory = world.state.memory
    for name, members in world.graph.groups.items():
        group = world.state.groups[name]
        before, after = world.selected.get(name), group.selected
        world.selected[name] = after
        for member in members:
            if member not in memory or not memory[member].fit or member in group.barred:
                world.fit_since.pop(member, None)
            elif member not in world.fit_since:
                world.fit_since[member] = world.now
        words = [key for key in world.facts if key.startswith("wish ")]
        if before in (None, after) or words or world.wished:
            world.wished = bool(words)
        elif before in world.fit_since and not withdrew(world, before):
            assert after is not None
            alternative = world.graph.services[after].alternative
            assert alternative is not None
            waited = world.now - world.fit_since.get(after, world.now)
            enough = waited >= alternative.fail_back - 0.001
            world.expect(enough, "%s takes over from %s too early" % (after, before))


def withdrew(world: "World", name: str | None) -> bool:
    """Its conditions ceased and returned in one decision: what it needs was restarted by hand, or
    it stopped for another reason than the choice."""
    for moved, before, _, reason in world.state.transitions:
        if reason == "restarted by somebody else":
            return True
        if moved == name and before != "stopping" and not reason.startswith("alternative "):
            return True
    return False


def bound(world: "World", name: str) -> float:
    """How long a service may run on after its condition ceased: itworld and its users."""
    found = world.graph.services[name].down_timeout + 2 * KILL_GRACE
    return found + max([bound(world, user) for user in world.graph.needed_by[name]], default=0.0)


def check_safety(world: "World") -> None:
    look = Raw(world)
    for name, process in world.processes.items():
        if name not in world.state.memory:
            world.expect(not process.pid, "%s is forgotten and runs" % name)
        elif process.pid and not conditions.holds(world.graph.conditions[name], look):
            since = world.unmet_since.setdefault(name, world.now)
            limit = 2 * bound(world, name) + BACK
            world.expect(world.now - since <= limit, "%s runs on, unmet" % name)
        else:
            world.unmet_since.pop(name, None)
