"""A simulated machine with the agent on it, for tests on both runtimes.

World.play() takes one event, run() lets time pass. After every change the facts are observed, the
decision made and its actions carried out, until nothing moves. Each decision is checked: the full
look gives the same, and the promises of supervision hold (`broken` lists what did not).
"""

import json

from agent.supervision import decision
from tests.device import supervision_promises as promises
from tests.device.simulated_s6 import Machine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agent.graph.model import Graph
    from agent.supervision.record import History

MOST = 20000  # steps in one run; more is a storm


class World(Machine):
    """`facts` is the world as the observer would tell it; `told` what the agent knows."""

    def __init__(self, graph: "Graph", installed: bool = True, check: bool = True) -> None:
        super().__init__(graph, installed)
        self.check = check
        self.starts: list[tuple[float, str]] = []
        self.log: list[str] = []  # actions
        self.moves: list[tuple[str, str, str, str]] = []  # transitions
        self.digest = ""
        self.history: History | None = None  # if the test wants a record
        self.begin()

    # -- the agent --

    def begin(self) -> None:
        """The agent starts, or starts again."""
        self.observe()
        self.state = decision.begin(self.graph, self.facts, self.now)
        self.told = dict(self.facts)
        self.twin = self.copy()
        self.selected: dict[str, str | None] = {}
        self.fit_since: dict[str, float] = {}
        self.wished = False

    def reload(self, graph: "Graph") -> None:
        """The agent gets another graph."""
        self.graph, self.state = decision.carry(self.graph, graph, self.state, self.now)
        for name in self.graph.order:
            self.add(name, False)
        self.twin = self.copy()
        self.selected = {}
        self.unmet_since.clear()

    def copy(self) -> decision.State:
        """The state after a passage through JSON."""
        return decision.State.from_json(json.loads(json.dumps(self.state.to_json())))

    def changes(self) -> "dict[str, Any]":
        self.observe()
        found = {}
        for key in sorted(set(list(self.facts) + list(self.told))):
            if self.facts.get(key) != self.told.get(key):
                found[key] = self.facts.get(key)
        self.told = dict(self.facts)
        for key in found:
            value = found[key]
            if isinstance(value, list):
                self.told[key] = list(value)
        return found

    def settle(self) -> None:
        """Decide and act until nothing moves at this moment."""
        for _ in range(1000):
            found = self.changes()
            actions = self.decide(found)
            if not actions and not found:
                return
            for action in actions:
                self.act(action)
        self.broken.append("decisions without end at %s: %s" % (self.now, self.log[-6:]))

    def decide(self, found: "dict[str, Any]") -> "list[Any]":
        if self.history is not None:
            self.history.add_facts(self.state, found, self.now)
        actions = decision.decide(self.graph, self.state, found, self.now)
        moved = list(self.state.transitions)
        self.moves += moved
        promises.check_alternatives(self)
        if self.history is not None:
            self.history.add_actions(actions, moved, self.now)
        if self.check:
            full = decision.decide_fully(self.graph, self.twin, found, self.now)
            self.expect(full == actions, "full look: %s, not %s" % (full, actions))
            self.expect(
                self.twin.transitions == moved,
                "full look moved otherwise: %s %s" % (self.twin.transitions, moved),
            )
            self.expect(
                self.twin.to_json() == self.state.to_json(), "full look remembers otherwise"
            )
            again = decision.decide(self.graph, self.state, {}, self.now)
            self.expect(not again, "again: %s" % again)
            self.expect(not self.state.transitions, "moved again")
        return actions

    # -- actions --

    def act(self, action: "Any") -> None:
        verb, name = action[0], action[1]
        process = self.processes[name]
        self.log.append("%s %s %s" % (self.now, verb, name))
        if verb == "install":
            known = process.supervised and process.pid
            self.expect(not known, "%s is installed while it runs" % name)
            if process.lose:
                process.lose -= 1
                return
            process.installed = self.graph.services[name].digest
            self.return_supervise(name)
        elif verb == "uninstall":
            self.expect(not process.pid and not process.stray, "%s is uninstalled alive" % name)
            process.installed, process.supervised, process.used = None, False, None
        elif verb == "start":
            promises.check_start(self, name)
            self.starts.append((self.now, name))
            process.used = action[2]
            if process.supervised:
                if process.lose:
                    process.lose -= 1
                else:
                    self.start(name)
        elif verb == "stop":
            promises.check_stop(self, name)
            self.signal(name, "TERM")
        elif verb == "kill":
            self.signal(name, "KILL")
        elif verb == "signal":
            self.expect(process.pid != 0, "signal to %s, which is down" % name)
            process.used = action[3]
        elif verb == "clear":
            known = process.supervised and process.pid
            self.expect(not known, "%s is cleared while it runs" % name)
            for path in self.graph.services[name].outputs:
                self.publish(name, path, None)
        elif verb == "end":
            known = process.stray == action[2] or not process.supervised
            self.expect(known, "no such stray: %s" % (action,))
            if process.stray == action[2]:
                self.end_stray(name, action[3])

    # -- time --

    def step(self, until: float) -> bool:
        """To the next moment at which something happens, at most `until`."""
        deadline = decision.next_deadline(self.state)
        moments = [item[0] for item in self.later]
        if deadline is not None:
            self.expect(deadline > self.now, "a deadline in the past: %s" % deadline)
            moments.append(deadline)
        if not moments or min(moments) > until:
            return False
        moment = min(moments)
        self.now = max(self.now, moment)
        for item in sorted([i for i in self.later if i[0] <= self.now], key=lambda i: i[:2]):
            self.later.remove(item)
            item[2](*item[3])
        self.settle()
        promises.check_safety(self)
        return True

    def run(self, seconds: float) -> None:
        until = self.now + seconds
        self.settle()
        for _ in range(MOST):
            if not self.step(until):
                self.now = until
                return
        self.broken.append("too many steps: %s" % self.log[-10:])

    def rest(self, seconds: float = 100000.0) -> None:
        """Until nothing will happen any more by itself."""
        until = self.now + seconds
        self.settle()
        for _ in range(MOST):
            if not self.step(until):
                break
        self.expect(not self.later, "never comes to rest: %s" % self.log[-10:])
        self.expect(decision.next_deadline(self.state) is None, "wakes up for nothing")

    def up(self) -> "dict[str, Any]":
        """What is up, with the values that it was given and that it doesn't ignore."""
        found = {}
        for name, process in self.processes.items():
            if process.pid:
                used = dict(process.used or {})
                for reference in self.graph.services[name].references:
                    if reference.change == "ignore":
                        used.pop("%s %s" % (reference.place, reference.name), None)
                found[name] = used
        return found

    # -- events --

    def play(self, event: "Any") -> None:
        """One event of a test; services are meant by number."""
        kind, arguments = event[0], event[1:]
        getattr(self, "do_" + kind)(*arguments)
        self.settle()
        promises.check_safety(self)

    def named(self, number: int) -> str:
        names = sorted(self.processes)
        return names[number % len(names)]

    def do_wait(self, seconds: float) -> None:
        self.run(seconds)

    def do_die(self, number: int, code: int) -> None:
        name = self.named(number)
        self.die(name, self.processes[name].run, code)

    def do_lose(self, number: int) -> None:
        self.lose_supervise(self.named(number))

    def do_orphan(self, number: int) -> None:
        """A second copy of a running service turns up."""
        process = self.processes[self.named(number)]
        if process.pid and process.supervised:
            self.numbers += 1
            process.stray = 100 + self.numbers
            self.unmet_since.clear()

    def do_behave(self, number: int, how: str) -> None:
        process = self.processes[self.named(number)]
        if how == "fail":
            process.fails = 1
        elif how == "mute":
            process.mute = True
        elif how == "deaf":
            process.deaf = True
        elif how == "finish":
            process.finish = 1.0
        elif how == "lost start":
            process.lose = 1
        else:
            self.well(self.named(number))

    def do_publish(self, number: int, which: int, value: "str | None") -> None:
        """A service publishes another value, now and in later runs."""
        name = self.named(number)
        outputs = self.graph.services[name].outputs
        if outputs:
            path = outputs[which % len(outputs)]
            self.processes[name].publishes[path] = value
            if self.is_ready(name) or (self.processes[name].pid and value is None):
                self.publish(name, path, value)

    def do_link(self, name: str, value: "str | None") -> None:
        if value is None:
            self.facts.pop("link " + name, None)
        else:
            self.facts["link " + name] = value

    def do_device(self, key: str, present: bool) -> None:
        if present:
            self.facts["device " + key] = True
        else:
            self.facts.pop("device " + key, None)

    def do_wish(self, number: int, value: "str | None") -> None:
        names = sorted(self.graph.services)
        key = "wish " + names[number % len(names)]
        if value is None:
            self.facts.pop(key, None)
        else:
            self.facts[key] = value

    def do_again(self, number: int) -> None:
        names = sorted(self.graph.services)
        key = "again " + names[number % len(names)]
        self.facts[key] = (self.facts.get(key) or 0) + 1

    def do_by_hand(self, number: int) -> None:
        """Somebody restarts or starts a service without asking the agent."""
        name = self.named(number)
        process = self.processes[name]
        if self.graph.services[name].alternative is None:
            self.die(name, process.run, -15)
            if not process.ending and not process.stray:
                self.start(name)
                self.unmet_since.clear()

    def do_agent(self) -> None:
        """The agent dies and starts again; s6-svscan has brought back what it had to by then."""
        for name in sorted(self.processes):
            if self.processes[name].installed is not None:
                self.return_supervise(name)
        self.begin()
        self.unmet_since.clear()
        if self.history is not None:
            self.history.reload(self.digest, self.state, self.now)

    def do_json(self) -> None:
        """The state passes through JSON."""
        self.state = self.copy()

    def do_shutdown(self) -> None:
        self.facts["shutdown"] = True
