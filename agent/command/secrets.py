"""Which values are secrets now: read from the outputs, service directories and files that have
them."""

from agent import environment, outputs
from agent.command import world
from agent.command.errors import CommandError
from agent.command.redaction import Redactor
from agent.graph.model import FILE, covers, split_output
from agent.port import files
from agent.s6 import values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.command.console import Console
    from agent.daemon.places import Places
    from agent.graph.model import Graph


def hide(console: "Console", strict: bool) -> "Graph | None":
    """Have the console hide declared secrets; the graph, None when there is none to be read.

    strict: what is printed comes from outputs or logs, so CommandError when the declarations can't
    be read. The agent's own answers hold no secrets; the console is told to show no logs then.
    """
    try:
        graph = world.declarations(console.where)
    except CommandError:
        if strict:
            raise
        console.blind = True
        return None
    if graph is not None:
        kept = in_folder(environment.secrets_folder(console.environ))
        console.redactor = Redactor(find(graph, console.where) + kept)
    return graph


def in_folder(folder: str) -> list[str]:
    """The device's secrets that this user may read; with_secret puts them into configurations."""
    found = []
    try:
        names = files.listing(folder)
    except OSError:
        return []
    for name in names:
        try:
            found.append(files.read("%s/%s" % (folder, name)).decode().strip("\n"))
        except (OSError, UnicodeError):
            continue  # the others are to be hidden all the same
    return found


def find(graph: "Graph", where: "Places") -> list[str]:
    """The values of all declared secrets that this user may read."""
    found = []
    paths: dict[str, list[str]] = {}
    for output in sorted(graph.secrets):
        service, path = split_output(output)
        paths.setdefault(service, []).append(path)
    for service in sorted(paths):
        try:
            published = outputs.read(where.outputs, service) or {}
        except outputs.OutputsError:
            continue
        found += [published[path] for path in sorted(published) if covers(paths[service], path)]
    for name in graph.order:
        found += _in_use(graph, where, name)
    return found


def _in_use(graph: "Graph", where: "Places", name: str) -> list[str]:
    """The secrets that a service was given; its outputs may have others by now."""
    service = graph.services[name]
    keys = [FILE + " " + r.name for r in service.references if r.secret and r.place == FILE]
    if not keys:
        return []
    try:
        held = values.read_values(where.scan, service)
    except OSError:
        return []
    return [held[key] for key in keys if key in held]
