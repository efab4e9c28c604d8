"""Single calls of agent.s6 for host tests and the bench, on both runtimes."""

from agent.port import clock
from agent.s6 import control, install, strays
from tests.device.s6_room import Room
from tests.device.s6_services import service

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def install_one(top: str, word: str) -> None:
    """Install a service whose files have `word` in them."""
    room = Room(top, ("holder",))
    fields: dict[str, Any] = {"literals": (("W" + word, word),), "digest": word}
    install.install(room.scan, service("web", run=("echo", word), **fields), room.paths)


def print_status(scan: str, *names: str) -> None:
    """The statuses, one a line."""
    for name in names:
        print("%r" % (tuple(control.status(scan, name) or ()),))


def send(scan: str, name: str, letters: str) -> None:
    """One command."""
    print(control.command(scan, name, letters))


def rescan(scan: str, letters: str) -> None:
    """One command to s6-svscan."""
    print(control.rescan(scan, letters))


def time_status(scan: str, name: str, count: str) -> None:
    """Seconds for one control.status()."""
    start = clock.monotonic()
    for _ in range(int(count)):
        assert control.status(scan, name)
    print((clock.monotonic() - start) / int(count))


def time_command(scan: str, name: str, count: str) -> None:
    """Seconds for one control.command() that changes nothing."""
    start = clock.monotonic()
    for _ in range(int(count)):
        assert control.command(scan, name, "c")
    print((clock.monotonic() - start) / int(count))


def time_strays(scan: str, name: str, count: str) -> None:
    """Seconds for one look at all processes."""
    start = clock.monotonic()
    for _ in range(int(count)):
        strays.find(scan, {name: 0})
    print((clock.monotonic() - start) / int(count))
