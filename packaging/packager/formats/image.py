"""Any image: the format is the options' type. A second write of the same is none."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from packager.formats import ext4, initramfs, jffs2, squashfs, tar, ubi
from packager.formats.ext4 import Ext4
from packager.formats.initramfs import Initramfs
from packager.formats.jffs2 import Jffs2
from packager.formats.squashfs import Squashfs
from packager.formats.tar import Tar
from packager.formats.ubi import Ubi
from packager.root.tree import Tree, manifest

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


def write_image(tree: Tree, path: Path, options: Options, target: str) -> tuple[int, bool]:
    """write(), with the manifest <path>.json beside it, unless the same is there already.

    Returns the image's octets, and whether it was written. What it was made of is in <path>.inputs.
    """
    inputs = path.with_name(path.name + ".inputs")
    print_of = fingerprint(tree, options)
    if path.is_file() and inputs.is_file():
        known, _, image = inputs.read_text().strip().partition(" ")
        if known == print_of and image == _digest(path):
            _write_manifest(tree, path, target)
            return path.stat().st_size, False
    inputs.unlink(missing_ok=True)
    size = write(tree, path, options)
    _write_manifest(tree, path, target)
    inputs.write_text(f"{print_of} {_digest(path)}\n")
    return size, True


def fingerprint(tree: Tree, options: Options) -> str:
    """A digest of all that the image's octets depend on, but for the tools' versions."""
    summed = hashlib.sha256(f"{type(options).__name__} {asdict(options)}\n".encode())
    for entry in tree:
        row = (entry.path, entry.kind, entry.mode, entry.uid, entry.gid, entry.target, entry.device)
        content = entry.digest() if entry.kind == "file" else ""
        summed.update(f"{row} {content}\n".encode())
    return summed.hexdigest()


def _write_manifest(tree: Tree, path: Path, target: str) -> None:
    text = json.dumps(manifest(tree, target), indent=1) + "\n"
    path.with_name(path.name + ".json").write_text(text)


def _digest(path: Path) -> str:
    with path.open("rb") as read:
        return hashlib.file_digest(read, "sha256").hexdigest()
