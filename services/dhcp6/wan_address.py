"""wan_address: put a lease's addresses and routes on the WAN, and take away what left the lease.

A thin shell: wan_plan decides, applier does. The rule: nothing of an old lease remains.
"""

import sys

from agent import ip, names, options, outputs
from agent.options import UsageError
from agent.port import process
from agent.report import say
from services.dhcp6 import applier, settings, wan_plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.port.records import Link
    from services.dhcp6.lease import Lease
    from services.dhcp6.memory import Used
    from services.dhcp6.plan import Plan

PROGRAM = "wan_address"
USAGE = "wan_address [-cnv] [-d FD] [-m METRIC] LEASE [IFNAME]"


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Run as the command line says; returns the exit code."""
    try:
        given, words = options.parse(argv, "cnv", "dm")
        chosen = settings.read(given, environ, PROGRAM)
        lease = settings.lease_name(words)
        if len(words) > 2 or (len(words) == 2 and not names.is_link_name(words[1])):
            raise UsageError("IFNAME: expected one, %s" % names.LINK_NAME)
        metric = ip.decimal(given.get("m", "%d" % wan_plan.METRIC), wan_plan.LARGEST)
        if metric is None:
            raise UsageError("option -m: expected a number up to %d" % wan_plan.LARGEST)
    except UsageError as error:
        say(PROGRAM, str(error))
        say(PROGRAM, "usage: " + USAGE)
        return 100
    configured = words[1] if len(words) == 2 else ""
    chosen_metric = metric

    def decide(now: float, told: "Lease", used: "list[Used]", links: "list[Link]") -> "Plan":
        ifname = configured or told.ifname
        for link in links:
            if link.name == ifname:
                return wan_plan.decide(now, told, ifname, link.index, chosen_metric)
        return wan_plan.decide(now, told, ifname, None)

    try:
        return applier.start(PROGRAM, chosen, lease, decide)
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
