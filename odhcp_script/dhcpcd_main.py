"""dhcpcd's hook: `dhcpcd --noconfigure -c dhcpcd_script`. Thin; dhcpcd.py and publish.py decide."""

import sys

from agent import environment, options, readiness, report
from agent.port import clock, files, process
from odhcp_script import dhcpcd, hook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from odhcp_script.lease import Complaint, Lease

USAGE = "usage: dhcpcd_script [-n] [-d FD]   (dhcpcd tells the rest by the environment)"
PROGRAM = "dhcpcd_script"
ADDRESSES = "/proc/net/if_inet6"  # proc(5): address, index, length, scope, flags, name


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Publish what dhcpcd told by its environment; the exit code."""
    try:
        given, operands = options.parse(argv, "n", "d")
        if operands:
            raise options.UsageError("expected no operands, got %s" % report.show(operands[0]))
        ifname = hook.interface(environ)
        root = environment.outputs_root(environ)
        service = environment.service(environ)
        fd = readiness.descriptor(given.get("d"), environ)
    except options.UsageError as error:
        report.say(PROGRAM, str(error))
        report.say(PROGRAM, USAGE)
        return 100
    if not dhcpcd.concerns(environ):
        return 0
    now = hook.milliseconds(clock.monotonic())
    interface_id = _interface_id(ifname)

    def read(notes: str) -> "tuple[Lease, list[Complaint], str]":
        return dhcpcd.read(environ, ifname, interface_id, now, notes)

    return hook.run(PROGRAM, service, root, ifname, read, fd, "n" in given)


def _interface_id(ifname: str) -> int | None:
    """The lower 64 bits of the link's link-local address; None when it has none yet."""
    try:
        lines = files.read(ADDRESSES).split(b"\n")
    except OSError:
        return None  # a kernel without IPv6 says so elsewhere
    for line in lines:
        fields = line.split()
        if len(fields) == 6 and fields[5] == ifname.encode() and fields[0][:4] == b"fe80":
            return int(fields[0][16:].decode(), 16)
    return None


def run() -> None:
    """The program's entry on both runtimes."""
    sys.exit(main(process.argv()[1:], process.environ()))


if __name__ == "__main__":
    run()
