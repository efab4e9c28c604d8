"""A jffs2: a writable root on raw NOR or NAND flash, compressed with zlib."""

from dataclasses import dataclass
from pathlib import Path

from packager.formats.staging import device_table, staged
from packager.formats.tools import FormatError, run
from packager.root.tree import Tree
from packager.targets import ByteOrder


@dataclass(frozen=True)
class Jffs2:
    """`erase_block` and `pad` (0: to a whole block) in octets; the byte order is the machine's.

    All times are 1970: mkfs.jffs2 takes nothing else for devices.
    """

    byte_order: ByteOrder
    erase_block: int = 128 * 1024
    pad: int = 0
    cleanmarkers: bool = True  # False for NAND, which has them out of band


def write(tree: Tree, path: Path, options: Jffs2) -> int:
    """Write the tree as a jffs2; returns its octets."""
    if options.erase_block < 8192 or options.erase_block % 4096:
        raise FormatError(f"erase_block: expected a multiple of 4096, got {options.erase_block}")
    with staged(tree, 0) as root:
        table = root.parent / "table"
        table.write_text(device_table(tree))
        command = ["mkfs.jffs2", "-r", str(root), "-D", str(table), "-o", str(path.resolve())]
        command += ["-U", "-f", "-e", str(options.erase_block)]
        command += [f"--{options.byte_order}-endian"]
        command += [f"--pad={options.pad}" if options.pad else "--pad"]
        # One compressor, which every kernel with jffs2 can undo.
        command += ["-x", "lzo", "-x", "rtime", "-X", "zlib"]
        command += [] if options.cleanmarkers else ["-n"]
        run(command, path.parent)
    return path.stat().st_size
