"""Follows the secrets of one service: a changed one has the agent start it anew, or signals it.

The service needs ours, so the agent stops it first and starts it with what is new. A secret that is
missing is waited for; one that does not fit is told, and what was before stays.
"""

from agent import options, readiness, report
from agent.command import client
from agent.command.errors import CommandError, NotRunning
from agent.generations import make_folders
from agent.port import files, poll, process
from agent.port.records import IN_CLOSE_WRITE, IN_DELETE, IN_MOVED_TO
from agent.s6 import control
from services.secrets.formats import PLAIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.daemon.places import Places
    from services.secrets.with_secret import Made

PROGRAM = "with_secret"
PLAIN_OPTIONS, VALUED_OPTIONS = "rw", "dsu"
# s6-svc's letters; none: the consumer looks by itself
SIGNALS = {"HUP": "h", "USR1": "1", "USR2": "2", "none": ""}


def split(words: list[str]) -> tuple[list[str], str]:
    """The secrets and the configuration ("" for none) of a command's operands. Pure."""
    if words[0] == PLAIN:
        return words[1:-1], ""
    return words[1:-2], words[-2] if len(words) > 2 else ""


def names_of(command: tuple[str, ...]) -> tuple[str, ...]:
    """The secrets that a command of a service delivers. Pure."""
    if command[:1] != (PROGRAM,):
        return ()
    octets = [word.encode() for word in command[1:]]
    given, words = options.parse(octets, PLAIN_OPTIONS, VALUED_OPTIONS)
    return () if "r" in given or not words else tuple(split(words)[0])


def follow(
    made: "Made", folder: str, service: str, signal: str, where: "Places", notify: int
) -> int:
    """Follow until SIGTERM or SIGINT; the exit code. folder: where the secrets are. service: our
    own name. signal: what has the consumer read what is new, "" when it has to start anew."""
    make_folders(folder)
    signals = process.Signals([process.SIGTERM, process.SIGINT])
    watch = files.Watch()
    watch.add(folder, IN_CLOSE_WRITE | IN_DELETE | IN_MOVED_TO)  # before the first look
    is_written = made.write() == 0
    while True:
        if is_written:
            readiness.tell(PROGRAM, notify)
            notify = readiness.NOBODY
        poll.ready([signals.fileno(), watch.fileno()], None)
        if signals.read():
            return 0
        moved = [name for _, _, _, name in watch.read() if name in made.secrets]
        if moved and not is_written:
            is_written = made.write() == 0
        elif moved and made.is_changed():
            if not signal:
                _restart(where, service)
            elif made.write() == 0 and SIGNALS[signal]:
                control.command(where.scan, made.consumer, SIGNALS[signal])


def _restart(where: "Places", service: str) -> None:
    """Those that need us end, then we; then all start with what is new."""
    try:
        client.ask(where, ["restart", service])
    except (NotRunning, CommandError) as error:
        text = "a secret changed: expected the agent to restart %s, got %s"
        report.say(PROGRAM, text % (service, error))
