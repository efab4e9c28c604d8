"""The loop: load, open, tell readiness; then hear of outputs, signals, other people's changes and
denied packets, until a signal ends it."""

from agent import outputs, readiness
from agent.port import poll, process
from firewall.loader.denials import Denials
from firewall.loader.guard import Guard
from firewall.loader.loader import Loader
from firewall.loader.tables import Tables

ENDS = [int(process.SIGTERM), int(process.SIGINT)]
SIGNALS = ENDS + [int(process.SIGHUP)]


def run(
    program: str,
    folder: str,
    root: str,
    verbose: bool,
    ready_fd: int,
    publish_as: str = "",
    undoes: bool = False,
) -> int:
    """Work until a signal asks to stop; ruleset and switches stay, unless it `undoes` what it did.
    The exit code."""
    signals = process.Signals(SIGNALS)
    guard = Guard(program)
    tables = Tables(program, guard)
    closed = tables.prepare()
    watch = outputs.Watch(root)  # before the first look: nothing is missed
    loader = Loader(program, tables, folder, root, verbose, publish_as)
    if not closed or not loader.load():
        return 1
    denials = _denials(program, loader, None)  # before there is anything to be denied for long
    loader.open()
    readiness.tell(program, ready_fd)
    while True:
        if tables.is_damaged:
            loader.repair()
        links = loader.flowtables
        filenos = [watch.fileno(), signals.fileno(), guard.fileno(), denials.fileno()]
        filenos.append(links.fileno())
        ready = poll.ready([fileno for fileno in filenos if fileno >= 0], None)
        if signals.fileno() in ready:
            came = signals.read()
            if [number for number in came if number in ENDS]:
                return 0 if not undoes or loader.undo() else 111
            if came and loader.load():
                loader.open()
                denials = _denials(program, loader, denials)
        if watch.fileno() in ready:
            loader.follow(watch.read())
        if links.fileno() in ready:
            loader.follow_links()
        if guard.fileno() in ready and guard.is_damaged():
            tables.is_damaged = True
        if denials.fileno() in ready:
            denials.tell()


def _denials(program: str, loader: Loader, before: Denials | None) -> Denials:
    """The denials of the group that the loaded ruleset logs to."""
    group = loader.spec.log if loader.spec else -1
    if before is not None:
        if before.group == group:
            return before
        before.close()
    return Denials(program, group)
