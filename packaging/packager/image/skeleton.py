"""What every root file system has, whatever the site: folders, merged /usr, names, busybox. Pure.

The two lists beside this file, `base` and `commands`, say what comes from Debian for all images.
"""

from pathlib import Path

from packager.root.tree import Entry, Origin, Tree, file, folder, link
from services.model import Debian, Site

BASE, COMMANDS = "base", "commands"
BUSYBOX = "/usr/bin/busybox"
SHELL = "/usr/bin/sh"
OURS = Origin("frostgate", "every image has it")
FOLDERS = {
    "/dev": 0o755,
    "/proc": 0o555,
    "/sys": 0o555,
    "/run": 0o755,
    "/mnt": 0o755,
    "/tmp": 0o1777,
    "/root": 0o700,
    "/home": 0o755,
    "/var/lib": 0o755,
    "/var/tmp": 0o1777,
}
# Debian's merged /usr (usrmerge): paths that programs and scripts name.
LINKS = {
    "/bin": "usr/bin",
    "/sbin": "usr/sbin",
    "/lib": "usr/lib",
    "/lib64": "usr/lib64",
    "/var/run": "/run",
    "/etc/mtab": "/proc/self/mounts",
}
SHELLS = "/bin/sh\n/bin/ash\n/bin/false\n"
NSSWITCH = "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n"
PROFILE = "export PATH={path}\nexport PS1='\\u@\\h:\\w\\$ '\n"


def base_packages(text: str) -> tuple[Debian, ...]:
    """The list `base`: PACKAGE and patterns a line."""
    rows = [line.partition("#")[0].split() for line in text.splitlines()]
    return tuple(Debian(row[0], tuple(row[1:])) for row in rows if row)


def commands(text: str) -> list[str]:
    """The list `commands`: the paths of busybox's names."""
    found = []
    for line in text.splitlines():
        place, _, names = line.partition("#")[0].partition(":")
        found += [f"{place.strip()}/{name}" for name in names.split()]
    return found


def beside(name: str) -> str:
    """One of the lists."""
    return (Path(__file__).with_name(name)).read_text()


def skeleton(site: Site, path: str, programs: str) -> Tree:
    """path: $PATH of people who log in; programs: the folder of the frozen binary."""
    tree = Tree(folder(each, OURS, mode) for each, mode in FOLDERS.items())
    for place, target in LINKS.items():
        tree.add(link(place, target, OURS))
    for each in ("bin", "sbin", "lib", "lib64"):
        tree.add(folder(f"/usr/{each}", OURS))
    for entry in (*_names(site), *_texts(path)):
        tree.add(entry)
    for place in commands(beside(COMMANDS)):
        reason = "a name of busybox (packaging/packager/image/commands)"
        tree.add(link(place, BUSYBOX, Origin("busybox", reason)))
    for name in ("halt", "poweroff", "reboot"):
        tree.add(link(f"/usr/sbin/{name}", f"{programs}/{name}", OURS))
    # Where kernels look for it: in an initramfs, and on a disk.
    for place in ("/init", "/usr/sbin/init"):
        tree.add(link(place, f"{programs}/frost-init", OURS))
    return tree


def _names(site: Site) -> list[Entry]:
    origin = Origin("site", "the site's hostname")
    hosts = f"127.0.0.1 localhost\n::1 localhost\n127.0.1.1 {site.hostname}\n"
    return [
        file("/etc/hostname", site.hostname.encode() + b"\n", origin),
        file("/etc/hosts", hosts.encode(), origin),
    ]


def _texts(path: str) -> list[Entry]:
    texts = {
        "/etc/shells": SHELLS,
        "/etc/nsswitch.conf": NSSWITCH,
        "/etc/profile": PROFILE.format(path=path),
    }
    return [file(place, text.encode(), OURS) for place, text in texts.items()]
