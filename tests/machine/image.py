"""What is in the machine: Debian's busybox, ip and nft, our frozen binary, modules and a script."""

import shutil
import subprocess
from pathlib import Path

from tests.machine.archive import Archive
from tests.machine.kernel import Kernel, Missing

GUEST = Path(__file__).with_name("guest")
PROGRAMS = {"nft": "nftables", "ip": "iproute2"}  # with the packages that they are of


def initramfs(
    kernel: Kernel, modules: tuple[str, ...], script: str, files: dict[str, Path]
) -> bytes:
    """An initramfs that runs guest/<script> with these modules loaded. `files`: path -> content;
    folders are taken whole."""
    archive = Archive()
    for folder in ("/proc", "/sys", "/dev", "/run", "/tmp"):
        archive.folder(folder)
    archive.add("/bin/busybox", Path(_program("busybox", "busybox-static")))
    archive.link("/bin/sh", "busybox")
    for name, package in PROGRAMS.items():
        path = _program(name, package)
        archive.add("/bin/" + name, Path(path))
        for library in libraries(path):
            archive.add(library, Path(library))
    order = kernel.in_order(modules)
    for number, module in enumerate(order):
        archive.add(f"/modules/{number:02}-{module.name}", module)
    for place, content in files.items():
        if content.is_file():
            archive.add(place, content)
        for each in sorted(path for path in content.rglob("*") if path.is_file()):
            archive.add(f"{place}/{each.relative_to(content)}", each)
    # Without it nft knows no `meta l4proto ipv6-icmp`.
    archive.add("/etc/protocols", Path("/etc/protocols"))
    archive.add("/init", GUEST / "init")
    archive.add("/checks", GUEST / "checks")
    archive.add("/script", GUEST / script)
    return archive.octets()


def _program(name: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Missing(f"{name} is not there: run `make setup` or `apt-get install {package}`")
    return found


def libraries(program: str) -> list[str]:
    """All that the dynamic linker takes for it, itself included."""
    text = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    words = [word for line in text.splitlines() for word in line.split() if word.startswith("/")]
    return sorted(set(words))
