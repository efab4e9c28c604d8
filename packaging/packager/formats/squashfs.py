"""A squashfs: compressed, read-only, what a router's root is.

mksquashfs gets it as definitions with all contents behind them (a 'pseudo file', mksquashfs(1) of
Debian 12, 4.5): so nobody needs to be root. Given a tar, it has the caller's uid in a table.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from packager.formats.tools import FormatError, run
from packager.root.tree import Entry, Tree

DATA = b"#\n# START OF DATA - DO NOT MODIFY\n#\n"


@dataclass(frozen=True)
class Squashfs:
    """`block` in octets: larger is smaller on flash and slower to read. `filters` are xz's for a
    processor's jumps (the kernel needs CONFIG_XZ_DEC_X86 and so on). `epoch` in s since 1970."""

    block: int = 256 * 1024
    filters: tuple[str, ...] = ()
    epoch: int = 0


def write(tree: Tree, path: Path, options: Squashfs = Squashfs()) -> int:
    """Write the tree as a squashfs with xz; returns its octets, padded to 4 KiB."""
    path.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="frostgate-") as folder:
        definitions = Path(folder, "definitions")
        with definitions.open("wb") as written:
            write_definitions(tree, written, options.epoch)
        command = ["mksquashfs", "-", str(path.resolve()), "-pf", str(definitions), "-comp", "xz"]
        command += ["-b", str(options.block), "-no-xattrs", "-no-exports", "-quiet"]
        command += ["-no-progress", "-mkfs-time", str(options.epoch)]
        if options.filters:
            command += ["-Xbcj", ",".join(options.filters)]
        run(command, path.parent)
    return path.stat().st_size


def write_definitions(tree: Tree, written: BinaryIO, epoch: int) -> None:
    """All paths, a line each, then the contents of all files, one behind the other."""
    lines = [f"/ D {epoch} 755 0 0\n"]
    offset = 0
    for entry in tree:
        size = entry.size if entry.kind == "file" else 0
        owner = f"{epoch} {entry.mode:o} {entry.uid} {entry.gid}"
        lines.append(" ".join([_escaped(entry), *_kind(entry, owner, size, offset)]) + "\n")
        offset += size
    written.write("".join(lines).encode() + DATA)
    for entry in tree:
        if entry.kind == "file":
            written.write(entry.octets())


def _kind(entry: Entry, owner: str, size: int, offset: int) -> Iterator[str]:
    match entry.kind:
        case "file":
            yield f"R {owner} {size} {offset}"
        case "folder":
            yield f"D {owner}"
        case "link":
            yield f"S {owner} {entry.target}"
        case "fifo":
            yield f"I {owner} f"
        case "character":
            yield "C {} {} {}".format(owner, *entry.device)
        case "block":
            yield "B {} {} {}".format(owner, *entry.device)


def _escaped(entry: Entry) -> str:
    if "\n" in entry.path or "\n" in entry.target:
        raise FormatError(f"{entry.path!r}: expected no line break in a path or a link's target")
    return "".join("\\" + letter if letter in ' \t\\"' else letter for letter in entry.path[1:])
