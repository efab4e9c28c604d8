"""A small router's files: this host's s6, execline and busybox, our frozen binary, a graph. What
the packager chooses for a site, by hand and with little in it; its formats write it."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from packager.debian.kernel import Kernel
from packager.formats import ext4, initramfs, squashfs
from packager.image.skeleton import LINKS
from packager.root.tree import Origin, Tree, file, folder, link
from tests.machine.image import libraries
from tests.runtimes import ROOT

GUEST = Path(__file__).with_name("guest")
BUILD = ROOT / "build" / "x86_64"
TEST = Origin("test", "the machine's start and end need it")
S6 = ("s6-svscan", "s6-supervise", "s6-log", "s6-envdir", "s6-svc")
EXECLINE = ("execlineb", "fdmove", "getpid", "fdclose")
OURS = ("frost-init", "frost-agent", "frost-oneshot", "halt", "poweroff", "reboot")
COMMANDS = ("sh", "cat", "sed", "sleep", "usleep", "grep", "kill", "setsid", "sync", "rm")
MODULES = ("virtio_pci", "virtio_blk", "ext4", "squashfs", "overlay")


def skip_without(*programs: str) -> None:
    """Skip a test whose host lacks something."""
    if os.uname().machine != "x86_64":
        pytest.skip("needs an x86_64 Debian: the machine's programs are the host's own")
    if not (BUILD / "frost").exists():
        pytest.skip("no frozen build: make frozen-check TARGET=x86_64")
    for program in (*programs, "s6-svscan", "busybox"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not there: run `make setup`")


def base() -> Tree:
    """Folders, busybox, our programs."""
    tree = Tree(folder(path, TEST) for path in ("/proc", "/sys", "/dev", "/run", "/tmp", "/mnt"))
    tree.add(folder("/var/log", TEST))
    for path, target in LINKS.items():
        if path.count("/") == 1:
            tree.add(link(path, target, TEST))
    program(tree, "/usr/bin/busybox")
    for name in COMMANDS:
        tree.add(link(f"/usr/bin/{name}", "busybox", TEST))
    tree.add(file("/usr/bin/frost", BUILD / "frost", TEST, 0o755))
    for name in OURS:
        tree.add(link(f"/usr/bin/{name}", "frost", TEST))
    for path in ("/usr/sbin/init", "/init"):
        tree.add(link(path, "/usr/bin/frost-init", TEST))
    return tree


def program(tree: Tree, path: str) -> None:
    """A program of the host with the libraries that it needs."""
    found = path if Path(path).exists() else shutil.which(Path(path).name)
    assert found is not None, path
    tree.add(file(path, Path(found).resolve(), TEST, 0o755))
    if b"/ld-linux" in Path(found).read_bytes()[:4096]:
        for library in libraries(found):
            merged = library if library.startswith("/usr/") else "/usr" + library
            tree.add(file(merged, Path(library).resolve(), TEST, 0o755))


def put(tree: Tree, path: str, text: str, mode: int = 0o644) -> None:
    """A file of this text."""
    tree.add(file(path, text.encode(), TEST, mode))


def services(tree: Tree, graph: dict[str, Any]) -> None:
    """s6, execline and a graph."""
    for name in S6:
        program(tree, f"/usr/bin/{name}")
    for name in EXECLINE:
        program(tree, f"/usr/lib/execline/bin/{name}")
    put(tree, "/etc/frost/graph.json", json.dumps({"frostgate-graph": 1, "services": graph}))


def early(kernel: Kernel, path: Path) -> Path:
    """An initramfs that only finds the root: our binary, modules for disks, a checker."""
    tree = base()
    chosen = kernel.tree(dict.fromkeys(MODULES, "a disk"))
    tree.merge(chosen)
    put(tree, "/etc/frost/boot/modules", "# for disks\n" + "\n".join(in_order(kernel)) + "\n")
    program(tree, "/usr/sbin/fsck.ext4")
    return write_initramfs(tree, path)


def in_order(kernel: Kernel) -> list[str]:
    """The names of MODULES and all that they need."""
    return [path.name.partition(".")[0] for path in kernel.in_order(MODULES)]


def write_initramfs(tree: Tree, path: Path) -> Path:
    """As an initramfs, not compressed: that costs the emulated machine more."""
    initramfs.write(tree, path, initramfs.Initramfs("none"))
    return path


def write_squashfs(tree: Tree, path: Path) -> Path:
    """As a squashfs."""
    squashfs.write(tree, path)
    return path


def write_ext4(tree: Tree, path: Path, label: str, size_mb: int) -> Path:
    """As an ext4 of this size."""
    ext4.write(tree, path, ext4.Ext4(size=size_mb << 20, label=label))
    return path


def check_clean(disk: Path) -> None:
    """The file system was unmounted in order, and has no error."""
    told = _run("dumpe2fs", "-h", str(disk))
    state = [line for line in told.splitlines() if "state:" in line]
    assert state[0].split()[-1] == "clean", state
    assert "needs_recovery" not in told
    _run("e2fsck", "-fn", str(disk))


def read_file(disk: Path, path: str) -> str:
    """A file of an ext4 that nobody has mounted."""
    return _run("debugfs", "-R", f"cat {path}", str(disk))


def _run(*argv: str) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(argv)}:\n{done.stdout}{done.stderr}"
    return done.stdout
