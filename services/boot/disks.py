"""Which device is meant: by its name, or by what its file system or partition is called."""

from agent.port import clock, files, machine, poll

HEAD = 2048  # octets that identify() looks at
BLOCKS = "/sys/class/block"
BY = ("LABEL", "UUID", "PARTLABEL", "PARTUUID")
BY_UEVENT = {"PARTLABEL": "PARTNAME", "PARTUUID": "PARTUUID"}


def identify(head: bytes) -> tuple[str, str, str]:
    """Type, label and UUID of the file system that begins so; "" for what it does not tell. Pure.

    ext2 to ext4: Documentation/filesystems/ext4/super.rst; squashfs has neither label nor UUID.
    """
    if head[:4] in (b"hsqs", b"sqsh"):
        return "squashfs", "", ""
    if head[1080:1082] != b"\x53\xef" or len(head) < HEAD:
        return "", "", ""
    digits = "".join(["%02x" % octet for octet in head[1128:1144]])
    uuid = "-".join([digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]])
    try:
        label = head[1144:1160].split(b"\0")[0].decode()
    except UnicodeError:
        label = ""
    return "ext4", label, uuid


def find(wanted: str, wait_s: float) -> str:
    """The path of the device that `wanted` names, once it is there; "" after `wait_s` seconds.

    LABEL=, UUID=, PARTLABEL=, PARTUUID= or a path. What is no path (mtd:rootfs, ubi0:rootfs) is
    for the file system alone to find, and handed back as it is.
    """
    if wanted[:1] != "/" and wanted.partition("=")[0] not in BY:
        return wanted
    deadline = clock.monotonic() + wait_s
    while True:
        found = _look(wanted)
        if found or clock.monotonic() >= deadline:
            return found
        poll.ready([], 0.02)


def names() -> list[str]:
    """The block devices that are there."""
    try:
        return files.listing(BLOCKS)
    except OSError:
        return []


def kind_of(path: str) -> str:
    """The type of the file system on a device, "" when it can't be told."""
    return identify(_head(path))[0]


def _look(wanted: str) -> str:
    if wanted[0] == "/":
        return wanted if files.kind(wanted) else ""
    by, _, value = wanted.partition("=")
    for name in names():
        if by in BY_UEVENT:
            if "%s=%s" % (BY_UEVENT[by], value) in _uevent(name):
                return "/dev/" + name
        elif identify(_head("/dev/" + name))[1 if by == "LABEL" else 2] == value:
            return "/dev/" + name
    return ""


def _uevent(name: str) -> list[str]:
    try:
        return files.read("%s/%s/uevent" % (BLOCKS, name)).decode().split("\n")
    except (OSError, UnicodeError):
        return []


def _head(path: str) -> bytes:
    try:
        return machine.head(path, HEAD)
    except OSError:
        return b""  # an empty drive, or gone again
