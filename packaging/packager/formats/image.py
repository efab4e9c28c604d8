"""Any image: the format is the options' type."""

import hashlib
from dataclasses import asdict
from pathlib import Path

from packager.formats import ext4, initramfs, jffs2, squashfs, tar, ubi
from packager.formats.ext4 import Ext4
from packager.formats.initramfs import Initramfs
from packager.formats.jffs2 import Jffs2
from packager.formats.squashfs import Squashfs
from packager.formats.tar import Tar
from packager.formats.ubi import Ubi
from packager.root.tree import Tree

Options = Initramfs | Squashfs | Ext4 | Jffs2 | Ubi | Tar


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
    """A digest of all that the image's octets depend on, but for the tools' versions."""
    summed = hashlib.sha256(f"{type(options).__name__} {asdict(options)}\n".encode())
    for entry in tree:
        row = (entry.path, entry.kind, entry.mode, entry.uid, entry.gid, entry.target, entry.device)
        content = entry.digest() if entry.kind == "file" else ""
        summed.update(f"{row} {content}\n".encode())
    return summed.hexdigest()
