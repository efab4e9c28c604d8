"""odhcp6c's hook: `odhcp6c -s odhcp_script ... wan`. Thin; odhcp6c.py and publish.py decide."""

import sys

from agent import environment, names, options, readiness, report
from agent.port import clock, process
from odhcp_script import hook, odhcp6c

TYPE_CHECKING = False
if TYPE_CHECKING:
    from odhcp_script.lease import Complaint, Lease

USAGE = "usage: odhcp_script [-n] [-d FD] IFNAME STATE"
PROGRAM = "odhcp_script"


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Publish what odhcp6c told by its environment; the exit code."""
    try:
        given, operands = options.parse(argv, "n", "d")
        if len(operands) != 2:
            raise options.UsageError("expected an interface and a state")
        ifname, state = operands
        if not names.is_link_name(ifname):
            raise options.UsageError("expected %s, got %s" % (names.LINK_NAME, report.show(ifname)))
        if not 1 <= len(state) <= 32 or [c for c in state if not ("a" <= c <= "z" or c == "-")]:
            raise options.UsageError("expected a state word, got %s" % report.show(state))
        root = environment.outputs_root(environ)
        service = environment.service(environ) if "n" not in given or b"SERVICE" in environ else ""
        fd = readiness.descriptor(given.get("d"), environ)
    except options.UsageError as error:
        report.say(PROGRAM, str(error))
        report.say(PROGRAM, USAGE)
        return 100

    now = hook.milliseconds(clock.monotonic())

    def read(_notes: str) -> "tuple[Lease, list[Complaint], str]":
        lease, complaints = odhcp6c.read(environ, ifname, state, now)
        return lease, complaints, ""

    return hook.run(PROGRAM, service, root, ifname, read, fd, "n" in given)


def run() -> None:
    """The program's entry on both runtimes."""
    sys.exit(main(process.argv()[1:], process.environ()))


if __name__ == "__main__":
    run()
