"""A small router's files: this host's s6, execline and busybox, our frozen binary, a graph; and
images of them. What the packager makes for a site, by hand and with little in it."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.machine.image import libraries
from tests.machine.kernel import Kernel, Missing
from tests.runtimes import ROOT

GUEST = Path(__file__).with_name("guest")
BUILD = ROOT / "build" / "x86_64"
S6 = ("s6-svscan", "s6-supervise", "s6-log", "s6-envdir", "s6-svc", "s6-svscanctl")
EXECLINE = ("execlineb", "fdmove", "getpid", "fdclose")
OURS = ("frost-init", "frost-agent", "frost-oneshot", "halt", "poweroff", "reboot")
MODULES = ("virtio_pci", "virtio_blk", "crc32c_generic", "ext4", "squashfs", "overlay")


def skip_without(*programs: str) -> None:
    """Skip a test whose host lacks something."""
    if os.uname().machine != "x86_64":
        pytest.skip("needs an x86_64 Debian: the machine's programs are the host's own")
    if os.geteuid() != 0:
        pytest.skip("needs root for the owners of the images' files: run `make check` as root")
    if not (BUILD / "frost").exists():
        pytest.skip("no frozen build: make frozen-check TARGET=x86_64")
    for program in (*programs, "s6-svscan", "busybox"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not there: run `make setup`")


class Tree:
    """A root below `folder`, written file by file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("proc", "sys", "dev", "run", "tmp", "etc", "var/log", "mnt"):
            (folder / name).mkdir(parents=True)
        self.program("/usr/bin/frost", BUILD / "frost")
        for name in OURS:
            self.link(f"/usr/bin/{name}", "frost")
        self.link("/sbin/init", "../usr/bin/frost-init")
        self.link("/init", "usr/bin/frost-init")
        self.program("/bin/busybox")
        for name in (
            "sh",
            "cat",
            "sed",
            "sleep",
            "grep",
            "kill",
            "setsid",
            "sync",
            "ls",
            "head",
            "tr",
            "uname",
        ):
            self.link(f"/bin/{name}", "busybox")

    def put(self, path: str, text: str, mode: int = 0o644) -> None:
        """A file of this text."""
        target = self.folder / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(mode)

    def link(self, path: str, to: str) -> None:
        """A symbolic link."""
        target = self.folder / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(to)

    def program(self, path: str, source: Path | None = None) -> None:
        """A program of the host with the libraries that it needs."""
        found = source or Path(shutil.which(Path(path).name) or path)
        target = self.folder / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(found.resolve(), target)
        target.chmod(0o755)
        if b"/ld-linux" in target.read_bytes()[:4096]:
            for library in libraries(str(found)):
                place = self.folder / library.lstrip("/")
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(Path(library).resolve(), place)

    def modules(self, kernel: Kernel, names: tuple[str, ...]) -> None:
        """These kernel modules with what they need, and modules.dep as depmod writes it."""
        top = f"/lib/modules/{kernel.release}"
        lines = []
        for path in kernel.in_order(names):
            needs = [p for p in kernel.in_order((path.stem.replace("-", "_"),)) if p != path]
            files = [f"kernel/{each.name}" for each in [path, *needs[::-1]]]
            lines.append(f"{files[0]}: {' '.join(files[1:])}\n")
            target = self.folder / top.lstrip("/") / files[0]
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        self.put(top + "/modules.dep", "".join(lines))
        self.put("/etc/frost/boot/modules", "# for disks\n" + "\n".join(names) + "\n")

    def services(self, graph: dict[str, Any]) -> None:
        """s6, execline and a graph."""
        for name in S6:
            self.program(f"/usr/bin/{name}")
        for name in EXECLINE:
            self.program(f"/usr/lib/execline/bin/{name}", Path("/usr/lib/execline/bin", name))
        self.put("/etc/frost/graph.json", json.dumps({"frostgate-graph": 1, "services": graph}))

    def initramfs(self, path: Path) -> Path:
        """The tree as an initramfs, not compressed: that costs the emulated machine more."""
        names = sorted(str(each.relative_to(self.folder)) for each in self.folder.rglob("*"))
        with path.open("wb") as archive:
            command = [_busybox(), "cpio", "-o", "-H", "newc"]
            subprocess.run(command, cwd=self.folder, input="\n".join(names).encode(),
                           stdout=archive, stderr=subprocess.DEVNULL, check=True)  # fmt: skip
        return path

    def squashfs(self, path: Path) -> Path:
        """The tree as a squashfs; zlib, for its speed in the emulated machine."""
        _run("mksquashfs", str(self.folder), str(path), "-all-root", "-noappend", "-no-progress")
        return path

    def ext4(self, path: Path, label: str, size_mb: int) -> Path:
        """The tree as an ext4 file system of this size."""
        path.write_bytes(b"")
        os.truncate(path, size_mb << 20)
        options = ["-q", "-t", "ext4", "-L", label, "-d", str(self.folder), "-E", "root_owner=0:0"]
        _run("mke2fs", *options, str(path))
        return path


def empty_ext4(path: Path, label: str, size_mb: int) -> Path:
    """An empty ext4."""
    path.write_bytes(b"")
    os.truncate(path, size_mb << 20)
    _run("mke2fs", "-q", "-t", "ext4", "-L", label, str(path))
    return path


def check_clean(disk: Path) -> None:
    """The file system was unmounted in order, and has no error."""
    state = [line for line in _run("dumpe2fs", "-h", str(disk)).splitlines() if "state:" in line]
    features = _run("dumpe2fs", "-h", str(disk))
    assert state[0].split()[-1] == "clean", state
    assert "needs_recovery" not in features
    _run("e2fsck", "-fn", str(disk))


def read_file(disk: Path, path: str) -> str:
    """A file of an ext4 that nobody has mounted."""
    return _run("debugfs", "-R", f"cat {path}", str(disk))


def _busybox() -> str:
    found = shutil.which("busybox")
    if found is None:
        raise Missing("busybox is not there: run `make setup`")
    return found


def _run(*argv: str) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(argv)}:\n{done.stdout}{done.stderr}"
    return done.stdout
