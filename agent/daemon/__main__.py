"""The program `frost-agent`: waits for whatever happens next, and nothing else."""

import sys

from agent import options, outputs, readiness, report
from agent.daemon import instances, places
from agent.daemon.agent import PROGRAM, Agent
from agent.daemon.requests import Requests
from agent.daemon.server import Server
from agent.generations import make_folders
from agent.graph.model import GraphError
from agent.port import clock, files, poll, process
from agent.s6 import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.daemon.places import Places

USAGE = "frost-agent [-d FD]"
OK, OTHER, WRONG_USAGE, SYSTEM_CALL_FAILED = 0, 1, 100, 111
GROUP = b"frost"  # who may act besides root


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Run the agent until it is told to end; returns its exit code (docs/agent.md)."""
    try:
        opts, words = options.parse(argv, "", "d")
        notify = readiness.descriptor(opts.get("d"), environ)
        if words:
            raise options.UsageError("expected no operands, got %d" % len(words))
        where = places.from_environment(environ)
        search = environ.get(b"PATH", b"").decode()
    except (options.UsageError, UnicodeError) as error:
        report.say(PROGRAM, "%s" % error)
        report.say(PROGRAM, "usage: " + USAGE)
        return WRONG_USAGE
    try:
        instances.end_predecessor(where.scan, environ)
        return _run(where, search, notify)
    except GraphError as error:
        for line in error.lines:
            report.say(PROGRAM, line)
        return OTHER
    except outputs.OutputsError as error:
        report.say(PROGRAM, "%s" % error)
        return OTHER
    except OSError as error:
        report.say(PROGRAM, process.strerror(error.errno or 0))
        return SYSTEM_CALL_FAILED


def _run(where: "Places", search: str, notify: int) -> int:
    notify = readiness.usable(PROGRAM, notify)
    signals = process.Signals([process.SIGTERM, process.SIGINT, process.SIGHUP])
    make_folders(where.run)
    agent = Agent(where, paths.find(where.scan, where.outputs, where.log, search))
    requests = Requests(agent)
    server = Server(places.socket(where), _group(), requests.answer)
    requests.server = server
    readiness.tell(PROGRAM, notify)
    while True:
        readers = [signals.fileno()] + agent.observer.filenos() + server.readers()
        ready = poll.ready(readers, _left(agent.deadline()), server.writers())
        for number in signals.read():
            if number != process.SIGHUP:
                # Services are not ours to end: the next agent finds them as they are.
                server.close()
                agent.close()
                return OK
            error = agent.reload()
            report.say(PROGRAM, error or "reloaded %s" % where.graph)
        agent.look()
        server.handle(ready)


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - clock.monotonic())


def _group() -> int:
    """The number of the group that may act (group(5)); -1 when the machine has none."""
    try:
        lines = files.read("/etc/group").split(b"\n")
    except OSError:
        return -1
    for line in lines:
        fields = line.split(b":")
        if fields[0] == GROUP and len(fields) > 2 and fields[2].isdigit():
            return int(fields[2])
    return -1


def run() -> None:
    """Console-script and frozen entry."""
    sys.exit(main(process.argv()[1:], process.environ()))


if __name__ == "__main__":
    run()
