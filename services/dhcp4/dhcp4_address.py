"""dhcp4_address: put a DHCPv4 lease's address and routes on the WAN, and take them away again.

A thin shell: plan.py decides, services.dhcp6.applier does. The rule: nothing of an old lease
remains.
"""

import sys

from agent import ip, options, outputs
from agent.options import UsageError
from agent.port import process
from agent.report import say
from services.dhcp4 import lease as leases
from services.dhcp4 import plan as plans
from services.dhcp6 import applier, settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agent.port.records import Link
    from services.dhcp4.lease import Lease
    from services.dhcp6.plan import Plan

PROGRAM = "dhcp4_address"
USAGE = "dhcp4_address [-cnv] [-d FD] [-m METRIC] LEASE"
METRIC = 512  # better than the 1024 that people and the kernel give by default


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Run as the command line says; returns the exit code (services/dhcp4/README.md)."""
    try:
        given, words = options.parse(argv, "cnv", "dm")
        chosen = settings.read(given, environ, PROGRAM)
        name = settings.lease_name(words)
        metric = ip.decimal(given.get("m", "%d" % METRIC), 0x7FFFFFFF)
        if metric is None:
            raise UsageError("option -m: expected a number up to 2147483647")
        if len(words) > 1:
            raise UsageError("expected one operand, got %d" % len(words))
    except UsageError as error:
        say(PROGRAM, str(error))
        say(PROGRAM, "usage: " + USAGE)
        return 100
    chosen_metric = metric

    def decide(now: float, told: "Lease", _: "Any", links: "list[Link]") -> "Plan":
        index = None
        for link in links:
            if link.name == told.ifname:
                index = link.index
        return plans.decide(now, told, index, chosen_metric)

    try:
        return applier.start(PROGRAM, chosen, name, decide, leases.read, 4)  # type: ignore[arg-type]
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
