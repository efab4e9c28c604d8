"""Which disk is meant: by what its file system is called, or by what the disk tells of itself. Pure
but for the look into sysfs.

A device is looked into once; as long as its sequence number (diskseq, Linux 5.15) stays, it is the
same one. So a disk that fails is not read again and again.
"""

from collections import namedtuple

from agent import devices, report
from agent.options import UsageError
from agent.port import files, machine
from services.mount import superblocks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from services.mount.superblocks import FileSystem

    class Wanted(NamedTuple):
        by: str
        value: str
        type: str
        pattern: str

    class Disk(NamedTuple):
        name: str
        sequence: str
        system: FileSystem
else:
    # by: "LABEL", "UUID", "" for a device's path, or an attribute of the disk (model, serial...).
    # type: the file system's. pattern: of the kernel's names of the devices that are looked at.
    Wanted = namedtuple("Wanted", ("by", "value", "type", "pattern"))
    # name: the kernel's. sequence: another one for another device of that name.
    Disk = namedtuple("Disk", ("name", "sequence", "system"))

BLOCKS = "/sys/class/block"
EXT = ("ext2", "ext3", "ext4")  # of one magic number
DEEPEST = 12  # folders above a device that are asked for its attributes


def parse(word: str, kind: str, pattern: str) -> Wanted:
    """What `LABEL=...`, `UUID=...`, `ATTRIBUTE=...` or a path asks for; raises UsageError."""
    by, sign, value = word.partition("=")
    if word[:5] == "/dev/":
        return Wanted("", word[5:], kind, pattern)
    if not sign or not by or not value or "/" in by:
        text = "expected LABEL=..., UUID=..., ATTRIBUTE=... or /dev/NAME, got %s"
        raise UsageError(text % report.show(word))
    return Wanted(by, value.lower() if by == "UUID" else value, kind, pattern)


def is_meant(wanted: Wanted, disk: Disk) -> bool:
    """Whether this is the one, as far as its name and file system tell."""
    system = disk.system
    if wanted.by == "":
        return disk.name == wanted.value
    if not devices.fits(disk.name, wanted.pattern):
        return False
    if system.type != wanted.type and not (system.type in EXT and wanted.type in EXT):
        return False
    if wanted.by == "LABEL":
        return system.label == wanted.value
    return wanted.by != "UUID" or system.uuid == wanted.value


def look(wanted: Wanted, known: dict[str, Disk], root: str = BLOCKS) -> dict[str, Disk]:
    """The block devices that are there, by name; known: the last answer."""
    found = {}
    for name in _listing(root):
        if wanted.by == "" and name != wanted.value:
            continue
        if wanted.by and not devices.fits(name, wanted.pattern):
            continue
        sequence = _sequence("%s/%s" % (root, name))
        disk = known.get(name)
        if disk is None or disk.sequence != sequence:
            disk = Disk(name, sequence, _system("/dev/" + name))
        found[name] = disk
    return found


def choose(wanted: Wanted, disks: dict[str, Disk], now: str, root: str = BLOCKS) -> str:
    """The name of the one that is meant, "" for none; of several `now`, the one that it is already,
    or else the first."""
    fitting = [name for name in sorted(disks) if is_meant(wanted, disks[name])]
    if wanted.by not in ("", "LABEL", "UUID"):
        fitting = [name for name in fitting if has(root + "/" + name, wanted.by, wanted.value)]
    return now if now in fitting else (fitting[0] if fitting else "")


def has(folder: str, attribute: str, value: str) -> bool:
    """Whether a device, or one that it is part of, has an attribute of this value: a partition its
    disk's, a disk that of its USB device."""
    # Through the link into /sys/devices, then upwards: ".." is that of the folder itself
    for _ in range(DEEPEST):
        for place in (folder, folder + "/device"):
            try:
                if files.read(place + "/" + attribute).strip() == value.encode():
                    return True
            except OSError:
                pass  # most folders have no such file
        folder += "/.."
    return False


def _listing(root: str) -> list[str]:
    try:
        return files.listing(root)
    except OSError:
        return []


def _sequence(folder: str) -> str:
    """The disk's number, or what else tells one device from the next of its name."""
    for name in ("/diskseq", "/../diskseq", "/dev"):  # a partition's disk is above it
        try:
            return files.read(folder + name).decode().strip()
        except (OSError, UnicodeError):
            pass
    return ""


def _system(path: str) -> "FileSystem":
    try:
        head = machine.head(path, superblocks.HEAD)
        far = machine.head(path, superblocks.HEAD, superblocks.FAR)
    except OSError:
        return superblocks.NONE  # an empty drive, or gone again
    return superblocks.identify(head, far)
