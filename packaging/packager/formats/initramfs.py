"""An initramfs: a cpio archive that the kernel unpacks into memory (Linux,
Documentation/driver-api/early-userspace/buffer-format.rst), the same octets for the same tree."""

import gzip
import lzma
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from packager.formats.tools import FormatError, run
from packager.root.tree import Entry, Kind, Tree

# stat(2): the file's type in st_mode
TYPES: dict[Kind, int] = {
    "file": 0o100000,
    "folder": 0o040000,
    "link": 0o120000,
    "character": 0o020000,
    "block": 0o060000,
    "fifo": 0o010000,
}
LIMIT = 1 << 32  # sizes have eight hexadecimal digits
Compression = Literal["none", "gzip", "xz", "zstd"]


@dataclass(frozen=True)
class Initramfs:
    """xz is smallest, zstd fastest to unpack, gzip read by any kernel; `epoch` in s since 1970."""

    compression: Compression = "xz"
    epoch: int = 0


def write(tree: Tree, path: Path, options: Initramfs = Initramfs()) -> int:
    """Write the tree as an initramfs; returns its octets."""
    octets = compressed(archive(tree, options.epoch), options.compression, path.parent)
    path.write_bytes(octets)
    return len(octets)


def archive(tree: Tree, epoch: int = 0) -> bytes:
    """The cpio archive ('newc'); a folder comes before what is in it."""
    rows = [_row(number, entry, epoch) for number, entry in enumerate(tree, 1)]
    return b"".join([*rows, _trailer()])


def _row(number: int, entry: Entry, epoch: int) -> bytes:
    content = entry.octets() if entry.kind == "file" else entry.target.encode()
    if len(content) >= LIMIT:
        raise FormatError(f"{entry.path}: expected less than 4 GiB in an initramfs")
    links = 2 if entry.kind == "folder" else 1
    mode = TYPES[entry.kind] | entry.mode
    numbers = (number, mode, entry.uid, entry.gid, links, epoch, len(content), 0, 0, *entry.device)
    return _member(entry.path.lstrip("/"), numbers, content)


def _trailer() -> bytes:
    return _member("TRAILER!!!", (0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0), b"")


def _member(path: str, numbers: tuple[int, ...], content: bytes) -> bytes:
    name = path.encode() + b"\0"
    digits = b"".join(b"%08X" % value for value in (*numbers, len(name), 0))
    return _padded(b"070701" + digits + name) + _padded(content)


def _padded(octets: bytes) -> bytes:
    return octets + b"\0" * (-len(octets) % 4)


def compressed(octets: bytes, compression: Compression, folder: Path) -> bytes:
    """Compress for the kernel: without times and names, and with the checksum that it knows."""
    if compression == "gzip":
        return gzip.compress(octets, 9, mtime=0)
    if compression == "xz":
        # The kernel's decoder knows no CRC64 (Documentation/staging/xz.rst).
        return lzma.compress(octets, check=lzma.CHECK_CRC32, preset=6)
    if compression == "zstd":
        written = folder / "initramfs.zstd.new"
        run(["zstd", "-q", "-f", "-15", "-T1", "-o", str(written.resolve())], folder, octets)
        result = written.read_bytes()
        written.unlink()
        return result
    return octets
