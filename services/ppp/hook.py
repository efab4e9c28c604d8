"""ppp_script: what pppd's ip-up, ip-down, ipv6-up and ipv6-down call. Thin: told.py decides."""

import sys

from agent import environment, names, options, outputs, report
from agent.options import UsageError
from agent.port import process
from services.ppp import told

PROGRAM = "ppp_script"
USAGE = "ppp_script ip-up|ip-down|ipv6-up|ipv6-down IFNAME TTY SPEED LOCAL REMOTE [PARAM]"


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Publish what pppd told; the exit code (services/ppp/README.md)."""
    try:
        _, words = options.parse(argv, "", "")
        if len(words) < 6 or words[0] not in told.CALLS:
            raise UsageError("expected one of %s and pppd's operands" % " ".join(told.CALLS))
        if not names.is_link_name(words[1]):
            raise UsageError("IFNAME: expected %s" % names.LINK_NAME)
        root = environment.outputs_root(environ)
        service = environment.service(environ)
    except UsageError as error:
        report.say(PROGRAM, "%s" % error)
        report.say(PROGRAM, "usage: " + USAGE)
        return 100

    def decide(before: "outputs.Snapshot") -> "outputs.Snapshot | None":
        values = told.read(words[0], words[1:], environ, before.values or {})
        return outputs.Snapshot(values or None, before.memo)

    try:
        outputs.update(root, service, decide)
    except outputs.OutputsError as error:
        report.say(PROGRAM, "%s" % error)
        return 111
    return 0


def run() -> None:
    """The program's entry on both runtimes."""
    sys.exit(main(process.argv()[1:], process.environ()))


if __name__ == "__main__":
    run()
