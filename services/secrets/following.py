"""Follows the secrets of one configuration: a changed one has the agent restart the service.

The daemons need this service, so the agent stops them first and starts them with what is new. A
secret that is missing is waited for; one that does not fit is told, and what was before stays.
"""

from agent import readiness, report
from agent.command import client
from agent.command.errors import CommandError, NotRunning
from agent.generations import make_folders
from agent.port import files, poll, process
from agent.port.records import IN_CLOSE_WRITE, IN_MOVED_TO

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.daemon.places import Places

PROGRAM = "with_secret"
FOLLOW = "-w"


def names_of(command: tuple[str, ...]) -> tuple[str, ...]:
    """The secrets that a command of a service puts into a configuration. Pure."""
    words = [word for word in command if word != FOLLOW]
    return tuple(words[2:-2]) if words[:1] == [PROGRAM] and "-r" not in words else ()


def follow(
    folder: str,
    secrets: list[str],
    write: "Callable[[], int]",
    is_changed: "Callable[[], bool]",
    service: str,
    where: "Places",
    notify: int,
) -> int:
    """Follow until SIGTERM or SIGINT; the exit code. folder: where the secrets are. write: puts
    them into the file, and tells when that fails; an exit code. is_changed: whether they make
    another file now. service: our own name."""
    make_folders(folder)
    signals = process.Signals([process.SIGTERM, process.SIGINT])
    watch = files.Watch()
    watch.add(folder, IN_CLOSE_WRITE | IN_MOVED_TO)  # before the first look
    is_written = write() == 0
    while True:
        if is_written:
            readiness.tell(PROGRAM, notify)
            notify = readiness.NOBODY
        poll.ready([signals.fileno(), watch.fileno()], None)
        if signals.read():
            return 0
        moved = [name for _, _, _, name in watch.read() if name in secrets]
        if moved and not is_written:
            is_written = write() == 0
        elif moved and is_changed():
            _restart(where, service)


def _restart(where: "Places", service: str) -> None:
    """Those that need us end, then we; then all start with what is new."""
    try:
        client.ask(where, ["restart", service])
    except (NotRunning, CommandError) as error:
        text = "a secret changed: expected the agent to restart %s, got %s"
        report.say(PROGRAM, text % (service, error))
