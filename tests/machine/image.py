"""What is in the machine: Debian's busybox, ip and nft, our frozen binary, modules and a script."""

import os
import shutil
import subprocess
from pathlib import Path

from packager.debian.kernel import Kernel
from packager.formats.initramfs import archive
from packager.root.tree import Origin, Tree, file, folder, link
from tests.machine.kernel import Missing

GUEST = Path(__file__).with_name("guest")
TEST = Origin("test", "the machine's script needs it")
NETWORK = {"nft": "nftables", "ip": "iproute2"}  # with the packages that they are of


def initramfs(
    kernel: Kernel,
    modules: tuple[str, ...],
    script: str,
    files: dict[str, Path],
    programs: dict[str, str] = NETWORK,
) -> bytes:
    """An initramfs that runs guest/<script> with these modules loaded, with the parameters in
    /parameters/MODULE. `files`: path -> content; folders are taken whole. `programs`: of this
    host, with the packages that they are of."""
    tree = Tree([folder(path, TEST) for path in ("/proc", "/sys", "/dev", "/run", "/tmp")])

    def add(path: str, content: Path) -> None:
        tree.add(file(path, content, TEST, 0o755))

    add("/bin/busybox", Path(_program("busybox", "busybox-static")))
    tree.add(link("/bin/sh", "busybox", TEST))
    for name, package in programs.items():
        path = _program(name, package)
        add("/bin/" + name, Path(path))
        for library in libraries(path):
            add(library, Path(library))
    for number, module in enumerate(kernel.in_order(modules)):
        add(f"/modules/{number:02}-{module.name}", module)
    for place, content in files.items():
        if content.is_file():
            add(place, content)
        for each in sorted(path for path in content.rglob("*") if path.is_file()):
            add(f"{place}/{each.relative_to(content)}", each)
    # Without it nft knows no `meta l4proto ipv6-icmp`.
    add("/etc/protocols", Path("/etc/protocols"))
    add("/init", GUEST / "init")
    add("/checks", GUEST / "checks")
    add("/script", GUEST / script)
    return archive(tree)


def _program(name: str, package: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if found is None:
        raise Missing(f"{name} is not there: run `make setup` or `apt-get install {package}`")
    return found


def libraries(program: str) -> list[str]:
    """All that the dynamic linker takes for it, itself included."""
    text = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    words = [word for line in text.splitlines() for word in line.split() if word.startswith("/")]
    return sorted(set(words))
