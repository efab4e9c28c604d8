"""`ra`: the router advertisements of the LANs. See README.md."""

import sys

from agent import options, outputs, readiness
from agent.port import process
from agent.report import say, tell
from services.ra import arguments, sender

PROGRAM = "ra"


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Run with these arguments; the exit code."""
    try:
        parsed = arguments.parse(argv)
        settings = arguments.settings(parsed, environ)
    except options.UsageError as error:
        say(PROGRAM, str(error))
        say(PROGRAM, "usage: " + arguments.USAGE)
        return 100
    ready_fd = readiness.usable(settings.service, settings.notify_fd)
    try:
        if parsed.dry_run:
            return print_lans(sender.Sender(parsed, settings))
        signals = process.Signals([process.SIGTERM, process.SIGHUP, process.SIGINT])
        return sender.Sender(parsed, settings).run(signals, ready_fd)
    except outputs.OutputsError as error:
        say(settings.service, str(error))
        return 1
    except OSError as error:
        say(settings.service, process.strerror(error.errno or 0))
        return 111


def print_lans(would: sender.Sender) -> int:
    """-n: what each LAN would be told now, to standard output."""
    lines = [line + "\n" for line in would.preview()]
    return 0 if tell(would.settings.service, "".join(lines)) else 111


def run() -> None:
    """The console script's entry, and the frozen binary's."""
    sys.exit(main(process.argv()[1:], process.environ()))


if __name__ == "__main__":
    run()
