"""Verbs of other programs: `frost VERB` runs `frost-VERB` when it has no verb of that name.

So a part of the suite that stands on the agent brings its own verbs, and the agent knows none of
them. The program is looked for beside the one that was called, then by PATH.
"""

from agent import report
from agent.command.console import PROGRAM
from agent.command.errors import OTHER, SYSTEM_CALL_FAILED
from agent.names import is_service_name
from agent.port import files, poll, process
from agent.port.errno import ENOENT, ESRCH

# These are no verbs: s6 starts them.
DAEMONS = (b"frost-agent", b"frost-oneshot")
SIGNALLED = 128  # and the signal's number, as a shell tells it


def run(called: bytes, argv: list[bytes], environ: dict[bytes, bytes]) -> int | None:
    """Run frost-VERB with the rest of argv: its exit code, None when there is no such program.

    called: the path that we were called by.
    """
    program = b"frost-" + argv[0]
    if not is_service_name(report.plain(_text(argv[0]))) or program in DAEMONS:
        return None
    folder, slash, _ = called.rpartition(b"/")
    beside = folder + slash + program
    if slash and files.kind(_text(beside)):
        program = beside
    signals = process.Signals([process.SIGINT, process.SIGTERM, process.SIGHUP])
    try:
        pid = process.spawn([program] + argv[1:], environ)
        return _end(pid, signals)
    except OSError as error:
        number = error.errno or 0
        if number == ENOENT:
            return None
        report.say(PROGRAM, "%s: %s" % (report.show(program), process.strerror(number)))
        return SYSTEM_CALL_FAILED
    finally:
        signals.close()


def _end(pid: int, signals: process.Signals) -> int:
    """Wait for the program's end; what ends us meanwhile ends it."""
    ended = process.end_of(pid)
    try:
        while ended not in poll.ready([ended, signals.fileno()], None):
            for number in signals.read():
                # A terminal sends its interrupt to both of us.
                if number != process.SIGINT:
                    _kill(pid, number)
    finally:
        process.close(ended)
    code = process.wait(pid)
    if code is None:
        return OTHER
    return code if code >= 0 else SIGNALLED - code


def _kill(pid: int, number: int) -> None:
    try:
        process.kill(pid, number)
    except OSError as error:
        if error.errno != ESRCH:
            raise


def _text(octets: bytes) -> str:
    """As text; octets that are no UTF-8 can't be in a verb's name."""
    try:
        return octets.decode()
    except UnicodeError:
        return ""
