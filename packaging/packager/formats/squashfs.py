"""A squashfs: compressed, read-only, what a router's root is.

Written by way of a tar, so that nobody needs to be root for owners and devices.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from packager.formats import tar
from packager.formats.tools import run
from packager.root.tree import Tree


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
    command = ["mksquashfs", "-", str(path.resolve()), "-tar", "-comp", "xz"]
    command += ["-b", str(options.block), "-no-xattrs", "-no-exports", "-quiet", "-no-progress"]
    command += ["-mkfs-time", str(options.epoch), "-all-time", str(options.epoch)]
    # What a tar has no member for: the root folder itself.
    command += ["-root-mode", "755", "-root-uid", "0", "-root-gid", "0"]
    if options.filters:
        command += ["-Xbcj", ",".join(options.filters)]
    with tempfile.TemporaryFile() as stream:
        tar.write_stream(tree, stream, options.epoch)
        stream.seek(0)
        run(command, path.parent, stream)
    return path.stat().st_size
