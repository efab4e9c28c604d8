"""How the world stands for one service: facts, memory and graph seen together. Pure.

One Situation lives as long as the graph; enter() turns it to a service, so that a look allocates
next to nothing. It is also the `look` of agent.graph.conditions: what is about to stop has
withdrawn itself already, whatever the facts still say.
"""

from agent.graph import conditions
from agent.graph.model import BUNDLE, LONGRUN, ONESHOT, RERUN, RESTART
from agent.graph.model import READY as WHEN_READY
from agent.supervision.index import Index
from agent.supervision.memory import (
    HELD,
    NOTHING,
    READY,
    RUNNING,
    STARTED,
    STARTING,
    STOPPING,
    UP,
    GroupMemory,
    State,
)
from agent.supervision.timers import Timers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agent.graph.model import Graph, Reference

LIVE = (STARTING, UP, STOPPING)
UNKNOWN = (0, "", False, None, False, 0)


KILLED = -9  # as an exit: by SIGKILL


class Situation:
    """`name`, `spec` (its record in the graph), `memory` and what s6 says of one service.

    That is the one that was entered last. known: an s6-supervise watches over it. pid: 0 when it
    is down. stamp changes with every start and end. exit: its exit code, or -N for signal N.
    ending: its finish script runs. stray: pid of an orphan, or 0.
    """

    def __init__(self, graph: "Graph", state: State) -> None:
        self.graph = graph
        self.state = state
        self.facts = state.facts
        self.index = Index(graph, state.facts)
        self.timers = Timers()
        self.now = 0.0
        for name in sorted(state.memory):
            time = state.memory[name].timer
            if time is not None:
                self.timers.add(time, name)
        for name in sorted(state.groups):
            time = state.groups[name].timer
            if time is not None:
                self.timers.add(time, "group " + name)
        self.name = ""
        self.pid = self.stray = 0
        self.stamp = ""
        self.ready = self.ending = self.known = False
        self.exit: int | None = None

    def enter(self, name: str) -> None:
        """Turn to a service."""
        self.name = name
        self.spec = self.graph.services[name]
        self.memory = self.state.memory[name]
        s6 = self.facts.get("s6 " + name)
        self.known = s6 is not None
        if s6 is None:
            s6 = UNKNOWN
        self.pid, self.stamp, self.ready, self.exit, self.ending, self.stray = s6
        if not self.known:
            self.stray = self.memory.stray  # nobody has seen its end

    # -- the look of conditions --

    def service_level(self, name: str) -> int:
        """What the entered service may count on of another one."""
        memory = self.state.memory.get(name)
        if memory is None:
            return NOTHING
        if memory.level == HELD and self.memory.state not in LIVE:
            return NOTHING
        return memory.level

    def service(self, name: str, state: str) -> bool:
        """Whether a service is "up" or "ready", and will stay so."""
        return self.service_level(name) >= (READY if state == WHEN_READY else RUNNING)

    def output(self, output: str) -> str | None:
        """An output's value; a service of the graph must be up, or about to be, to have any."""
        value: str | None = self.facts.get("output " + output)
        if value is None:
            return None
        owner = output[: output.find("/")]
        if owner in self.state.memory and self.service_level(owner) < STARTED:
            return None
        return value

    def link(self, name: str) -> tuple[str, ...]:
        """The states of a link."""
        fact = self.facts.get("link " + name)
        return () if fact is None else tuple(fact.split(" ")[1:])

    def device(self, key: str) -> bool:
        """Whether such a device is there."""
        return bool(self.facts.get("device " + key))

    # -- questions about the entered service --

    def wish(self, name: str) -> str | None:
        """What the operator wants of a service: by its name, else by a bundle that holds it."""
        found: str | None = self.facts.get("wish " + name)
        if found is None:
            for bundle in self.graph.bundles_of[name]:
                wish = self.wish(bundle)
                if wish == "down":
                    return wish
                found = found or wish
        return found

    def again(self, name: str) -> int:
        """How often the operator asked for a restart of it, or of a bundle that holds it."""
        count = int(self.facts.get("again " + name) or 0)
        for bundle in self.graph.bundles_of[name]:
            count += self.again(bundle)
        return count

    def conditions_hold(self) -> bool:
        return conditions.holds(self.graph.conditions[self.name], self)

    def is_selected(self) -> bool:
        """No alternative, or the one that its group uses."""
        alternative = self.spec.alternative
        return alternative is None or self.state.groups[alternative.group].chosen == self.name

    def is_ready(self) -> bool:
        """Runs, has said so if it says so at all, and no orphan of it is left."""
        silent = self.spec.kind == LONGRUN and not self.spec.notify
        return self.pid != 0 and (silent or self.ready) and not self.stray

    def link_indices(self) -> tuple[str, ...]:
        """The index of each link of its conditions, "" for one that is not there."""
        found = []
        for leaf in self.index.link_leaves.get(self.name, ()):
            name = conditions.link_name(leaf, self)
            fact = None if name is None else self.facts.get("link " + name)
            found.append("" if fact is None else fact.split(" ")[0])
        return tuple(found)

    def values(self) -> dict[str, str]:
        """The values of its references as they are now."""
        found = {}
        for reference in self.spec.references:
            value = self.output(reference.output)
            if value is not None:
                found["%s %s" % (reference.place, reference.name)] = value
        return found

    def has_outputs(self) -> bool:
        """Outputs of it are there that the graph names."""
        keys = self.index.published.get(self.name, ())
        return any([self.facts.get(key) is not None for key in keys])

    def changed(self, change: str) -> "Reference | None":
        """A reference of this policy whose value is another one than the process was given."""
        given = self.memory.values
        if given is None:
            return None
        for reference in self.spec.references:
            if reference.change.startswith(change):
                value = self.output(reference.output)
                if value is None and not reference.optional:
                    continue  # its condition tells that
                if given.get("%s %s" % (reference.place, reference.name)) != value:
                    return reference
        return None

    def other_link(self) -> int:
        """The position of a link condition that another link meets now; -1 when none does."""
        before = self.memory.links
        if before and self.name in self.index.link_leaves:
            after = self.link_indices()
            if len(after) == len(before):
                for i in range(len(after)):
                    if after[i] and before[i] and after[i] != before[i]:
                        return i
        return -1

    def is_outdated(self) -> bool:
        """What runs has another definition than the graph."""
        installed = self.facts.get("installed " + self.name)
        return installed is not None and installed != self.spec.digest

    def must_restart(self) -> bool:
        """What runs can't stay as it is, though it should be up."""
        memory = self.memory
        if memory.state not in (STARTING, UP) or memory.ordered == "install":
            return False
        if memory.again != self.again(self.name) or self.is_outdated():
            return True
        return self.other_link() >= 0 or self.changed(RESTART) is not None

    def level(self) -> int:
        """What others may count on."""
        memory = self.memory
        if self.spec.kind == BUNDLE:
            return self._bundle_level()
        if not memory.should or self.stray:
            return NOTHING
        if memory.rerun or self.stands_alone():
            return HELD
        if self.pid and memory.state == UP and self.changed(RERUN) is not None:
            return HELD
        if self.pid:
            return {UP: READY, STARTING: RUNNING}.get(memory.state, NOTHING)
        ordered = memory.state == STARTING and memory.ordered == "start"
        return STARTED if ordered and self.known and self.stamp == memory.stamp else NOTHING

    def stands_alone(self) -> bool:
        """A oneshot is up, and the process that stands for it was killed, or nothing undoes its
        work (agent.s6.oneshot): what was done is there all the same."""
        if self.memory.state != UP or self.pid or not self.known or self.spec.kind != ONESHOT:
            return False
        return not self.spec.stop or self.exit == KILLED

    def _bundle_level(self) -> int:
        levels = [self.service_level(name) for name in self.spec.contents]
        if self.conditions_hold():
            return HELD if HELD in levels else READY
        if min(levels or [READY]) >= RUNNING and conditions.holds(self.spec.needs, self):
            return RUNNING
        return NOTHING

    # -- questions about others --

    def is_occupied(self, name: str) -> bool:
        """Something of the service lives, or will as soon as s6 follows our order."""
        memory = self.state.memory.get(name)
        if memory is None:
            return False
        if memory.state in LIVE:
            return True
        s6 = self.facts.get("s6 " + name)
        return memory.stray != 0 if s6 is None else bool(s6[0] or s6[4] or s6[5])

    def holds_back(self, name: str) -> bool:
        """It must stop and still lives, so what it needs waits. What even KILL can't end doesn't
        count."""
        memory = self.state.memory.get(name)
        if memory is None:
            return False
        if self.graph.services[name].kind == BUNDLE:
            return self.is_held_back(name)
        if memory.kills > 1 or memory.stray_kills > 1:
            return False
        leaving = not memory.should or (memory.state == STOPPING and not memory.rerun)
        return leaving and self.is_occupied(name)

    def is_held_back(self, name: str) -> bool:
        """One of those that use it must stop first."""
        return any([self.holds_back(user) for user in self.graph.needed_by[name]])

    def is_excluded(self) -> bool:
        """Another alternative of its group still lives."""
        alternative = self.spec.alternative
        if alternative is None:
            return False
        for member in self.graph.groups[alternative.group]:
            if member != self.name and self.is_occupied(member):
                return True
        return False

    def group_of(self, name: str) -> "GroupMemory | None":
        """The memory of a service's group of alternatives."""
        alternative = self.graph.services[name].alternative
        return None if alternative is None else self.state.groups[alternative.group]

    def members(self, group: str) -> list[str]:
        """The alternatives of a group by preference, also one that is leaving the graph."""
        return [name for name in self.graph.groups[group] if name in self.state.memory]

    # -- timers --

    def set_timer(self, times: "list[float | None]") -> None:
        """When to look at the entered service again: the next of these times, if any comes."""
        memory = self.memory
        time = self._next(times)
        if time != memory.timer:
            if memory.timer is not None:
                self.timers.remove(memory.timer, self.name)
            if time is not None:
                self.timers.add(time, self.name)
            memory.timer = time

    def set_group_timer(self, name: str, times: list[float]) -> None:
        """The same for a group of alternatives."""
        group = self.state.groups[name]
        time = self._next(times)
        if time != group.timer:
            if group.timer is not None:
                self.timers.remove(group.timer, "group " + name)
            if time is not None:
                self.timers.add(time, "group " + name)
            group.timer = time

    def _next(self, times: "list[Any]") -> float | None:
        soonest: float | None = None
        for time in times:
            if time is not None and time > self.now and (soonest is None or time < soonest):
                soonest = time
        return soonest
