"""The agent's loop without its waiting: facts in, decision, actions out, until nothing is left.

Everything that happened is gathered before one decision is made, and what acting changed is fed
back as facts. Nothing in here waits.
"""

from agent import report
from agent.daemon import places
from agent.daemon.actor import Actor
from agent.daemon.observer import Observer
from agent.graph import read
from agent.graph.model import BUNDLE, GraphError
from agent.port import clock, files, process
from agent.s6 import directory, install, paths
from agent.supervision import decision, explain, record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.daemon.observer import Facts
    from agent.daemon.places import Places
    from agent.graph.model import Graph
    from agent.supervision.step import Action

    # Changed facts, actions, transitions, seconds on the monotonic clock
    Listener = Callable[[Facts, list[Action], list[tuple[str, str, str, str]], float], None]

PROGRAM = "frost-agent"
# More rounds than this for one change is an error of ours, and would be a busy loop.
MOST_ROUNDS = 100


class Agent:
    """One agent. Raises GraphError when its graph's file is wrong."""

    def __init__(self, where: "Places", found: "paths.Paths") -> None:
        self.where = where
        self.text, graph = _load(where.graph)
        check_names(graph, list(install.installed(where.scan)), where)
        old = _leftovers(graph, where.scan)
        self.observer = Observer(old or graph, where)
        facts = self.observer.look()
        now = clock.monotonic()
        self.graph = old or graph
        self.state = decision.begin(self.graph, facts, now)
        self.actor = Actor(self.observer, found)
        self.listeners: list[Listener] = []
        self.history = record.History(record.graph_digest(self.text), self.state, now)
        self.health = ""
        if old is not None:
            self._take_up(graph)
            facts = self.observer.look()  # now of all that this graph names
        self.advance(facts)

    def advance(self, facts: "Facts") -> None:
        """Decide on these facts, do it, and go on with what that changed."""
        known = self.state.facts
        for _ in range(MOST_ROUNDS):
            changes = {key: facts[key] for key in facts if known.get(key) != facts[key]}
            now = clock.monotonic()
            self.history.add_facts(self.state, changes, now)
            actions = decision.decide(self.graph, self.state, changes, now)
            moved = self.state.transitions
            self.history.add_actions(actions, moved, now)
            facts = self.actor.perform(actions)
            self._complain(moved)
            for listener in self.listeners:
                listener(changes, actions, moved, now)
            if not facts:
                return
        raise RuntimeError("no end of decisions: %s" % sorted(facts))

    def look(self) -> None:
        """Take in what has changed, and what is due."""
        facts = self.observer.changes(self.state.facts)
        due = self.actor.deadline()
        if due is not None and clock.monotonic() >= due:
            facts.update(self.actor.retry())
        self.advance(facts)

    def deadline(self) -> float | None:
        """When look() is to be called although nothing happened."""
        times = [decision.next_deadline(self.state), self.actor.deadline()]
        return min([time for time in times if time is not None], default=None)

    def reload(self) -> str:
        """Take up the graph's file anew; "" or why the old graph stays, one line."""
        try:
            text, graph = _load(self.where.graph)
            services = self.graph.services
            check_names(graph, [n for n in services if services[n].kind != BUNDLE], self.where)
        except GraphError as error:
            for line in error.lines:
                report.say(PROGRAM, line)
            return error.lines[0] + "; the agent goes on with the graph that it has"
        self.text = text
        self._take_up(graph)
        self.advance(self.observer.look())
        return ""

    def wish(self, name: str, wanted: str) -> None:
        """Keep and follow what the operator wants of a service: `up` or `down`."""
        folder = places.wishes(self.where)
        if files.kind(folder) != "folder":
            files.make_folder(folder)
        path = "%s/%s" % (folder, name)
        files.write(path + ".new", (wanted + "\n").encode())
        files.rename(path + ".new", path)
        self.advance({"wish " + name: wanted})

    def release(self, name: str) -> None:
        """Forget what the operator wanted of a service: the graph says it again."""
        path = "%s/%s" % (places.wishes(self.where), name)
        if files.kind(path):
            files.remove_file(path)
        self.advance({"wish " + name: None})

    def again(self, name: str) -> None:
        """Restart a service, whatever it does now."""
        key = "again " + name
        self.advance({key: (self.state.facts.get(key) or 0) + 1})

    def close(self) -> None:
        """Stop observing; services are not touched."""
        self.observer.close()

    def _take_up(self, graph: "Graph") -> None:
        now = clock.monotonic()
        self.graph, self.state = decision.carry(self.graph, graph, self.state, now)
        self.observer.follow(self.graph)
        self.history.reload(record.graph_digest(self.text), self.state, now)

    def _complain(self, moved: list[tuple[str, str, str, str]]) -> None:
        """To the agent's own log: what could not be done, and how the router's health changes."""
        for complaints in (self.observer.complaints, self.actor.complaints):
            for line in complaints:
                report.say(PROGRAM, line)
            complaints.clear()
        services = self.graph.services
        if self.health and not [True for m in moved if services[m[0]].essential]:
            return
        health = explain.health(self.graph, self.state)
        if health != self.health:
            self.health = health
            report.say(PROGRAM, health)


def _load(path: str) -> "tuple[bytes, Graph]":
    """The graph's file and what it means; GraphError when it can't be had."""
    try:
        text = files.read(path)
    except OSError as error:
        reason = process.strerror(error.errno or 0)
        raise GraphError(["%s: expected the service graph, got %s" % (path, reason)])
    return text, read.read(text, path)


def check_names(graph: "Graph", taken: list[str], where: "Places") -> None:
    """GraphError when a bundle has the name of a service directory that is still there."""
    text = "%s: services.%s: expected another name for a bundle, got that of a service in %s"
    bundles = [name for name in sorted(taken) if name in graph.services]
    bundles = [name for name in bundles if graph.services[name].kind == BUNDLE]
    if bundles:
        raise GraphError([text % (where.graph, name, where.scan) for name in bundles])


def _leftovers(graph: "Graph", scan: str) -> "Graph | None":
    """A graph of the service directories that are ours and not in the graph; None for none.

    An earlier graph had them. Nothing is known but their names, and that is enough to stop them.
    """
    names = [name for name in install.installed(scan) if name not in graph.services]
    lines = [
        '"%s": {"type": "longrun", "run": ["true"], "wanted": "demand"}' % name
        for name in sorted(names)
        if name != directory.DAEMON
    ]
    if not lines:
        return None
    text = '{"frostgate-graph": 1, "services": {%s}}' % ", ".join(lines)
    return read.read(text.encode(), scan)
