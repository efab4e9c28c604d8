"""Debian's own kernel, out of its package into build/machine/<package>: never installed here.

Modules are loaded one by one in the machine, so that it needs neither kmod nor modules.dep: what a
module needs is in the module itself.
"""

import fcntl
import shutil
import subprocess
import tarfile
from pathlib import Path

from tests.runtimes import ROOT

META = "linux-image-amd64"
FOLDER = ROOT / "build" / "machine"
MARK = b"\0depends="  # .modinfo, as modpost writes it
# The kernel, and the modules that a network and a disk need.
WANTED = ("./boot/vmlinuz-", "/kernel/net/", "/kernel/drivers/net/veth", "/kernel/lib/",
          "/kernel/crypto/crc32c_generic", "/kernel/drivers/block/virtio_blk",
          "/kernel/drivers/virtio/", "/kernel/fs/ext4/", "/kernel/fs/jbd2/", "/kernel/fs/mbcache",
          "/kernel/fs/squashfs/", "/kernel/fs/overlayfs/",
          "/kernel/drivers/acpi/button")  # fmt: skip


class Missing(Exception):
    """The packages can't be had here; the text says what to do."""


class Kernel:
    """A kernel's image, and the modules that its package has."""

    def __init__(self, folder: Path) -> None:
        self.image = next(folder.glob("boot/vmlinuz-*"))
        self.release = self.image.name.removeprefix("vmlinuz-")
        self.modules = {path.stem.replace("-", "_"): path for path in folder.rglob("*.ko")}

    def in_order(self, names: tuple[str, ...]) -> list[Path]:
        """These modules with all that they need, each behind what it needs."""
        found: list[str] = []

        def need(name: str) -> None:
            for each in _depends(self.modules[name]):
                need(each)
            if name not in found:
                found.append(name)

        for name in names:
            need(name)
        return [self.modules[name] for name in found]


def _depends(module: Path) -> list[str]:
    text = module.read_bytes().partition(MARK)[2].partition(b"\0")[0].decode()
    return [name.replace("-", "_") for name in text.split(",") if name]


def fetched() -> Kernel:
    """The newest kernel of Debian's release, fetched once. Raises Missing."""
    package = _newest()
    folder = FOLDER / package
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several tests want it at once
        told = folder / "wanted"
        if not told.is_file() or told.read_text() != repr(WANTED):
            new = FOLDER / "new"
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir()
            _run("apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", package, cwd=new)
            _unpack(next(new.glob("*.deb")), new)
            (new / "wanted").write_text(repr(WANTED))
            shutil.rmtree(folder, ignore_errors=True)
            new.rename(folder)
    return Kernel(folder)


def _newest() -> str:
    """The versioned package that the release's meta package stands for."""
    lines = _run("apt-cache", "depends", "--important", META).splitlines()
    found = [line.split()[-1] for line in lines if "Depends: linux-image-" in line]
    if not found:
        raise Missing(f"{META}: apt knows no such package: run `apt-get update` on Debian 12")
    return found[0]


def _unpack(package: Path, folder: Path) -> None:
    """What is wanted of it."""
    with subprocess.Popen(
        ["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE
    ) as unpacker:
        with tarfile.open(fileobj=unpacker.stdout, mode="r|") as archive:
            for member in archive:
                if member.isfile() and any(part in member.name for part in WANTED):
                    archive.extract(member, folder)
    package.unlink()


def _run(*argv: str, cwd: Path | None = None) -> str:
    try:
        done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise Missing(f"{argv[0]} is not there: the machine is made of Debian's packages") from None
    if done.returncode:
        raise Missing(f"{' '.join(argv)}: {done.stderr.strip()}; run `apt-get update`")
    return done.stdout
