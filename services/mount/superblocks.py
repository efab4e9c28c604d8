"""What a file system tells of itself at its beginning: type, label and UUID. Pure.

ext4: Documentation/filesystems/ext4/super.rst; vfat: Microsoft's fatgen103, BS_VolID and BS_VolLab;
xfs: fs/xfs/libxfs/xfs_format.h, struct xfs_dsb; f2fs: include/linux/f2fs_fs.h, struct
f2fs_super_block; btrfs: include/uapi/linux/btrfs_tree.h, struct btrfs_super_block.
"""

from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    class FileSystem(NamedTuple):
        type: str
        label: str
        uuid: str
else:
    # type: as mount(8) has it, "" for none that is known. uuid: lower case, in groups.
    FileSystem = namedtuple("FileSystem", ("type", "label", "uuid"))

HEAD = 4096  # octets from the beginning, and
FAR = 65536  # as many from here on, where btrfs begins
NONE = FileSystem("", "", "")


def identify(head: bytes, far: bytes) -> FileSystem:
    """The file system of a device that has these octets at 0 and at FAR."""
    if head[1080:1082] == b"\x53\xef":
        return FileSystem("ext4", _text(head[1144:1160]), _uuid(head[1128:1144]))
    if head[:4] == b"XFSB":
        return FileSystem("xfs", _text(head[108:120]), _uuid(head[32:48]))
    if head[1024:1028] == b"\x10\x20\xf5\xf2":
        # UTF-16, of which the plain characters are every other octet
        return FileSystem("f2fs", _text(_even(head[1148:2172])), _uuid(head[1132:1148]))
    if far[64:72] == b"_BHRfS_M":
        return FileSystem("btrfs", _text(far[299:555]), _uuid(far[32:48]))
    if head[510:512] == b"\x55\xaa":
        for start, magic in ((82, b"FAT32   "), (54, b"FAT16   "), (54, b"FAT12   ")):
            if head[start : start + 8] == magic:
                return _fat(head[start - 15 : start])
    return NONE


def _fat(octets: bytes) -> FileSystem:
    """Of the volume's number, little-endian, and its label, filled with blanks."""
    digits = "".join(["%02x" % octet for octet in bytes(reversed(octets[:4]))])
    label = _text(octets[4:]).rstrip(" ")
    return FileSystem("vfat", "" if label == "NO NAME" else label, digits[:4] + "-" + digits[4:])


def _uuid(octets: bytes) -> str:
    digits = "".join(["%02x" % octet for octet in octets])
    return "-".join([digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]])


def _text(octets: bytes) -> str:
    try:
        return octets.partition(b"\0")[0].decode()
    except UnicodeError:
        return ""


def _even(octets: bytes) -> bytes:
    """The low octets of UTF-16; nothing where there are others than ASCII."""
    pairs = [(octets[at], octets[at + 1]) for at in range(0, len(octets), 2)]
    if [low for low, high in pairs if high]:
        return b""
    return bytes([low for low, _ in pairs])
