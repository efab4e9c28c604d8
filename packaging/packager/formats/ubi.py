"""ubifs, a writable root on NAND flash, and the ubi image that is written to the flash.

mkfs.ubifs draws a random UUID; it is replaced here by the options' own, with the superblock's sum.
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

# Linux, fs/ubifs/ubifs-media.h: struct ubifs_ch, then struct ubifs_sb_node
MAGIC, SUPERBLOCK = 0x06101831, 6
CRC_AT, LENGTH_AT, TYPE_AT, UUID_AT = 4, 16, 20, 108


@dataclass(frozen=True)
class Ubi:
    """The flash's geometry in octets. `size` is that of the volume, which may grow to the flash's
    on the device (`autoresize`). `uuid` and `sequence` are the image's, whoever makes it."""

    min_io: int = 2048
    erase_block: int = 128 * 1024
    size: int = 32 * 1024 * 1024
    volume: str = "root"
    autoresize: bool = True
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
    count = options.size // options.leb
    # Devices and FIFOs: mkfs.ubifs makes them of the table alone.
    with staged(tree, options.epoch) as root:
        table = root.parent / "table"
        table.write_text(device_table(tree))
        command = ["mkfs.ubifs", "-r", str(root), "-D", str(table), "-o", str(path.resolve())]
        command += ["-m", str(options.min_io), "-e", str(options.leb), "-c", str(count)]
        command += ["-U", "-x", "zlib", "-F"]
        run(command, path.parent, SOURCE_DATE_EPOCH=str(options.epoch))
    _identify(path, options.uuid)
    return path.stat().st_size


def _identify(path: Path, uuid: UUID) -> None:
    with path.open("r+b") as image:
        head = bytearray(image.read(4096))
        magic, length, kind = (
            struct.unpack_from("<I", head, 0)[0],
            struct.unpack_from("<I", head, LENGTH_AT)[0],
            head[TYPE_AT],
        )
        if magic != MAGIC or kind != SUPERBLOCK or length != 4096:
            raise FormatError(f"{path}: expected a ubifs superblock first")
        head[UUID_AT : UUID_AT + 16] = uuid.bytes
        # The kernel's crc32(UBIFS_CRC32_INIT, ...) has no final complement.
        crc = zlib.crc32(head[8:length]) ^ 0xFFFFFFFF
        struct.pack_into("<I", head, CRC_AT, crc)
        image.seek(0)
        image.write(head)
