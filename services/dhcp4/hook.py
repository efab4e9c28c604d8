"""udhcpc's hook: `udhcpc -s udhcpc_script`. Thin: told.py decides.

udhcpc gives one word, what has happened, and the lease as environment (its -s option).
"""

import sys

from agent import environment, names, options, outputs, report
from agent.options import UsageError
from agent.port import clock, process
from services.dhcp4 import told

PROGRAM = "udhcpc_script"
USAGE = "udhcpc_script [-n] deconfig|bound|renew|leasefail|nak   (udhcpc tells the rest)"
STATES = ("deconfig", "bound", "renew", "leasefail", "nak")


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Publish what udhcpc told; the exit code (services/dhcp4/README.md)."""
    try:
        given, words = options.parse(argv, "n", "")
        if len(words) != 1 or words[0] not in STATES:
            raise UsageError("expected one of %s" % " ".join(STATES))
        ifname = environment.variable(environ, b"interface", "")
        if not names.is_link_name(ifname):
            raise UsageError("$interface: expected %s" % names.LINK_NAME)
        root = environment.outputs_root(environ)
        service = environment.service(environ)
    except UsageError as error:
        report.say(PROGRAM, "%s" % error)
        report.say(PROGRAM, "usage: " + USAGE)
        return 100
    values, complaints = told.read(environ, ifname, words[0], clock.monotonic())
    for variable, expected, got in complaints:
        text = "%s: %s: expected %s, got %s, left out"
        report.say(PROGRAM, text % (ifname, variable, expected, report.show(got)))
    if "n" in given:
        shown = ["%s=%s\n" % (name, (values or {})[name]) for name in sorted(values or {})]
        return 0 if report.tell(PROGRAM, "".join(shown)) else 111
    try:
        if values is not None:
            outputs.publish(root, service, values)
    except outputs.OutputsError as error:
        report.say(PROGRAM, "%s" % error)
        return 111
    return 0


def run() -> None:
    """The program's entry on both runtimes."""
    sys.exit(main(process.argv()[1:], process.environ()))


if __name__ == "__main__":
    run()
