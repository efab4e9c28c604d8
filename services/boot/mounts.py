"""Mounts as values: what is mounted at the start, what is mounted now, how it all ends. Pure."""

from collections import namedtuple

from services.boot.words import rows

# mount(2)'s flags that have a name in mount(8); all other options go to the file system as they are
MS_RDONLY, MS_REMOUNT, MS_MOVE = 1, 32, 0x2000
FLAGS = {
    "defaults": 0,
    "rw": 0,
    "ro": MS_RDONLY,
    "nosuid": 2,
    "nodev": 4,
    "noexec": 8,
    "sync": 16,
    "noatime": 1024,
    "nodiratime": 2048,
    "relatime": 1 << 21,
}
# What has nothing to lose at the end.
MEMORY = (
    "proc", "sysfs", "devtmpfs", "devpts", "tmpfs", "ramfs", "rootfs", "cgroup", "cgroup2",
    "mqueue", "debugfs", "tracefs", "securityfs", "configfs", "pstore", "bpf", "nsfs",
    "binfmt_misc", "fusectl", "hugetlbfs", "autofs",
)  # fmt: skip
# What nobody can write to: a root of these gets an overlay.
READ_ONLY = ("squashfs", "erofs", "cramfs", "romfs", "iso9660")

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    class Mount(NamedTuple):
        source: str
        target: str
        kind: str
        options: str

else:
    # As a line of fstab(5) has them.
    Mount = namedtuple("Mount", ("source", "target", "kind", "options"))

# In this order. A line of /etc/frost/boot/mounts with the same target takes the place of one.
TABLE = (
    Mount("proc", "/proc", "proc", "nosuid,nodev,noexec"),
    Mount("sysfs", "/sys", "sysfs", "nosuid,nodev,noexec"),
    Mount("devtmpfs", "/dev", "devtmpfs", "nosuid,noexec,mode=0755"),
    Mount("devpts", "/dev/pts", "devpts", "nosuid,noexec,mode=0620,gid=5,ptmxmode=0666"),
    Mount("shm", "/dev/shm", "tmpfs", "nosuid,nodev,mode=1777,size=10%"),
    Mount("run", "/run", "tmpfs", "nosuid,nodev,mode=0755,size=25%"),
)
EARLY = TABLE[:3]


def flags(options: str) -> tuple[int, str]:
    """mount(2)'s flags and data of mount(8)'s options."""
    number, data = 0, []
    for option in options.split(","):
        if option in FLAGS:
            number |= FLAGS[option]
        elif option:
            data.append(option)
    return number, ",".join(data)


def table(text: str) -> tuple[list[Mount], list[str]]:
    """TABLE with the site's lines (`SOURCE TARGET TYPE OPTIONS`) worked in; wrong lines."""
    merged, wrong = list(TABLE), []
    for line in rows(text):
        words = line.split()
        if len(words) != 4 or words[1][0] != "/":
            wrong.append(line)
            continue
        row = Mount(words[0], words[1], words[2], words[3])
        places = [n for n, other in enumerate(merged) if other.target == row.target]
        if places:
            merged[places[0]] = row
        else:
            merged.append(row)
    return merged, wrong


def mounted(text: str) -> list[Mount]:
    """What /proc/self/mountinfo tells, in its order; of options, `ro` or `rw` of the mount."""
    found = []
    for line in text.split("\n"):
        # proc(5): id parent device root target options [tags...] - kind source super-options
        words = line.split(" ")
        if "-" in words[6:]:
            kind, source = words[words.index("-", 6) + 1 :][:2]
            options = words[5].split(",")[0]
            found.append(Mount(_plain(source), _plain(words[4]), kind, options))
    return found


def root(mounts: list[Mount]) -> Mount | None:
    """What is the root now: the last that was put there."""
    found = [mount for mount in mounts if mount.target == "/"]
    return found[-1] if found else None


def to_end(mounts: list[Mount]) -> list[Mount]:
    """What has to be made read-only and taken away, in this order: the youngest first."""
    return [mount for mount in mounts[::-1] if mount.kind not in MEMORY]


def _plain(text: str) -> str:
    """Spaces and their kin are told as three octal digits behind a backslash."""
    first, *others = text.split("\\")
    return first + "".join([chr(int(part[:3], 8)) + part[3:] for part in others])
