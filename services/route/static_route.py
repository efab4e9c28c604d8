"""static_route: keeps one route in the kernel while it runs; `-c` takes it away.

A thin shell: request.py decides, services.dhcp6.applier does. A link that goes down loses its
IPv4 routes without a word from the kernel; when it is up again this one is back.
"""

import sys

from agent import options, outputs
from agent.options import UsageError
from agent.port import process
from agent.report import say
from services.dhcp6 import applier, settings
from services.route import request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agent.port.records import Link
    from services.dhcp6.plan import Plan

PROGRAM = "static_route"
USAGE = (
    "static_route [-cnv] [-d FD] PREFIX dev IFNAME [via ADDRESS] [metric NUMBER]",
    "static_route [-cnv] [-d FD] unreachable|blackhole|prohibit PREFIX [metric NUMBER]",
)


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Run as the command line says; returns the exit code (services/route/README.md)."""
    try:
        given, words = options.parse(argv, "cnv", "d")
        chosen = settings.read(given, environ, PROGRAM)
        asked = request.parse(words)
    except UsageError as error:
        say(PROGRAM, str(error))
        for line in USAGE:
            say(PROGRAM, "usage: " + line)
        return 100
    family = 6 if ":" in asked.destination else 4

    def decide(now: float, told: "Any", _: "Any", links: "list[Link]") -> "Plan":
        return request.plan(asked, links)

    try:
        # What others publish is of no meaning here: the "lease" is our own name.
        return applier.start(PROGRAM, chosen, chosen.service, decide, _nothing, family, "route")
    except outputs.OutputsError as error:
        say(PROGRAM, str(error))
        return 1
    except OSError as error:
        say(PROGRAM, process.strerror(error.errno or 0))
        return 111


def _nothing(values: "dict[str, str] | None") -> None:
    """The lease of a route that nobody leases."""


def run() -> None:
    """The entry point of the console script and of the frozen binary."""
    sys.exit(main(process.argv()[1:], process.environ()))


if __name__ == "__main__":
    run()
