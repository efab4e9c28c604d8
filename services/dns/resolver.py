"""resolver: gathers servers out of outputs, publishes them as one list, writes resolv.conf.

A thin shell: servers.py decides. It follows the outputs; what is no server is told once.
"""

import sys

from agent import environment, options, outputs, readiness, report
from agent.options import UsageError
from agent.port import files, poll, process
from services.dns import servers

PROGRAM = "resolver"
USAGE = "resolver [-clnt] [-d FD] [-o FILE] SERVICE/PATH..."


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Run as the command line says; the exit code (services/dns/README.md)."""
    try:
        given, words = options.parse(argv, "clnt", "do")
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
            found, _ = _gather(root, paths, "t" in given)
            return 0 if report.tell(PROGRAM, "".join([line + "\n" for line in found])) else 111
        if "c" in given:
            outputs.clear(root, service)
            if files.kind(given.get("o", "")):
                files.remove_file(given["o"])
            return 0
        notify = readiness.usable(PROGRAM, told)
        return _follow(root, service, paths, notify, given)
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


def _gather(
    root: str, paths: list[tuple[str, str]], is_time: bool
) -> tuple[list[str], list[tuple[str, str]]]:
    """What the outputs tell now; of time servers names count, too. Raises OutputsError."""
    published = {}
    for service, _ in paths:
        if service not in published:
            published[service] = outputs.read(root, service) or {}
    return servers.gather(paths, published, servers.host if is_time else servers.address)


def _follow(
    root: str, service: str, paths: list[tuple[str, str]], notify: int, given: dict[str, str]
) -> int:
    """Publish now and after every change, until SIGTERM or SIGINT.

    given: the options: `t` time servers; `o` resolv.conf; `l` it names this machine, whoever the
    servers are.
    """
    expected = "an address or a name" if "t" in given else "an address"
    is_time, file = "t" in given, given.get("o", "")
    signals = process.Signals([process.SIGTERM, process.SIGINT])
    watch = outputs.Watch(root)
    sources = [source for source, _ in paths]
    complained: list[tuple[str, str]] = []
    due = True
    while True:
        if due:
            found, strange = _gather(root, paths, is_time)
            values = servers.time_values(found) if is_time else servers.values(found)
            outputs.publish(root, service, values)
            if file:
                _write(file, servers.resolv_conf(["127.0.0.1"] if "l" in given else found))
            for where, line in strange:
                if (where, line) not in complained:
                    text = "%s: expected %s, got %s, left out"
                    report.say(PROGRAM, text % (where, expected, report.show(line)))
            complained = strange
            readiness.tell(PROGRAM, notify)
            notify = readiness.NOBODY
        poll.ready([watch.fileno(), signals.fileno()], None)
        if signals.read():
            return 0
        changed = watch.read()
        due = changed is None or bool([name for name in changed if name in sources])


def _write(path: str, text: str) -> None:
    """The whole file, in the place of the one before; the same one is left alone."""
    if files.kind(path) and files.read(path) == text.encode():
        return
    files.write(path + ".new", text.encode())
    files.rename(path + ".new", path)


def run() -> None:
    """The program's entry on both runtimes."""
    sys.exit(main(process.argv()[1:], process.environ()))


if __name__ == "__main__":
    run()
