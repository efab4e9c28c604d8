"""`frost why`: the chain of conditions from a service down to the first that is not met."""

from agent.command import client, duration, logs, secrets, world
from agent.command.console import BOLD, DIM, GREEN, RED, YELLOW
from agent.command.errors import OTHER, CommandError, NotRunning
from agent.graph import spelling
from agent.supervision import explain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.command.client import Record
    from agent.command.console import Console

    Pieces = list[str | tuple[str, str]]

SHOWN = 5  # lines of the log of what failed
COLOURS = {"up": GREEN, "failed": RED, "starting": YELLOW, "stopping": YELLOW, "down": YELLOW}


def why(console: "Console", options: dict[str, str], words: list[str]) -> int:
    """Ask the agent, or look when there is none."""
    secrets.hide(console, False)
    name = words[0]
    try:
        records = client.ask(console.where, ["why", name])
    except NotRunning:
        console.say(world.NOTICE)
        records = look(console, name)
    told: set[str] = set()
    for record in records if console.json else arrange(records):
        _print(console, record)
        about = str(record.get("name"))
        if has_failed(record) and about not in told:
            told.add(about)
            _print_log(console, about, record)
    return 0


def look(console: "Console", name: str) -> "list[Record]":
    """The same from s6, outputs and links."""
    graph, state, now = world.look(console)
    if name not in graph.services:
        near = spelling.suggestion(name, list(graph.services))
        text = "%s: expected the name of a service, got %s%s"
        raise CommandError(OTHER, text % (console.where.graph, world.shown(name), near))
    return world.mark(explain.why(graph, state, name, now), state, now)


def has_failed(record: "Record") -> bool:
    """Whether the log of what a record is about tells more."""
    if record.get("what") != "service":
        return record.get("what") == "back-off"
    return any([str(record.get(key)).startswith("failed") for key in ("text", "change")])


def arrange(records: "list[Record]") -> "list[Record]":
    """What explains the first of several conditions comes right below it. Pure.

    explain.why() tells all conditions of one depth first.
    """
    found = list(records)
    for i in range(len(found) - 1, 0, -1):
        depth = _depth(found[i])
        if depth == _depth(found[i - 1]) and found[i].get("what") != "last":
            end = i + 1
            while end < len(found) and _depth(found[end]) > depth:
                end += 1
            found = found[:i] + found[i + 1 : end] + [found[i]] + found[end:]
    return found


def _depth(record: "Record") -> int:
    depth = record.get("depth")
    return depth if isinstance(depth, int) else 0


def render(record: "Record") -> "Pieces":
    """One record as a line: indented by its depth. Pure."""
    what, indent = record.get("what"), "  " * _depth(record)
    text, change, since = str(record.get("text")), record.get("change"), record.get("since")
    took = duration.show(since) if isinstance(since, (int, float)) else ""
    if what in ("back-off", "process"):
        return [indent, text]  # tells its own times
    if what == "last":
        return [indent, text, ", %s ago" % took if took else ""]
    if what == "service" and change is None:
        state, colon, rest = text.partition(":")
        pieces: Pieces = [indent, (BOLD, str(record.get("name"))), " is "]
        pieces += [(COLOURS.get(state, ""), state), " for %s" % took if took else "", colon + rest]
        return pieces
    pieces = [indent, text, " for %s" % took if took else ""]
    if what == "service":
        reason = str(change).partition(": ")[2]
        pieces.append(": " + reason if reason else "")
    elif isinstance(change, str) and change != text:
        pieces.append((DIM, "; last change: " + change))
    return pieces


def _print(console: "Console", record: "Record") -> None:
    if console.json:
        console.record(record)
    else:
        console.line(render(record))


def _print_log(console: "Console", name: str, record: "Record") -> None:
    """The last lines of a service's log; one that has none, or keeps it from us, has nothing."""
    try:
        lines = [] if console.blind else logs.last(console.where.log, [name], SHOWN)
    except OSError:
        return
    for stamp, _, _, text in lines:
        if console.json:
            console.record({"what": "log", "name": name, "time": stamp, "text": text})
        else:
            indent = "  " * _depth(record)
            console.line([indent, "  | ", (DIM, stamp[: logs.SHOWN]), " " + text])
