"""resolver: gathers servers out of outputs, publishes them as one list, writes resolv.conf.

A thin shell: servers.py decides. It follows the outputs; what is no server is told once.
"""

import sys

from agent import environment, names, options, outputs, readiness, report
from agent.options import UsageError
from agent.port import files, poll, process
from services.dns import servers

PROGRAM = "resolver"
USAGE = "resolver [-clnt] [-d FD] [-o FILE] [-x IFNAME[,DOMAIN]] SERVICE/PATH..."


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Run as the command line says; the exit code (services/dns/README.md)."""
    try:
        given, words = options.parse(argv, "clnt", "dox")
        root = environment.outputs_root(environ)
        service = environment.service(environ, PROGRAM)
        told = readiness.descriptor(given.get("d"), environ)
        paths = _paths(words)
        _check_link(given.get("x", "lo"))
    except UsageError as error:
        report.say(PROGRAM, "%s" % error)
        report.say(PROGRAM, "usage: " + USAGE)
        return 100
    try:
        if "n" in given:
            values, _ = _gather(root, paths, given)
            name = "options" if "x" in given else "servers"
            text = values[name] + "\n" if name in values else ""
            return 0 if report.tell(PROGRAM, text) else 111
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


def _check_link(text: str) -> None:
    link, comma, own = text.partition(",")
    if not names.is_link_name(link) or (comma and not servers.domain(own)):
        raise UsageError("option -x: expected IFNAME or IFNAME,DOMAIN, got %s" % report.show(text))


def _gather(
    root: str, paths: list[tuple[str, str]], given: dict[str, str]
) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """(values, what is strange) as the outputs tell now; of time servers names count, too. Raises
    OutputsError."""
    published = {}
    for service, _ in paths:
        if service not in published:
            published[service] = outputs.read(root, service) or {}
    if "x" not in given:
        is_time = "t" in given
        found, strange = servers.gather(
            paths, published, servers.host if is_time else servers.address
        )
        return servers.time_values(found) if is_time else servers.values(found), strange
    link, _, own = given["x"].partition(",")
    searched = [path for path in paths if path[1] == "domains"]
    domains, strange = servers.gather(searched, published, servers.domain)
    asked = [path for path in paths if path[1] != "domains"]
    clocks, more = servers.gather(asked, published, servers.host)
    return servers.hosts_values(link, own, domains, clocks), strange + more


def _follow(
    root: str, service: str, paths: list[tuple[str, str]], notify: int, given: dict[str, str]
) -> int:
    """Publish now and after every change, until SIGTERM or SIGINT.

    given: the options: `t` time servers; `x` what hosts of a link are told; `o` resolv.conf; `l` it
    names this machine, whoever the servers are.
    """
    expected = "an address or a name" if "t" in given or "x" in given else "an address"
    file = given.get("o", "")
    signals = process.Signals([process.SIGTERM, process.SIGINT])
    watch = outputs.Watch(root)
    sources = [source for source, _ in paths]
    complained: list[tuple[str, str]] = []
    due = True
    while True:
        if due:
            values, strange = _gather(root, paths, given)
            outputs.publish(root, service, values)
            if file:
                found = values["resolv"] + "\n" if "resolv" in values else ""
                _write(file, servers.resolv_conf(["127.0.0.1"]) if "l" in given else found)
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
