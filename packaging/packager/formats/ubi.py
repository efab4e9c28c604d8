"""ubifs, a writable root on NAND flash, and the ubi image that is written to the flash.

What mkfs.ubifs takes from chance and from the clock is replaced here by the options' own.
"""

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from packager.formats.staging import device_table, staged
from packager.formats.tools import FormatError, run
from packager.root.tree import Tree

# Linux, fs/ubifs/ubifs-media.h: ubifs_ch, then ubifs_sb_node's uuid, ubifs_ino_node's atime_sec
MAGIC, INODE, PADDING, SUPERBLOCK = 0x06101831, 0, 5, 6
CRC_AT, TYPE_AT, UUID_AT, TIMES_AT = 4, 20, 108, 56
INODE_SIZE = 160  # an empty signature behind the superblock has type 0, too


@dataclass(frozen=True)
class Ubi:
    """The flash's geometry in octets. `size` is that of the volume, which grows to the flash's on
    the device (`autoresize`), and with it the file system, up to `growth` times the size: its
    tables are laid out for that. `uuid` and `sequence` are the image's, whoever makes it."""

    min_io: int = 2048
    erase_block: int = 128 * 1024
    size: int = 32 * 1024 * 1024
    volume: str = "root"
    autoresize: bool = True
    growth: int = 8
    sub_page: int = 0  # 0: as min_io
    uuid: UUID = UUID("f4057600-0000-4000-8000-000000000001")
    sequence: int = 0x46524F53
    epoch: int = 0

    @property
    def leb(self) -> int:
        """What of an erase block is left to a volume, behind both of UBI's headers."""
        vid = _up(64, self.sub_page or self.min_io)
        return self.erase_block - _up(vid + 64, self.min_io)


def _up(octets: int, unit: int) -> int:
    return -(-octets // unit) * unit


def write(tree: Tree, path: Path, options: Ubi = Ubi()) -> int:
    """Write the tree as a ubi image with one ubifs volume; returns its octets."""
    with TemporaryDirectory(prefix="frostgate-") as name:
        folder = Path(name)
        write_ubifs(tree, folder / "ubifs", options)
        flags = "vol_flags=autoresize\n" if options.autoresize else ""
        (folder / "ubi.ini").write_text(
            f"[{options.volume}]\nmode=ubi\nimage=ubifs\nvol_id=0\nvol_type=dynamic\n"
            f"vol_name={options.volume}\nvol_size={options.size}\nvol_alignment=1\n{flags}"
        )
        command = ["ubinize", "-o", str(path.resolve()), "-m", str(options.min_io)]
        command += ["-p", str(options.erase_block), "-Q", str(options.sequence)]
        command += ["-s", str(options.sub_page)] if options.sub_page else []
        run([*command, "ubi.ini"], folder)
    return path.stat().st_size


def write_ubifs(tree: Tree, path: Path, options: Ubi = Ubi()) -> int:
    """The file system alone, as `ubiupdatevol` takes it; returns its octets."""
    count = options.size * (options.growth if options.autoresize else 1) // options.leb
    # Devices and FIFOs: mkfs.ubifs makes them of the table alone.
    with staged(tree, options.epoch) as root:
        table = root.parent / "table"
        table.write_text(device_table(tree))
        command = ["mkfs.ubifs", "-r", str(root), "-D", str(table), "-o", str(path.resolve())]
        command += ["-m", str(options.min_io), "-e", str(options.leb), "-c", str(count)]
        command += ["-U", "-x", "zlib", "-F"]
        run(command, path.parent, SOURCE_DATE_EPOCH=str(options.epoch))
    with path.open("r+b") as image:
        octets = bytearray(image.read())
        settle(octets, options)
        image.seek(0)
        image.write(octets)
    return path.stat().st_size


def settle(image: bytearray, options: Ubi) -> None:
    """Set a ubifs' UUID and times: mkfs.ubifs draws the one, and takes the present for ctime."""
    if struct.unpack_from("<I", image, 0)[0] != MAGIC or image[TYPE_AT] != SUPERBLOCK:
        raise FormatError("mkfs.ubifs: expected a superblock first")
    for start in range(0, len(image), options.leb):
        at = start
        # Nodes one behind the other, up to where the block is empty; the LPT's blocks have none.
        while at + 24 <= min(start + options.leb, len(image)):
            magic, length = struct.unpack_from("<I12xI", image, at)
            if magic != MAGIC:
                break
            kind = image[at + TYPE_AT]
            if kind == SUPERBLOCK:
                image[at + UUID_AT : at + UUID_AT + 16] = options.uuid.bytes
            elif kind == INODE and length >= INODE_SIZE:
                times = (options.epoch, options.epoch, options.epoch, 0, 0, 0)
                struct.pack_into("<3Q3I", image, at + TIMES_AT, *times)
            padding = struct.unpack_from("<I", image, at + 24)[0] if kind == PADDING else 0
            # The kernel's crc32(UBIFS_CRC32_INIT, ...) has no final complement.
            crc = zlib.crc32(image[at + 8 : at + length]) ^ 0xFFFFFFFF
            struct.pack_into("<I", image, at + CRC_AT, crc)
            at += _up(length + padding, 8)
