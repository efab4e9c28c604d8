"""The machine made ready for its services: mounts, name, modules, settings."""

from agent.generations import make_folders
from agent.port import files, machine, netlink
from agent.port.errno import EEXIST
from services.boot import disks, modules, root
from services.boot.mounts import MEMORY, MS_REMOUNT, Mount, flags, table
from services.boot.steps import Steps, text_of
from services.boot.words import sysctls

# The site's, written by the packager as data
SITE = "/etc/frost/boot"
LIBRARY = "/lib/modules"
SYS = "/proc/sys/"
LOOPBACK = 1  # the index of lo in every network (Linux, drivers/net/loopback.c)
CHANGED = 2  # fsck(8): "system should be rebooted"
# A kernel that panics starts again after so many seconds, unless it was told otherwise.
PANIC = ("kernel/panic", "10")


def mount_all(steps: Steps, rows: "list[Mount] | tuple[Mount, ...]", there: list[Mount]) -> None:
    """Mount what is not `there` yet."""
    targets = [mount.target for mount in there]
    for row in rows:
        if row.target in targets:
            continue
        number, data = flags(row.options)
        if not files.kind(row.target):
            steps.attempt(row.target, make_folders, row.target)
        steps.attempt(row.target, machine.mount, row.source, row.target, row.kind, number, data)


def mount_site(steps: Steps, there: list[Mount]) -> None:
    """Mount the table, with the site's own lines."""
    rows, wrong = table(text_of(SITE + "/mounts"))
    for line in wrong:
        steps.fail("mounts: expected SOURCE TARGET TYPE OPTIONS, got %s" % line)
    mount_all(steps, rows, there)


def open_root(steps: Steps, mount: Mount, words: dict[str, str]) -> None:
    """A root that the kernel has mounted read-only is checked and made writable."""
    if mount.options == "rw" or mount.kind in MEMORY or mount.kind == "overlay":
        return
    source = disks.find(words.get("root", mount.source), 0)
    if source[:1] == "/" and root.check(steps, mount.kind, source) & CHANGED:
        machine.end("reboot")  # what the kernel has read of it is no longer true
    steps.attempt("/: remount rw", machine.mount, source, "/", "", MS_REMOUNT)


def name(steps: Steps) -> None:
    """Give the machine its name."""
    text = text_of("/etc/hostname").strip()
    if text:
        steps.attempt("hostname", files.write, SYS + "kernel/hostname", text.encode())


def raise_loopback(steps: Steps) -> None:
    """lo up, with its addresses: daemons talk to themselves and to each other by it."""
    steps.attempt("lo", _raise, LOOPBACK)


def _raise(index: int) -> None:
    netlink.Kernel().change_link(index, up=True)


def load(steps: Steps, words: dict[str, str]) -> None:
    """Load the site's modules, each behind what it needs."""
    listed = modules.wanted(text_of(SITE + "/modules"))
    if not listed:
        return
    folder = "%s/%s" % (LIBRARY, text_of(SYS + "kernel/osrelease").strip())
    names = [each for each, _ in listed]
    dependencies, builtin = text_of(folder + "/modules.dep"), text_of(folder + "/modules.builtin")
    paths, missing = modules.order(names, dependencies, builtin)
    for each in missing:
        steps.fail("module %s: expected it in %s/modules.dep, got none" % (each, folder))
    given = modules.parameters(words)
    for path in paths:
        module = modules.plain(path)
        texts = [text for each, text in listed if each == module and text]
        texts += [given[module]] if module in given else []
        steps.attempt("module " + module, _load, "%s/%s" % (folder, path), " ".join(texts))


def _load(path: str, parameters: str) -> None:
    try:
        machine.load_module(path, parameters)
    except OSError as error:
        if error.errno != EEXIST:
            raise


def set_all(steps: Steps) -> None:
    """Write the site's sysctls."""
    settings, wrong = sysctls(text_of(SITE + "/sysctl"))
    for line in wrong:
        steps.fail("sysctl: expected NAME = VALUE, got %s" % line)
    if text_of(SYS + PANIC[0]).strip() == "0":
        settings = [PANIC] + settings
    for path, value in settings:
        steps.attempt("sysctl " + path, files.write, SYS + path, value.encode())
