"""`firewall`: load the packet filter, then follow the network. See README.md."""

import sys

from agent import environment, options, outputs, readiness
from agent.options import UsageError
from agent.port import process
from agent.report import say, tell
from firewall.loader import service, settings
from firewall.loader.folder import LoadError
from firewall.loader.loader import Loader
from firewall.loader.tables import Tables

PROGRAM = "firewall"
USAGE = "firewall [-bcnuv] [-d FD] [FOLDER]"
FOLDER = "/etc/frost/firewall"


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Run as the command line says; the exit code."""
    try:
        given, words = options.parse(argv, "bcnuv", "d")
        root = environment.outputs_root(environ)
        folder = environment.variable(environ, b"FROST_FIREWALL", FOLDER)
        notify_fd = readiness.descriptor(given.get("d"), environ)
        publish_as = environment.service(environ) if environ.get(b"SERVICE") else ""
        if len(words) > 1:
            raise UsageError("expected one folder, got %d" % len(words))
    except UsageError as error:
        say(PROGRAM, str(error))
        say(PROGRAM, "usage: " + USAGE)
        return 100
    where = words[0] if words else folder
    tables = Tables(PROGRAM)
    try:
        if "n" in given:
            loader = Loader(PROGRAM, tables, where, root, "v" in given)
            return 0 if tell(PROGRAM, loader.preview()) else 111
        if "b" in given and "u" in given:
            return 0 if tables.reset(True) else 111
        if "c" in given:
            return 0 if settings.close(PROGRAM) else 111
        if "b" in given:
            return 0 if tables.prepare() else 111
        ready_fd = readiness.usable(PROGRAM, notify_fd)
        return service.run(PROGRAM, where, root, "v" in given, ready_fd, publish_as, "u" in given)
    except LoadError as error:
        for line in error.lines:
            say(PROGRAM, line)
        return 1
    except outputs.OutputsError as error:
        say(PROGRAM, str(error))
        return 1
    except OSError as error:
        say(PROGRAM, process.strerror(error.errno or 0))
        return 111


def run() -> None:
    """The entry point of the console script and of the frozen binary."""
    sys.exit(main(process.argv()[1:], process.environ()))


if __name__ == "__main__":
    run()
