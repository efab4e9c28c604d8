"""What is in a package: its .deb unpacked into the cache once, and a table of its paths.

Owners, modes, links and devices are in the table, the contents of files beside it, so that nobody
has to be root. Paths are those of the merged /usr: Debian 12 has no other.
"""

import json
import posixpath
import re
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from packager.debian.apt import run
from packager.debian.index import Groups, package, parse_fields
from packager.debian.sources import DebianError
from packager.root.tree import Kind

# /bin is a link to usr/bin, and so on: where a package says the one, the other is meant.
MERGED = re.compile(r"/(bin|sbin|lib(?:32|64|x32|o32)?)(?=/|$)")
# Never in an image: what people read, other languages, what serves other programs' comfort.
LEFT_OUT = re.compile(
    r"/usr/share/(doc|doc-base|man|info|locale|lintian|bug|bash-completion|zsh|fish|menu"
    r"|applications|icons|pixmaps|gtk-doc|help|metainfo)(/|$)"
)
KINDS: dict[bytes, Kind] = {
    tarfile.REGTYPE: "file",
    tarfile.AREGTYPE: "file",
    tarfile.LNKTYPE: "file",
    tarfile.SYMTYPE: "link",
    tarfile.DIRTYPE: "folder",
    tarfile.CHRTYPE: "character",
    tarfile.BLKTYPE: "block",
    tarfile.FIFOTYPE: "fifo",
}


@dataclass(frozen=True)
class Item:
    """A path of a package. `held` is the path that holds the content, which hard links share."""

    path: str
    kind: Kind
    mode: int
    uid: int = 0
    gid: int = 0
    target: str = ""
    device: tuple[int, int] = (0, 0)
    held: str = ""


@dataclass(frozen=True)
class Contents:
    """An unpacked package."""

    name: str
    version: str
    sha256: str
    depends: Groups
    items: dict[str, Item]
    folder: Path  # its files' contents are below this one

    def content(self, item: Item) -> Path:
        """Where the host has a file's content."""
        return self.folder / item.held.lstrip("/")

    def matching(self, pattern: str) -> list[Item]:
        """Items whose paths match: `*` within a name, `**` over folders; sorted."""
        expression = pattern_expression(merged(pattern))
        return [
            self.items[path]
            for path in sorted(self.items)
            if expression.fullmatch(path) and not LEFT_OUT.match(path)
        ]


def merged(path: str) -> str:
    """The same path with /bin, /sbin and /lib where they are: below /usr."""
    return MERGED.sub(r"/usr/\1", path, count=1) if MERGED.match(path) else path


def pattern_expression(pattern: str) -> re.Pattern[str]:
    """A shell's pattern of whole paths as an expression."""
    words = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*|\*|\?|\[[^]]+\])", pattern)
    return re.compile(
        "".join(
            words.get(part) or (part if part.startswith("[") and part.endswith("]") else
                                re.escape(part))
            for part in parts
        )
    )  # fmt: skip


def unpack(deb: Path, folder: Path, sha256: str) -> None:
    """Unpack a .deb into `folder`, in one step so that an interrupted run leaves no half."""
    new = folder.with_name(folder.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    (new / "files").mkdir(parents=True)
    control = run(["dpkg-deb", "--field", str(deb)], new)
    with subprocess.Popen(
        ["dpkg-deb", "--fsys-tarfile", str(deb)], stdout=subprocess.PIPE
    ) as unpacker:
        assert unpacker.stdout is not None
        items = unpack_tar(unpacker.stdout, new / "files")
    if unpacker.returncode != 0:
        raise DebianError(f"{deb}: dpkg-deb can't unpack it: remove it, to have it fetched again")
    rows = [list(vars(item).values()) for item in items]
    (new / "contents.json").write_text(
        json.dumps({"control": control, "sha256": sha256, "items": rows})
    )
    shutil.rmtree(folder, ignore_errors=True)
    new.rename(folder)


def unpack_tar(stream: IO[bytes], folder: Path) -> list[Item]:
    """Put the contents of a tar's files below `folder`; tell of all that is in it."""
    items: dict[str, Item] = {}
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            path = merged(posixpath.normpath("/" + member.name))
            if path == "/" or path.startswith("//"):
                continue
            held = path
            if member.islnk():
                held = items[merged(posixpath.normpath("/" + member.linkname))].held
            elif member.isfile():
                place = folder / path.lstrip("/")
                place.parent.mkdir(parents=True, exist_ok=True)
                source = archive.extractfile(member)
                assert source is not None
                with source, place.open("wb") as written:
                    shutil.copyfileobj(source, written)
            items[path] = Item(
                path,
                KINDS[member.type],
                member.mode & 0o7777,
                member.uid,
                member.gid,
                member.linkname if member.issym() else "",
                (member.devmajor, member.devminor) if member.isdev() else (0, 0),
                held if member.isfile() or member.islnk() else "",
            )
    return list(items.values())


def read_contents(folder: Path) -> Contents:
    """What unpack() has left in a folder."""
    held = json.loads((folder / "contents.json").read_text())
    control = package(next(parse_fields(held["control"])))
    items = {}
    for path, kind, mode, uid, gid, target, device, content in held["items"]:
        items[path] = Item(path, kind, mode, uid, gid, target, tuple(device), content)
    return Contents(
        control.name, control.version, held["sha256"], control.depends, items, folder / "files"
    )
