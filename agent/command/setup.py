"""`frost setup`: puts the agent's own service directory into s6-svscan's folder."""

from agent.command import world
from agent.command.errors import OK, OTHER, SYSTEM_CALL_FAILED, CommandError
from agent.port import files
from agent.s6 import control, directory, install, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.command.console import Console


def setup(console: "Console", options: dict[str, str], words: list[str]) -> int:
    """Make the agent's service directory, or bring it up to date, and have s6 look at it."""
    where = console.where
    if files.kind(where.scan) != "folder":
        text = "%s: expected the scan folder of s6-svscan, got none; make it, or set FROST_SCAN"
        raise CommandError(SYSTEM_CALL_FAILED, text % where.scan)
    environ = [
        ("FROST_GRAPH", where.graph),
        ("FROST_LOG", where.log),
        ("FROST_RUN", where.run),
    ]
    found = paths.find(where.scan, where.outputs, where.log, console.path)
    try:
        install.install_daemon(found, environ)
        reached = control.rescan(where.scan)
    except install.InstallError as error:
        raise CommandError(OTHER, "%s" % error) from None
    except OSError as error:
        raise world.failed(where.scan, error) from None
    path = "%s/%s" % (where.scan, directory.DAEMON)
    if not reached:
        console.say("%s: no s6-svscan runs there yet; it will start the agent" % where.scan)
    console.line(["%s: %s" % (path, "s6-svscan was told" if reached else "is ready")])
    return OK
