"""What a decision costs and keeps, on both runtimes: called by tests/bench/agent.py.

The graph: blocks of ten services, each with three conditions (the one before it, its output, a
link); three more conditions than services need not hold. One event is a new value of an output that
three services are signalled about: facts in, decision, record, facts of what acting changed.
"""

import gc
import json

from agent.graph import read
from agent.port import clock
from agent.supervision import decision, record
from tests.device.graphs import longrun

BLOCK = 10
TOUCHED = 3

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agent.graph.model import Graph


def graph_text(count: int) -> str:
    """A graph of `count` services with three times as many conditions, three of which follow
    source/v."""
    services = {"source": longrun(outputs=["v"])}
    for number in range(count - 1):
        link = "eth%d" % (number % 7)
        needs: list[dict[str, Any]] = [{"link": link, "is": "up"}]
        if number % BLOCK:
            before = "s%d" % (number - 1)
            needs += [{"service": before}, {"output": before + "/x"}]
        else:
            needs += [{"link": link, "is": "present"}, {"link": link, "is": "running"}]
        made = longrun(needs={"all": needs}, outputs=["x"])
        if number % BLOCK == 1 and number < TOUCHED * BLOCK:
            made["env"] = {"V": {"output": "source/v", "change": "signal HUP"}}
        services["s%d" % number] = made
    return json.dumps({"frostgate-graph": 1, "services": services})


class Simulated:
    """An agent without its observer and actor: all services are up."""

    def __init__(self, count: int, recorded: bool = True) -> None:
        self.recorded = recorded
        text = graph_text(count)
        self.graph: Graph = read.read(text, "cost")
        facts: dict[str, Any] = {"output source/v": "0"}
        for number in range(7):
            facts["link eth%d" % number] = "%d present up running" % (number + 1)
        for name in self.graph.order:
            facts["s6 " + name] = [100, "40", False, None, False, 0]
            facts["installed " + name] = self.graph.services[name].digest
            facts["output %s/x" % name] = "1"
            if self.graph.services[name].references:
                facts["used " + name] = {"env V": "0"}
        self.now = 1000.0
        self.state = decision.begin(self.graph, facts, self.now)
        self.history = record.History(record.graph_digest(text), self.state, self.now)
        self.feed({})
        self.actions = 0

    def feed(self, changes: "dict[str, Any]") -> "list[Any]":
        """One decision, recorded."""
        self.now += 0.001
        if self.recorded:
            self.history.add_facts(self.state, changes, self.now)
        actions = decision.decide(self.graph, self.state, changes, self.now)
        if self.recorded:
            self.history.add_actions(actions, self.state.transitions, self.now)
        return actions

    def event(self, number: int) -> None:
        """A new value, and what comes of it."""
        actions = self.feed({"output source/v": "%d" % (number % 1000)})
        used = {}
        for action in actions:
            used["used " + action[1]] = action[3]
        self.feed(used)
        self.actions += len(actions)


def cost(count: str, events: str, recorded: str) -> None:
    """Print the seconds of one event with so many services; recorded: "yes" or "no"."""
    simulated = Simulated(int(count), recorded == "yes")
    for number in range(1, 21):
        simulated.event(number)
    gc.collect()
    start = clock.monotonic()
    for number in range(int(events)):
        simulated.event(number)
    seconds = (clock.monotonic() - start) / int(events)
    assert simulated.actions >= TOUCHED * int(events), simulated.actions
    print("%.9f" % seconds)


def growth(count: str, events: str) -> None:
    """Print the heap's octets in use before and after events, each of two decisions; MicroPython
    only."""
    simulated = Simulated(int(count))
    for number in range(2000):
        simulated.event(number)
    sizes = []
    for _ in range(2):
        gc.collect()
        sizes.append(gc.mem_alloc())  # type: ignore[attr-defined]
        if len(sizes) == 1:
            for number in range(int(events)):
                simulated.event(number)
    print("%d %d" % (sizes[0], sizes[1]))
