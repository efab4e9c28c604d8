"""`frost outputs`: what services publish, declared secrets left out."""

from agent import outputs
from agent.command import redaction, secrets
from agent.command.errors import OK, OTHER, WRONG_USAGE, CommandError
from agent.generations import VALUES, Generations
from agent.graph.model import is_secret
from agent.names import SERVICE_NAME, is_service_name
from agent.port import files

TYPE_CHECKING = False
GOT = {"file": "a file", "folder": "a folder", "link": "a link", "other": "something else"}

if TYPE_CHECKING:
    from agent.command.console import Console
    from agent.graph.model import Graph


def show(console: "Console", options: dict[str, str], words: list[str]) -> int:
    """Print `service/path: value` for all services, one service, or the paths under one path."""
    root = console.where.outputs
    if len(words) == 1:
        words = words[0].split("/", 1)  # as it is printed
    if words and not is_service_name(words[0]):
        raise CommandError(WRONG_USAGE, "expected %s, got %s" % (SERVICE_NAME, words[0]))
    graph = secrets.hide(console, True)
    services = words[:1]
    if not words and files.kind(root):
        services = [name for name in files.listing(root) if is_service_name(name)]
    code = OK
    found = False
    for service in services:
        try:
            values = read(root, service)
        except outputs.OutputsError as error:
            # One that is damaged does not hide the others.
            console.say("%s" % error)
            code = OTHER
            continue
        for path in sorted(values):
            if len(words) < 2 or path == words[1] or path.startswith(words[1] + "/"):
                found = True
                _print(console, graph, service, path, values[path])
    if not found and code == OK:
        if words:
            text = "%s: expected an output in %s, got nothing" % ("/".join(words), root)
            raise CommandError(OTHER, text)
        raise CommandError(OTHER, "%s: nothing published" % root)
    return code


def read(root: str, service: str) -> dict[str, str]:
    """A service's values, {} when it has none; only from regular files. Raises OutputsError."""
    number = Generations(root, service).current()
    if number:
        generation = "%s/.gen/%s.%d" % (root, service, number)
        for path, kind in ((generation, "folder"), (generation + "/" + VALUES, "file")):
            # "": it was removed meanwhile, and outputs.read() goes on with the next one.
            got = files.kind(path)
            if got not in (kind, ""):
                raise outputs.OutputsError("%s: expected a %s, got %s" % (path, kind, GOT[got]))
    return outputs.read(root, service) or {}


def _print(console: "Console", graph: "Graph | None", service: str, path: str, value: str) -> None:
    name = "%s/%s" % (service, path)
    if graph is not None and is_secret(graph, name):
        value = redaction.HIDDEN
    if console.json:
        console.record({"service": service, "path": path, "value": value})
    else:
        console.line(["%s: %s" % (name, value.replace("\n", " "))])
