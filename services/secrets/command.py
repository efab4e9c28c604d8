"""`frost secret`: puts a secret in its place. Who follows it hears of it; nobody is shown it.

The value comes by standard input: an argument could be seen by everybody.
"""

import sys

from agent import environment, options, report
from agent.generations import make_folders
from agent.graph import read
from agent.graph.model import GraphError
from agent.graph.spelling import suggestion
from agent.names import is_service_name
from agent.options import UsageError
from agent.port import files, process
from agent.s6.install import replace
from services.secrets import following

PROGRAM = "frost secret"
USAGE = "frost secret [NAME <VALUE]"
LARGEST = 65536  # octets


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Take the secret, or tell the names; the exit code (services/secrets/README.md)."""
    try:
        _, words = options.parse(argv, "", "")
        if len(words) > 1 or (words and not is_service_name(words[0])):
            raise UsageError("expected the name of a secret")
        folder = environment.secrets_folder(environ)
        wanted = _wanted(environment.graph_file(environ))
    except UsageError as error:
        report.say(PROGRAM, "%s" % error)
        report.say(PROGRAM, "usage: " + USAGE)
        return 100
    try:
        if not words:
            return _tell(folder, wanted)
        if wanted and words[0] not in wanted:
            text = "expected a secret of this router, got %s%s"
            report.say(PROGRAM, text % (words[0], suggestion(words[0], wanted)))
            return 1
        value = _value()
        if not 0 < len(value) <= LARGEST:
            text = "%s: expected 1 to %d octets by standard input, got %s"
            got = "none" if not value else "more"
            report.say(PROGRAM, text % (words[0], LARGEST, got))
            return 1
        make_folders(folder)
        files.set_mode(folder, 0o700)
        replace("%s/%s" % (folder, words[0]), value, 0o600)
    except OSError as error:
        report.say(PROGRAM, "%s: %s" % (folder, process.strerror(error.errno or 0)))
        return 111
    return 0


def _wanted(graph: str) -> list[str]:
    """The secrets that services of this router have; [] when that can't be known."""
    try:
        services = read.read(files.read(graph), graph).services
    except (OSError, GraphError):
        return []
    found: set[str] = set()
    for name in services:
        found.update(following.names_of(services[name].run))
    return sorted(found)


def _tell(folder: str, wanted: list[str]) -> int:
    """A line for each secret: whether it is there."""
    there = files.listing(folder) if files.kind(folder) else []
    lines = []
    for name in sorted(set(wanted + there)):
        if name[0] != ".":
            state = "missing" if name not in there else "there" if name in wanted else "unused"
            lines.append("%s: %s\n" % (name, state))
    return 0 if report.tell(PROGRAM, "".join(lines)) else 111


def _value() -> bytes:
    """Standard input, and not much more than may be."""
    value = b""
    while len(value) <= LARGEST:
        data = process.read(0, 4096)
        if not data:
            break
        value += data
    return value


def run() -> None:
    """The program's entry on both runtimes."""
    sys.exit(main(process.argv()[1:], process.environ()))


if __name__ == "__main__":
    run()
