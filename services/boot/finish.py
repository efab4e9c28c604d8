"""The last steps of a machine: processes ended, disks written and unmounted, reboot(2).

Runs as process 1 in s6-svscan's place. Works without a file system, and comes to its end whatever
hangs: a second process ends the machine when the disks don't answer.
"""

from agent.port import clock, files, machine, poll, process
from agent.port.errno import EBUSY
from services.boot.mounts import MS_RDONLY, MS_REMOUNT, Mount, mounted, to_end
from services.boot.steps import ERROR, log, text_of

PROGRAM = "frost-finish"
LAST_RESORT = "last-resort"
VERBS = (b"finish", b"crash", b"last-resort", b"halt", b"poweroff", b"reboot")
TERM_S, KILL_S = 3.0, 2.0  # for processes to end after SIGTERM, after SIGKILL
BUSY_S = 1.0  # what dead processes held is let go a moment later
DISKS_S = 60.0  # for the disks to take what is not written yet
LOOK_S = 0.02
ROOT = Mount("", "/", "", "rw")  # what is tried when nothing can be read any more


def finish(program: bytes, how: str, is_crash: bool) -> int:
    """End the machine: `how` is halt, poweroff or reboot. Returns only where reboot(2) fails."""
    if is_crash:
        log(PROGRAM, "process 1: s6-svscan could not go on; the machine starts again", ERROR)
        how = "reboot"
    _attempt("ctrl-alt-del", machine.keys, True)  # from here on at once: nothing is to be stopped
    begun = clock.monotonic()
    _end_processes()
    ended = clock.monotonic()
    try:
        process.spawn([program, LAST_RESORT.encode(), how.encode()])
    except OSError:
        pass
    machine.sync()
    for mount in to_end(mounted(text_of("/proc/self/mountinfo"))) or [ROOT]:
        _close(mount)
    machine.sync()
    took = (how, ended - begun, clock.monotonic() - ended)
    log(PROGRAM, "%s: processes took %.3f s, disks %.3f s" % took)
    _attempt("reboot(2)", machine.end, how)
    return 111


def last_resort(how: str) -> int:
    """End the machine when the disks have not answered in time."""
    machine.keys(True)  # has the pages of the call in memory: a disk may not give them later
    poll.ready([], DISKS_S)
    log(PROGRAM, "disks: expected them within %g s; the machine ends without" % DISKS_S, ERROR)
    machine.end(how)
    return 111


def _end_processes() -> None:
    """SIGTERM for all, SIGKILL for what does not end by it."""
    _signal(process.SIGTERM)
    _signal(process.SIGCONT)
    if not _wait(TERM_S):
        log(PROGRAM, "killed: " + " ".join(_others()), ERROR)
        _signal(process.SIGKILL)
        if not _wait(KILL_S):
            log(PROGRAM, "still there: " + " ".join(_others()), ERROR)


def _signal(number: int) -> None:
    try:
        process.kill(-1, number)
    except OSError:
        pass  # ESRCH: nobody is left


def _wait(seconds: float) -> bool:
    """Reap until nobody is left; False: some are after that time."""
    deadline = clock.monotonic() + seconds
    while not _is_alone():
        if clock.monotonic() >= deadline:
            return False
        poll.ready([], LOOK_S)
    return True


def _is_alone() -> bool:
    """Process 1 is every process's parent, in the end: without children it is alone."""
    try:
        while process.wait(-1, False) is not None:
            pass
        return False
    except OSError:  # ECHILD
        return process.pid() == 1 or not _others()


def _others() -> list[str]:
    """The names of the processes that are left; the kernel's own have no command line."""
    found = []
    ours = ("1", "%d" % process.pid())
    for pid in _listing("/proc"):
        if pid.isdigit() and pid not in ours and text_of("/proc/%s/cmdline" % pid):
            found.append(text_of("/proc/%s/comm" % pid).strip())
    return found


def _listing(path: str) -> list[str]:
    try:
        return files.listing(path)
    except OSError:
        return []


def _close(mount: Mount) -> None:
    """Read-only first: that is what leaves a clean disk, also below an overlay that holds it."""
    what = "%s: remount ro" % mount.target
    number = MS_REMOUNT | MS_RDONLY
    deadline = clock.monotonic() + BUSY_S
    while True:
        try:
            machine.mount(mount.source, mount.target, "", number)
            break
        except OSError as error:
            if error.errno != EBUSY or clock.monotonic() >= deadline:
                log(PROGRAM, "%s: %s" % (what, process.strerror(error.errno or 0)), ERROR)
                break
            poll.ready([], LOOK_S)
    if mount.target != "/":
        try:
            machine.unmount(mount.target)
        except OSError:
            pass  # busy, and read-only: nothing is lost


def _attempt(what: str, function: object, argument: object) -> None:
    assert callable(function)
    try:
        function(argument)
    except OSError as error:
        log(PROGRAM, "%s: %s" % (what, process.strerror(error.errno or 0)), ERROR)
