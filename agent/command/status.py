"""`frost status`: the tree of services, what each needs below it, and how each stands."""

from agent.command import client, duration, secrets, world
from agent.command.console import BOLD, DIM, GREEN, RED, YELLOW
from agent.command.errors import OK, OTHER, CommandError, NotRunning
from agent.graph import spelling
from agent.supervision import explain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.command.client import Record
    from agent.command.console import Console
    from agent.graph.model import Graph

    Pieces = list[str | tuple[str, str]]
    Row = tuple[int, str, bool]  # depth, name, whether it stands above already

COLOURS = {"up": GREEN, "failed": RED, "starting": YELLOW, "stopping": YELLOW}
GAP = "  "


def status(console: "Console", options: dict[str, str], words: list[str]) -> int:
    """Print the tree of all services, or the one below NAME."""
    graph = secrets.hide(console, False)
    try:
        records = client.ask(console.where, ["status"])
    except NotRunning:
        console.say(world.NOTICE)
        records = look(console)
    named = {str(record.get("name")): record for record in records}
    if words and words[0] not in named:
        near = spelling.suggestion(words[0], sorted(named))
        text = "expected the name of a service, got %s%s"
        raise CommandError(OTHER, text % (world.shown(words[0]), near))
    if console.json:
        for record in [named[words[0]]] if words else records:
            console.record(record)
        return OK
    needs = {} if graph is None else needs_of(graph)
    for line in render(named, tree(sorted(named), needs, words)):
        console.line(line)
    return OK


def look(console: "Console") -> "list[Record]":
    """The records that the agent would give, from s6, outputs and links."""
    graph, state, now = world.look(console)
    return world.mark(explain.status(graph, state, now), state, now)


def needs_of(graph: "Graph") -> dict[str, list[str]]:
    """What stands below each service: a bundle's contents, then the rest that it needs. Pure."""
    found = {}
    for name in graph.order:
        contents = list(graph.services[name].contents)
        others = sorted([need for need in graph.needs[name] if need not in contents])
        found[name] = contents + others
    return found


def tree(names: list[str], needs: dict[str, list[str]], roots: list[str]) -> "list[Row]":
    """The rows from the top: first what nobody needs, each service's needs below it. Pure.

    What stands under one service already is only named under the next.
    """
    used = {need for name in names for need in needs.get(name, [])}
    waiting = [(0, name) for name in reversed(roots or [n for n in names if n not in used])]
    rows: list[Row] = []
    seen: set[str] = set()
    while waiting:
        depth, name = waiting.pop()
        rows.append((depth, name, name in seen))
        if name not in seen:
            seen.add(name)
            below = [need for need in needs.get(name, []) if need in names]
            waiting += [(depth + 1, need) for need in reversed(below)]
    return rows


def render(records: "dict[str, Record]", rows: "list[Row]") -> "list[Pieces]":
    """The rows as lines of pieces, columns aligned. Pure."""
    cells = []
    for depth, name, again in rows:
        record = records[name]
        since = record.get("since")
        took = duration.show(since) if isinstance(since, (int, float)) else ""
        kind, state = str(record.get("kind")), str(record.get("state"))
        if again:
            cells.append((GAP * depth + name, "", state, "", "see above"))
        else:
            cells.append((GAP * depth + name, kind, state, took, text_of(record)))
    widths = [max([len(row[i]) for row in cells] or [0]) for i in range(4)]
    lines: list[Pieces] = []
    for row in cells:
        name, kind, state, took, text = [_padded(row[i], widths, i) for i in range(5)]
        first: tuple[str, str] | str = (BOLD, name) if row[1] == "bundle" else name
        colour = COLOURS.get(row[2], "")
        lines.append([first, kind, (colour, state), took, (DIM, text) if row[2] == "up" else text])
    return lines


def _padded(text: str, widths: list[int], column: int) -> str:
    if column >= len(widths) or not widths[column]:
        return text
    return text + " " * (widths[column] - len(text)) + GAP


def text_of(record: "Record") -> str:
    """What a service waits for, or why it is down. Pure."""
    waits, reason, failures = record.get("waits"), record.get("reason"), record.get("failures")
    state = record.get("state")
    if waits:
        text = str(waits)
        if state == "failed" and isinstance(record.get("retry_in"), (int, float)):
            return text  # tells failures and the next try already
        if state == "failed" and reason:
            text = "%s; %s" % (reason, text)
    elif state == "up":
        text = ""
    else:
        text = str(reason or "nothing needs it")
    if isinstance(failures, int) and failures and state != "up":
        text += "%s%d failure%s in a row" % (", " if text else "", failures, "s"[: failures - 1])
    return text
