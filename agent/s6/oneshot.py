"""`frost-oneshot COMMAND...`: runs the command; when it succeeded, says so to s6 and stays.

The run script of a oneshot becomes this program, so that s6's own status tells a success (up and
ready) from a failure (down, with the command's exit code) and from what never ran. SIGTERM goes
to the command while it runs, and ends the program afterwards. Staying costs less memory than
`sleep infinity` (docs/s6.md).

`frost-oneshot -u COMMAND...` is in the finish script, where s6 tells how the process ended: it runs
what undoes the work, unless somebody killed the process out of the blue. Then what was done stays,
and is done again (agent.supervision).
"""

import sys

from agent import options, readiness, report
from agent.port import files, poll, process

USAGE = "frost-oneshot [-u] COMMAND [ARGUMENT...]   (reads $NOTIFY_FD)"
UNDO, STOPPING = b"-u", "stopping"  # the file, in the service directory: SIGTERM has come
WRONG_USAGE, CANNOT_RUN, SIGNALLED = 100, 127, 128  # the last two as shells and execline have it


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Run the command and hold; the exit code is the command's, 128 + N after signal N."""
    try:
        notify = readiness.descriptor(None, environ)
        if not argv:
            raise options.UsageError("expected a command")
    except options.UsageError as error:
        report.say("frost-oneshot", "%s; usage: %s" % (error, USAGE))
        return WRONG_USAGE
    if argv[0] == UNDO and argv[1:]:
        return _undo(argv[1:], environ)
    notify = readiness.usable("frost-oneshot", notify)
    # First the signals: a SIGTERM that comes while the command starts must not be lost.
    signals = process.Signals([process.SIGCHLD, process.SIGTERM])
    code = _run(argv, signals)
    if code:
        return code
    readiness.tell("frost-oneshot", notify)
    while process.SIGTERM not in signals.read():
        poll.ready([signals.fileno()], None)
    return 0


def _run(argv: list[bytes], signals: process.Signals) -> int:
    """Run a command to its end; its code, 128 + N after signal N."""
    try:
        child = process.spawn(argv)
    except OSError as error:
        text = "%s: %s" % (report.show(argv[0]), process.strerror(error.errno or 0))
        report.say("frost-oneshot", text)
        return CANNOT_RUN
    code = _attend(child, signals)
    return SIGNALLED - code if code < 0 else code


def _attend(child: int, signals: process.Signals) -> int:
    """Wait for the command's end, hand SIGTERM on to it; its code, -N for signal N."""
    stopped = False
    while True:
        seen = signals.read()
        code = process.wait(child, False)
        if code is not None:
            # A command that ends well on SIGTERM did not finish its work.
            stopped = stopped or process.SIGTERM in seen
            return -process.SIGTERM if stopped and not code else code
        if process.SIGTERM in seen:
            stopped = True
            _remember()
            process.kill(child, process.SIGTERM)
        poll.ready([signals.fileno()], None)


def _remember() -> None:
    """SIGTERM has come: should it take a KILL to end the command, its work is to be undone."""
    try:
        files.write(STOPPING, b"")
    except OSError:
        pass  # no service directory


def _undo(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Run what undoes the work. $1 and $2 as s6-supervise gives them to finish: 256 and the signal
    when the process was killed."""
    signal = b"%d" % process.SIGKILL
    killed = environ.get(b"1") == b"256" and environ.get(b"2") == signal
    try:
        files.remove_file(STOPPING)
        killed = False
    except OSError:
        pass  # nobody had asked it to stop
    if killed:
        return 0
    return _run(argv, process.Signals([process.SIGCHLD, process.SIGTERM]))


def run() -> None:
    """Console-script and frozen entry."""
    sys.exit(main(process.argv()[1:], process.environ()))


if __name__ == "__main__":
    run()
