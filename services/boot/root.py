"""The root that the machine is to run from, in the place of the one that it started with.

An initramfs stays the root unless the kernel's command line names another (`root=`). A root that
can't be written to gets an overlay: in memory, or on what `frost.overlay=` names.
"""

from agent.generations import remove_tree
from agent.port import files, machine, process
from services.boot import disks
from services.boot.mounts import MS_MOVE, MS_RDONLY, READ_ONLY, Mount, flags
from services.boot.steps import Steps

# On a tmpfs until the switch, and out of reach after it; the next stage mounts its own /run.
BASE = "/run"
LOWER, DATA, NEW = BASE + "/lower", BASE + "/data", BASE + "/root"
KEPT = "/overlay"  # where the overlay's disk is found later: the end has to know of it
MOVED = ("/dev", "/proc", "/sys")
INITS = ("/sbin/init", "/init", "/bin/init")
WAIT_S = 10.0  # for a disk to appear; $frost.wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    Words = dict[str, str]


class RootError(Exception):
    """There is no root to run from; the text is one line."""


def is_final(root: Mount, words: "Words") -> bool:
    """Whether this root is the one to stay with."""
    return "root" not in words if root.kind == "rootfs" else root.kind not in READ_ONLY


def change(steps: Steps, root: Mount, words: "Words") -> str:
    """Mount the other root and switch to it; the path of its init. Raises RootError."""
    steps.attempt(BASE, machine.mount, "tmpfs", BASE, "tmpfs", 0, "mode=0755")
    for folder in (LOWER, DATA, NEW):
        steps.attempt(folder, files.make_folder, folder)
    kind = root.kind
    if kind == "rootfs":
        kind = _mount_device(steps, words)
    if kind in READ_ONLY:
        _overlay(steps, LOWER if root.kind == "rootfs" else "/", words)
    inits = (words["init"],) if "init" in words else INITS
    found = [path for path in inits if files.kind(NEW + path)]
    if not found:
        raise RootError("%s: expected an init there, got none" % " ".join(inits))
    for folder in MOVED:
        if not files.kind(NEW + folder):
            steps.attempt(folder, files.make_folder, NEW + folder)
        steps.attempt(folder, machine.mount, folder, NEW + folder, "", MS_MOVE)
    if root.kind == "rootfs":
        _clear()
    try:
        machine.switch_root(NEW)
    except OSError as error:
        raise RootError("%s: %s" % (NEW, process.strerror(error.errno or 0))) from None
    return found[0]


def check(steps: Steps, kind: str, source: str) -> int:
    """Have the file system checked before it is written to, where the machine has the program.

    Its exit code, see fsck(8): 1 is "errors corrected", 2 in it tells that what is mounted changed.
    """
    for folder in ("/sbin/", "/usr/sbin/"):
        program = "%sfsck.%s" % (folder, kind)
        if files.kind(program):
            code = process.wait(process.spawn([program.encode(), b"-p", source.encode()])) or 0
            if code not in (0, 1):
                steps.fail("%s -p %s: exit code %d" % (program, source, code))
            return max(code, 0)
    return 0


def _mount_device(steps: Steps, words: "Words") -> str:
    """Mount what `root=` names, on LOWER if it is read-only and on NEW otherwise; its type."""
    source = _find(words, words["root"])
    kind = words.get("rootfstype") or disks.kind_of(source)
    is_lower = kind in READ_ONLY
    if not is_lower:
        check(steps, kind, source)
    number, data = flags(words.get("rootflags", ""))
    number |= MS_RDONLY if is_lower else 0
    try:
        machine.mount(source, LOWER if is_lower else NEW, kind, number, data)
    except OSError as error:
        text = "root=%s: %s as %s" % (source, process.strerror(error.errno or 0), kind or "?")
        raise RootError(text) from None
    return kind


def _find(words: "Words", wanted: str) -> str:
    wait = words.get("frost.wait", "")
    seconds = float(wait) if wait.isdigit() else WAIT_S
    source = disks.find(wanted, seconds)
    if not source:
        text = "%s: not there after %g s; block devices: %s"
        raise RootError(text % (wanted, seconds, " ".join(disks.names()) or "none"))
    return source


def _overlay(steps: Steps, lower: str, words: "Words") -> None:
    """An overlay on NEW, over the read-only `lower`."""
    is_kept = "frost.overlay" in words and _mount_data(steps, words)
    if not is_kept:
        steps.attempt(DATA, machine.mount, "overlay", DATA, "tmpfs", 0, "mode=0755,size=50%")
    for folder in (DATA + "/upper", DATA + "/work"):
        if not files.kind(folder):
            steps.attempt(folder, files.make_folder, folder)
    data = "lowerdir=%s,upperdir=%s/upper,workdir=%s/work" % (lower, DATA, DATA)
    try:
        machine.mount("overlay", NEW, "overlay", 0, data)
    except OSError as error:
        raise RootError("overlay: %s" % process.strerror(error.errno or 0)) from None
    if is_kept:
        if not files.kind(NEW + KEPT):
            steps.attempt(KEPT, files.make_folder, NEW + KEPT)
        steps.attempt(KEPT, machine.mount, DATA, NEW + KEPT, "", MS_MOVE)


def _mount_data(steps: Steps, words: "Words") -> bool:
    """Mount what `frost.overlay=` names; False, and the overlay is in memory, when that fails."""
    try:
        source = _find(words, words["frost.overlay"])
    except RootError as error:
        steps.fail("frost.overlay=%s; changes last until the end" % error)
        return False
    kind = words.get("frost.overlaytype") or disks.kind_of(source)
    check(steps, kind, source)
    what = "frost.overlay=%s as %s; changes last until the end" % (source, kind or "?")
    return steps.attempt(what, machine.mount, source, DATA, kind, flags("noatime")[0])


def _clear() -> None:
    """Give the initramfs's memory back; what is mounted in it was moved, but for BASE."""
    for name in files.listing("/"):
        if "/" + name != BASE and "/" + name not in MOVED:
            try:
                remove_tree("/" + name)
            except OSError:
                pass  # a mount of somebody's: it costs memory and nothing else
