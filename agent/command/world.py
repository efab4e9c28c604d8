"""What there is without the agent: the graph's file, and s6, outputs and links looked at afresh."""

from agent import outputs, report
from agent.command.errors import OTHER, SYSTEM_CALL_FAILED, CommandError
from agent.daemon.observer import Observer
from agent.generations import make_folders
from agent.graph import read
from agent.graph.model import BUNDLE, GraphError
from agent.port import clock, files, process
from agent.port.errno import EACCES, ENOENT, ENOTDIR, EPERM
from agent.s6 import status, strays
from agent.supervision import decision, texts
from agent.supervision.memory import DOWN, FAILED, NOTHING, UP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agent.command.client import Record
    from agent.command.console import Console
    from agent.daemon.places import Places
    from agent.graph.model import Graph
    from agent.supervision.memory import State

NOTICE = "the agent is not running; this is what s6 and the outputs say"
SOON, NOBODY = "it is about to start", "only the agent would start it"


def failed(path: str, error: OSError) -> CommandError:
    """A system call on that path failed."""
    text = "%s: %s" % (path, process.strerror(error.errno or 0))
    if error.errno in (EACCES, EPERM):
        text += "; only root, and for what the agent tells the group frost, may do this"
    return CommandError(SYSTEM_CALL_FAILED, text)


def read_file(path: str) -> bytes:
    """The file's content; CommandError when there is none to be had."""
    try:
        return files.read(path)
    except OSError as error:
        raise failed(path, error) from None


def read_graph(path: str) -> "Graph":
    """The graph in this file; CommandError with all its errors."""
    try:
        return read.read(read_file(path), path)
    except GraphError as error:
        raise CommandError(OTHER, error.lines) from None


def look(console: "Console") -> "tuple[Graph, State, float]":
    """The graph, the state of all that it names as it is now, and the time.

    What runs is adopted. What the agent would do is decided for the sake of explaining, and taken
    back: nobody is there to do it.
    """
    where = console.where
    graph = read_graph(where.graph)
    if not files.kind(where.scan):
        text = "%s: expected the scan folder of s6-svscan, got nothing; start it, or set FROST_SCAN"
        raise CommandError(SYSTEM_CALL_FAILED, text % where.scan)
    try:
        if graph.secrets:
            make_folders(where.run)  # the salt of what stands for secrets is kept there
        observer = Observer(graph, where)
        facts = observer.look()
    except OSError as error:
        raise failed("%s, %s" % (where.scan, where.outputs), error) from None
    except outputs.OutputsError as error:
        raise CommandError(SYSTEM_CALL_FAILED, "%s" % error) from None
    for line in observer.complaints:
        console.say(line)
    observer.close()
    now = clock.monotonic()
    state = decision.begin(graph, facts, now)
    before = {name: state.memory[name].state for name in graph.order}
    decision.decide(graph, state, {}, now)
    for name in graph.order:
        own = state.memory[name]
        if own.state != before[name] and graph.services[name].kind != BUNDLE:
            own.state, own.reason, own.ordered = before[name], "", ""
            own.level = own.level if own.state == UP else NOTHING
        if own.state == DOWN and _has_failed(facts.get("s6 " + name)):
            own.state, own.reason = FAILED, texts.exit_text(facts["s6 " + name][3])
        took = since(facts.get("s6 " + name), now)
        own.since = now - took if took is not None else now
    return graph, state, now


def _has_failed(fact: "list[Any] | None") -> bool:
    """It ended, and neither well nor by the signal that s6-svc -d sends."""
    return fact is not None and not fact[0] and fact[3] not in (None, 0, -process.SIGTERM)


def mark(records: "list[Record]", state: "State", now: float) -> "list[Record]":
    """The records of explain, for when there is no agent that would go on."""
    for record in records:
        for key in ("text", "waits"):
            if record.get(key) == SOON:
                record[key] = NOBODY
                record["since"] = None if key == "text" else record["since"]
        if record.get("what", "service") == "service":
            if since(state.facts.get("s6 " + record["name"]), now) is None:
                record["since"] = None
    return records


def since(fact: "list[Any] | None", now: float) -> float | None:
    """For how many seconds s6 has had a service as it is; None: that can't be told.

    fact: what the observer says of it. An old stamp of a clock that was set since tells nothing.
    """
    if fact is None:
        return None
    try:
        started = process.start_time(fact[0]) if fact[0] else None
        if started is not None:
            return max(0.0, now - started / strays.TICKS)
        for line in files.read("/proc/stat").split(b"\n"):
            if line[:6] == b"btime ":
                seconds = int(line[6:]) + now - status.seconds(fact[1])
                # Both are whole seconds of their clocks, so what has just happened lies ahead.
                return max(0.0, seconds) if -2 < seconds <= now else None
    except (OSError, ValueError):
        pass  # /proc is not there: not known
    return None


def declarations(where: "Places") -> "Graph | None":
    """The graph, for what it declares secret; None when there is none, so nothing is declared.

    CommandError when there is one that can't be read: whatever is shown then may be a secret.
    """
    try:
        return read.read(files.read(where.graph), where.graph)
    except OSError as error:
        if error.errno in (ENOENT, ENOTDIR):
            return None
        raise failed(where.graph, error) from None
    except GraphError as error:
        text = "%s; which outputs are secret is not known"
        raise CommandError(OTHER, text % error.lines[0]) from None


def shown(name: str) -> str:
    """A name from a command line in an error."""
    return report.show(name)
