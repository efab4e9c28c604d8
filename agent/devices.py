"""Which devices the kernel has now, from /sys: what a `device` condition asks.

Events (agent/port/devices.py) only say when to look again. A device is found by its subsystem, the
pattern of its name (`sd?1`), and patterns of the texts of its attribute files.
"""

from agent.port import files
from agent.port.errno import ENOENT, ENOTDIR

SYS = "/sys"


def present(subsystem: str, pattern: str, attributes: dict[str, str], root: str = SYS) -> bool:
    """Whether a device of this subsystem has such a name and all these attributes.

    `attributes`: {file below the device's folder: a pattern of its text without the final newline}.
    `root`: where sysfs is mounted. A device that goes while it is looked at counts as gone.
    """
    for folder in ("%s/class/%s" % (root, subsystem), "%s/bus/%s/devices" % (root, subsystem)):
        for name in _listing(folder):
            if fits(name, pattern) and _has(folder + "/" + name, attributes):
                return True
    return False


def fits(name: str, pattern: str) -> bool:
    """Whether a name fits a pattern: `*` stands for any characters, `?` for one."""
    # Where the last * can be made to take one character more, and the rest is tried again.
    star = -1
    retry = at = 0
    place = 0
    while at < len(name):
        wanted = pattern[place : place + 1]
        if wanted == "*":
            star, retry = place, at
            place += 1
        elif wanted and wanted in ("?", name[at]):
            at += 1
            place += 1
        elif star >= 0:
            retry += 1
            at, place = retry, star + 1
        else:
            return False
    return not pattern[place:].strip("*")


def _listing(folder: str) -> list[str]:
    try:
        return files.listing(folder)
    except OSError as error:
        if error.errno in (ENOENT, ENOTDIR):
            return []
        raise


def _has(folder: str, attributes: dict[str, str]) -> bool:
    for name in sorted(attributes):
        try:
            text = files.read(folder + "/" + name).decode()
        except (OSError, UnicodeError):
            # Gone, not there, or an attribute that only writes: not what was asked for.
            return False
        if not fits(text.rstrip("\n"), attributes[name]):
            return False
    return True
