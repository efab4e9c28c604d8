"""resolver: gathers name servers out of outputs and publishes them as one list.

A thin shell: servers.py decides. It follows the outputs; what is no address is told once.
"""

import sys

from agent import environment, options, outputs, readiness, report
from agent.options import UsageError
from agent.port import poll, process
from services.dns import servers

PROGRAM = "resolver"
USAGE = "resolver [-n] [-d FD] SERVICE/PATH..."


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Run as the command line says; the exit code (services/dns/README.md)."""
    try:
        given, words = options.parse(argv, "n", "d")
        root = environment.outputs_root(environ)
        service = environment.service(environ, PROGRAM)
        told = readiness.descriptor(given.get("d"), environ)
        paths = _paths(words)
    except UsageError as error:
        report.say(PROGRAM, "%s" % error)
        report.say(PROGRAM, "usage: " + USAGE)
        return 100
    try:
        if "n" in given:
            found, _ = _gather(root, paths)
            return 0 if report.tell(PROGRAM, "".join([line + "\n" for line in found])) else 111
        return _follow(root, service, paths, readiness.usable(PROGRAM, told))
    except outputs.OutputsError as error:
        report.say(PROGRAM, "%s" % error)
        return 1
    except OSError as error:
        report.say(PROGRAM, process.strerror(error.errno or 0))
        return 111


def _paths(words: list[str]) -> list[tuple[str, str]]:
    paths = []
    for word in words:
        path = servers.path(word)
        if path is None:
            raise UsageError("expected SERVICE/PATH, got %s" % report.show(word))
        paths.append(path)
    return paths


def _gather(root: str, paths: list[tuple[str, str]]) -> tuple[list[str], list[tuple[str, str]]]:
    """What the outputs tell now. Raises OutputsError."""
    published = {}
    for service, _ in paths:
        if service not in published:
            published[service] = outputs.read(root, service) or {}
    return servers.gather(paths, published)


def _follow(root: str, service: str, paths: list[tuple[str, str]], notify: int) -> int:
    """Publish now and after every change, until SIGTERM or SIGINT."""
    signals = process.Signals([process.SIGTERM, process.SIGINT])
    watch = outputs.Watch(root)
    sources = [source for source, _ in paths]
    complained: list[tuple[str, str]] = []
    due = True
    while True:
        if due:
            found, strange = _gather(root, paths)
            outputs.publish(root, service, servers.values(found))
            for where, line in strange:
                if (where, line) not in complained:
                    text = "%s: expected an address, got %s, left out"
                    report.say(PROGRAM, text % (where, report.show(line)))
            complained = strange
            readiness.tell(PROGRAM, notify)
            notify = readiness.NOBODY
        poll.ready([watch.fileno(), signals.fileno()], None)
        if signals.read():
            return 0
        changed = watch.read()
        due = changed is None or bool([name for name in changed if name in sources])


def run() -> None:
    """The program's entry on both runtimes."""
    sys.exit(main(process.argv()[1:], process.environ()))


if __name__ == "__main__":
    run()
