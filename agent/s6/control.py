"""s6-supervise and s6-svscan spoken to directly: status files read, control FIFOs written.

What s6-svstat and s6-svc do, without a process for each (docs/s6.md has the ratios, a test holds
the equality). Nothing here waits.
"""

from agent.port import files, process
from agent.port.errno import EAGAIN, ENOENT, ENOTDIR, ENXIO, ESRCH
from agent.s6.status import Status, StatusError, decode


def status(scan: str, name: str) -> Status | None:
    """What s6-supervise wrote last about the service, None when it never did.

    A killed s6-supervise leaves its last status; listens() tells. StatusError: damaged.
    """
    path = "%s/%s/supervise/status" % (scan, name)
    try:
        return decode(files.read(path))
    except StatusError as error:
        raise StatusError("%s: %s" % (path, error))
    except OSError as error:
        if error.errno in (ENOENT, ENOTDIR):
            return None
        raise


def command(scan: str, name: str, letters: str) -> bool:
    """Send s6-svc's command letters, for example "o" (start once) or "d" (stop), see its page.

    False: no s6-supervise reads there now, or it has stopped reading.
    """
    return _send("%s/%s/supervise/control" % (scan, name), letters.encode())


def listens(scan: str, name: str) -> bool:
    """Whether an s6-supervise runs for the service (or its logger: "NAME/log"); s6-svok."""
    return command(scan, name, "")


def kill(scan: str, name: str) -> bool:
    """SIGKILL for the service's process and all of its process group; False: none is up.

    s6-supervise makes each service a session of its own. s6-svc -k would leave the children of a
    script, or the command of a oneshot, running.
    """
    found = status(scan, name)
    if found is None or not found.pid:
        return False
    try:
        process.kill(-found.pid, process.SIGKILL)
    except OSError as error:
        if error.errno == ESRCH:
            return False
        raise
    return True


def rescan(scan: str, letters: str = "a") -> bool:
    """Have s6-svscan look at its folder: s6-svscanctl's letters. False: none runs there.

    "a" starts what is new; "an" also ends the s6-supervise of what is gone.
    """
    return _send(scan + "/.s6-svscan/control", letters.encode())


def _send(path: str, octets: bytes) -> bool:
    try:
        files.send(path, octets)
    except OSError as error:
        if error.errno in (ENXIO, ENOENT, ENOTDIR, EAGAIN):
            return False
        raise
    return True
