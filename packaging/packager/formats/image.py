"""Any image: the format is the options' type."""

import _lzma
import hashlib
import zlib
from dataclasses import asdict
from functools import cache
from pathlib import Path

from packager.formats import ext4, initramfs, jffs2, squashfs, tar, ubi
from packager.formats.ext4 import Ext4
from packager.formats.initramfs import Initramfs
from packager.formats.jffs2 import Jffs2
from packager.formats.squashfs import Squashfs
from packager.formats.tar import Tar
from packager.formats.tools import identity
from packager.formats.ubi import Ubi
from packager.root.tree import Tree

Options = Initramfs | Squashfs | Ext4 | Jffs2 | Ubi | Tar

# Programs that make each, and modules of Python's that do.
TOOLS: dict[type[Options], tuple[str, ...]] = {
    Initramfs: (_lzma.__file__, "zstd"),
    Squashfs: ("mksquashfs",),
    Ext4: ("mke2fs", "debugfs"),
    Jffs2: ("mkfs.jffs2",),
    Ubi: ("mkfs.ubifs", "ubinize"),
}


def write(tree: Tree, path: Path, options: Options) -> int:
    """Write the tree in the format of the options; returns the image's octets.

    The image is replaced in one step; an interrupted run leaves the old one.
    """
    new = path.with_name(path.name + ".new")
    match options:
        case Initramfs():
            size = initramfs.write(tree, new, options)
        case Squashfs():
            size = squashfs.write(tree, new, options)
        case Ext4():
            size = ext4.write(tree, new, options)
        case Jffs2():
            size = jffs2.write(tree, new, options)
        case Ubi():
            size = ubi.write(tree, new, options)
        case Tar():
            size = tar.write(tree, new, options)
    new.rename(path)
    return size


def fingerprint(tree: Tree, options: Options) -> str:
    """A digest of all that the image's octets depend on: tree, options, our code and the tools."""
    tools = [identity(tool) for tool in TOOLS.get(type(options), ())]
    made_by = (code(), *tools, zlib.ZLIB_RUNTIME_VERSION)
    summed = hashlib.sha256(f"{type(options).__name__} {asdict(options)} {made_by}\n".encode())
    for entry in tree:
        row = (entry.path, entry.kind, entry.mode, entry.uid, entry.gid, entry.target, entry.device)
        content = entry.digest() if entry.kind == "file" else ""
        summed.update(f"{row} {content}\n".encode())
    return summed.hexdigest()


@cache
def code() -> str:
    """A digest of the code that writes images."""
    summed = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        summed.update(path.read_bytes())
    return summed.hexdigest()
