"""Images for flash under Debian's kernel: jffs2 on what is like NOR, ubi on simulated NAND.

guest/flash.sh mounts each, lists it, changes it and looks again. What it lists has to be the tree
that was written: each path with kind, mode, owner, device and content.
"""

import hashlib
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from packager.formats import image as formats
from packager.formats.jffs2 import Jffs2
from packager.formats.ubi import Ubi
from packager.root.tree import Tree
from tests.every_kind import everything, expected
from tests.flash_readers import KINDS
from tests.machine import image, kernel, machine, tree

MODULES = (
    # ubifs asks for its compressors by name, of a modprobe that is not there.
    *("deflate", "lzo", "zstd", "crc32c_generic"),
    *("mtdram", "mtdblock", "nandsim", "jffs2", "ubi", "ubifs"),
)
# nandsim.c: 64 MiB in blocks of 128 KiB, pages of 2048; mtdram.c: KiB
PARAMETERS = {
    "mtdram": "total_size=16384 erase_size=128",
    "nandsim": "id_bytes=0x20,0xa2,0x00,0x15",
}
UBI = "mtd-utils"
PROGRAMS = {"ubiformat": UBI, "ubiattach": UBI, "ubidetach": UBI}
SCRIPT = "flash.sh"


@pytest.fixture
def root() -> Tree:
    """A small router's root, with one of everything besides."""
    tree.skip_without("mkfs.jffs2", "mkfs.ubifs", "ubinize")
    made = tree.base()
    tree.services(made, {})
    made.merge(Tree(replace(each, path=f"/all{each.path}") for each in everything()))
    return made


def test_a_kernel_reads_and_writes_what_is_written_for_flash(root: Tree, tmp_path: Path) -> None:
    formats.write(root, tmp_path / "jffs2", Jffs2("little"))
    formats.write(root, tmp_path / "ubi", Ubi())
    files = {f"/images/{name}": tmp_path / name for name in ("jffs2", "ubi")}
    for name, text in PARAMETERS.items():
        files[f"/parameters/{name}"] = tmp_path / name
        files[f"/parameters/{name}"].write_text(text)
    try:
        linux = kernel.fetched()
        initramfs = image.initramfs(linux, MODULES, SCRIPT, files, PROGRAMS)
        told = machine.run(linux, initramfs, tmp_path)
    except kernel.Missing as missing:
        pytest.skip(str(missing))
    lines = [line for line in told if not line.startswith(("jffs2 ", "ubifs "))]
    assert "ok all" in told, "\n".join(lines)
    wanted = digested(root)
    for name in ("jffs2", "ubifs"):
        assert listed(told, name) == wanted, name
    room = next(line for line in lines if "MiB" in line)
    assert int(room.split()[-4]) > 48, room  # more than the 32 that it was made for
    print(f"{len(wanted)} paths of a jffs2 and of a ubifs as they were written; {room}")


def digested(tree: Tree) -> dict[str, tuple[object, ...]]:
    """What listed() has of the same tree."""
    found: dict[str, tuple[object, ...]] = {}
    for path, (kind, *rest, content) in expected(tree).items():
        is_file = kind == "file"
        shown = hashlib.sha256(content).hexdigest() if is_file else content.decode()
        found[path] = (kind, *rest, shown)
    return found


def listed(told: list[str], name: str) -> dict[str, tuple[object, ...]]:
    """The lines of one file system."""
    rows = [line.removeprefix(f"{name} is ") for line in told if line.startswith(f"{name} is ")]
    sums = [line.removeprefix(f"{name} has ") for line in told if line.startswith(f"{name} has ")]
    digests = {path: digest for digest, _, path in (line.partition("  ") for line in sums)}
    found: dict[str, tuple[object, ...]] = {}
    for line in rows:
        mode, uid, gid, major, minor, path = line.split(" ", 5)
        kind, content = KINDS[stat.S_IFMT(int(mode, 16))], digests.get(path, "")
        if kind == "link":
            path, _, content = path.strip("'").partition("' -> '")
        device = (int(major, 16), int(minor, 16))
        row = (kind, stat.S_IMODE(int(mode, 16)), int(uid), int(gid), device, content)
        found[path.removeprefix(".")] = row
    return found
