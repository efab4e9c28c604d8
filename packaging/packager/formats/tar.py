"""A root filesystem as a tar, and a Tree from somebody else's tar."""

import io
import posixpath
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from packager.formats.tools import FormatError
from packager.root.tree import Entry, Kind, Origin, Tree

TYPES: dict[Kind, bytes] = {
    "file": tarfile.REGTYPE,
    "folder": tarfile.DIRTYPE,
    "link": tarfile.SYMTYPE,
    "character": tarfile.CHRTYPE,
    "block": tarfile.BLKTYPE,
    "fifo": tarfile.FIFOTYPE,
}
KINDS = {code: kind for kind, code in TYPES.items()} | {tarfile.AREGTYPE: "file"}


@dataclass(frozen=True)
class Tar:
    """GNU's format, which everything reads; `epoch` is the time of all, in seconds since 1970."""

    epoch: int = 0


def write(tree: Tree, path: Path, options: Tar = Tar()) -> int:
    """Write the tree as an uncompressed tar; returns its octets."""
    with path.open("wb") as written:
        write_stream(tree, written, options.epoch)
    return path.stat().st_size


def write_stream(tree: Tree, written: BinaryIO, epoch: int) -> None:
    """The same into an open file."""
    with tarfile.open(fileobj=written, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for entry in tree:
            member = tarfile.TarInfo(entry.path.lstrip("/"))
            member.type = TYPES[entry.kind]
            member.mode, member.uid, member.gid = entry.mode, entry.uid, entry.gid
            member.mtime = epoch
            member.linkname = entry.target
            member.devmajor, member.devminor = entry.device
            member.size = entry.size if entry.kind == "file" else 0
            archive.addfile(member, io.BytesIO(entry.octets()) if member.size else None)


def read(path: Path, package: str = "rootfs") -> Tree:
    """Somebody else's root filesystem, in a tar of any compression that Python reads.

    Hard links become files of their own. FormatError for what is no tar or leads out of it.
    """
    tree = Tree()
    origin = Origin(package, f"it is in {path.name}")
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                name = posixpath.normpath("/" + member.name)
                if name == "/" or name.startswith("//"):
                    continue
                if ".." in member.name.split("/"):
                    raise FormatError(f"{path}: {member.name!r}: expected no '..' in a name")
                _put(tree, archive, member, name, origin)
    except (tarfile.TarError, EOFError) as error:
        raise FormatError(f"{path}: expected a tar, got what is none: {error}") from None
    return tree


def _put(
    tree: Tree, archive: tarfile.TarFile, member: tarfile.TarInfo, name: str, origin: Origin
) -> None:
    if name in tree and tree.get(name).kind != "folder":  # type: ignore[union-attr]
        tree.remove(name)  # as tar does: the later one counts
    if member.islnk():
        held = tree.get(posixpath.normpath("/" + member.linkname))
        if held is None:
            raise FormatError(f"{name}: expected {member.linkname} before what is linked to it")
        tree.add(Entry(name, "file", held.mode, origin, held.uid, held.gid, held.octets()))
        return
    if member.type not in KINDS:
        raise FormatError(f"{name}: expected a file, folder, link or device, got {member.type!r}")
    source = archive.extractfile(member) if member.isfile() else None
    tree.add(
        Entry(
            name,
            KINDS[member.type],
            member.mode & 0o7777,
            origin,
            member.uid,
            member.gid,
            source.read() if source else None,
            member.linkname if member.issym() else "",
            (member.devmajor, member.devminor)
            if member.isdev() and not member.isfifo()
            else (0, 0),
        )
    )
