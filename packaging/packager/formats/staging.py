"""A tree as files of the host, for tools that read a folder, and a table of what these can't hold.

That is owners, devices, modes: so nobody needs to be root. Of a host's file only the content shows.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from packager.formats.tools import FormatError
from packager.root.tree import Tree


@contextmanager
def staged(tree: Tree, epoch: int, devices: bool = False) -> Iterator[Path]:
    """A folder with the tree's files, folders and links for as long as the context lasts.

    All times are `epoch`. Where a device or FIFO belongs there is nothing, or with `devices` an
    empty file to be replaced.
    """
    with TemporaryDirectory(prefix="frostgate-") as name:
        root = Path(name) / "root"
        root.mkdir(mode=0o755)
        places = [(root, False)]
        for entry in tree:
            place = root / entry.path.lstrip("/")
            if entry.kind == "folder":
                place.mkdir()
            elif entry.kind == "link":
                place.symlink_to(entry.target)
            elif isinstance(entry.content, Path):
                shutil.copyfile(entry.content, place)
            elif entry.kind == "file":
                place.write_bytes(entry.octets())
            elif devices:
                place.touch()
            else:
                continue
            if entry.kind == "folder":
                place.chmod(0o700 | entry.mode)  # its owner, who may be anybody, has to get in
            elif entry.kind != "link":
                place.chmod(0o600 | entry.mode)
            places.append((place, entry.kind == "link"))
        for place, is_link in reversed(places):  # a folder after what is in it
            os.utime(place, (epoch, epoch), follow_symlinks=not is_link)
        yield root


def device_table(tree: Tree) -> str:
    """mtd-utils' table of modes, owners and devices (mkfs.jffs2(1)); a line each, no spaces."""
    letters = {"file": "f", "folder": "d", "character": "c", "block": "b", "fifo": "p"}
    lines = []
    for entry in tree:
        if any(letter.isspace() for letter in entry.path):
            raise FormatError(f"{entry.path!r}: expected no space in a path: mtd-utils know none")
        if entry.kind == "link":
            if (entry.uid, entry.gid) != (0, 0):
                raise FormatError(f"{entry.path}: expected a link of root: mtd-utils know no other")
            continue
        node = "{} {}".format(*entry.device) if entry.kind in ("character", "block") else "- -"
        words = f"{letters[entry.kind]} {entry.mode:o} {entry.uid} {entry.gid} {node}"
        lines.append(f"{entry.path} {words} - - -\n")
    return "".join(lines)
