"""Disks of each type of file system, made and looked at on this host without mounting them."""

import subprocess
from pathlib import Path

# What makes one of this label; the smallest that the tools and the kernel take, in MiB.
MAKE = {
    "btrfs": (["mkfs.btrfs", "-q", "-L", "btrfs"], 114),
    "f2fs": (["mkfs.f2fs", "-q", "-l", "f2fs"], 64),
    "xfs": (["mkfs.xfs", "-q", "-L", "xfs"], 300),
}
# What only looks, and the exit code is 0 where it finds no error
CHECK = {
    "btrfs": ["btrfs", "check", "--readonly"],
    "f2fs": ["fsck.f2fs", "--dry-run"],
    "xfs": ["xfs_repair", "-n"],
}
KINDS = tuple(MAKE)


def made(folder: Path, kind: str) -> Path:
    """An empty disk, most of it not there (sparse)."""
    words, size_mb = MAKE[kind]
    path = folder / f"{kind}.disk"
    with path.open("wb") as file:
        file.truncate(size_mb << 20)
    subprocess.run([*words, str(path)], check=True, capture_output=True)
    return path


def plugged(path: Path, name: str) -> list[str]:
    """QEMU's arguments for a disk that is there from the start on."""
    drive = f"file={path},format=raw,if=none,id={name},cache=writethrough"
    return ["-drive", drive, "-device", f"virtio-blk-pci,drive={name},serial={name}"]


def check(path: Path, kind: str) -> None:
    """AssertionError with the tool's words unless the file system has no error."""
    done = subprocess.run([*CHECK[kind], str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{kind}:\n{done.stdout}{done.stderr}"
