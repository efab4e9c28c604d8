"""`frost check`: is a graph's file right? `frost replay`: does a record decide the same?"""

from agent.command import world
from agent.command.errors import OK, OTHER, CommandError
from agent.graph import read
from agent.graph.model import GraphError
from agent.supervision import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.command.console import Console


def check(console: "Console", options: dict[str, str], words: list[str]) -> int:
    """All errors of a graph's file, one line each; one line when there are none."""
    path = words[0]
    try:
        graph = read.read(world.read_file(path), path)
    except GraphError as error:
        if not console.json:
            raise CommandError(OTHER, error.lines) from None
        for line in error.lines:
            console.record({"error": line})
        return OTHER
    if console.json:
        console.record({"services": len(graph.services)})
    else:
        console.line(["%s: %d services, no errors" % (path, len(graph.services))])
    return OK


def replay(console: "Console", options: dict[str, str], words: list[str]) -> int:
    """Decide again what `frost events -j` recorded elsewhere; print what comes out differently."""
    path = words[0]
    try:
        lines = world.read_file(path).decode().split("\n")
    except UnicodeError:
        raise CommandError(OTHER, "%s: expected UTF-8, got other octets" % path) from None
    graph = world.read_file(console.where.graph)
    if not any(['"state": {' in line for line in lines]):
        text = "%s: expected the lines of `frost events -j`, got none to begin from"
        raise CommandError(OTHER, text % path)
    try:
        differences = record.replay(graph, [line for line in lines if line])
    except GraphError as error:
        raise CommandError(OTHER, error.lines) from None
    for difference in differences:
        if console.json:
            console.record({"difference": difference})
        else:
            console.line([str(difference)])
    return OTHER if differences else OK
