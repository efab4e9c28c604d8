"""What a site's image has besides the skeleton: from Debian, of our own, of the site. Pure but for
the frozen binary, whose path goes into the tree.
"""

from collections.abc import Collection, Iterable
from pathlib import Path

from packager.compiled import Compiled
from packager.debian.selection import Wanted
from packager.image.people import People, Strangers
from packager.image.skeleton import base_packages
from packager.root.tree import Origin, Tree, file, folder, link
from packager.targets import Target
from services.model import Debian, File, Module, Site, Sysctl
from services.site.places import PROGRAMS, SECRETS

BOOT = "/etc/frost/boot"
BINARY = "frost"
# By people; a command over ssh has no profile's PATH
TYPED = {"frost", "frost-firewall", "frost-secret"}


def wanted(site: Site, compiled: Compiled, base: str) -> list[Wanted]:
    """What is asked for of Debian's packages, and by whom. base: the list of that name."""
    reasons = asked_by(site)
    every = "every image has it (packaging/packager/image/base)"
    found = [Wanted(each.package, each.paths, every) for each in base_packages(base)]
    found += [
        Wanted(each.package, each.paths, reasons.get(each.package, "supervision needs it"))
        for each in compiled.debian
    ]
    return [
        Wanted(each.package, tuple("/" + path.lstrip("/") for path in each.patterns), each.reason)
        for each in found
    ]


def asked_by(site: Site) -> dict[str, str]:
    """Package -> a sentence that names the services that ask for it."""
    names: dict[str, list[str]] = {}
    for service in site.services:
        for each in service.resources():
            if isinstance(each, Debian) and service.name not in names.setdefault(each.package, []):
                names[each.package].append(service.name)
    found = {each.package: "the site asks for it" for each in site.packages}
    for package, users in names.items():
        found[package] = _told(users, "run")
    return found


def programs(binary: Path, names: Collection[str]) -> Tree:
    """The frozen binary and a link for each program; what people type is in their PATH, too."""
    tree = Tree()
    origin = Origin("frostgate", "our own programs, frozen")
    tree.add(file(f"{PROGRAMS}/{BINARY}", binary, origin, 0o755))
    for name in names:
        if name != BINARY:
            tree.add(link(f"{PROGRAMS}/{name}", BINARY, origin))
    for name in sorted(TYPED & set(names)):
        tree.add(link(f"/usr/bin/{name}", f"{PROGRAMS}/{name}", origin))
    return tree


def site_files(compiled: Compiled, people: People | Strangers) -> Tree:
    """Files and folders of the services and of the site."""
    tree = Tree()
    for each in compiled.folders:
        reason = "kept across reboots" if each.keep else "a service needs it"
        ids = people.ids(each.owner)
        tree.add(folder(each.path, Origin("site", reason), each.mode, *ids))
    for points in compiled.links:
        tree.add(link(points.path, points.target, Origin("site", "a service needs it")))
    for one in compiled.files:
        ids = people.ids(one.owner)
        tree.add(file(one.path, octets(one), Origin("site", told(one)), one.mode, *ids))
    return tree


def secrets(site: Site, values: Path) -> Tree:
    """The values of the site's secrets, which are files of their names in a folder: for root alone.

    They are checked before (packager/checks/secrets.py).
    """
    tree = Tree([folder(SECRETS, Origin("site", "secrets are for root alone"), 0o700)])
    for each in site.secrets:
        origin = Origin("site", f"the secret {each.name}")
        octets = (values / each.name).read_bytes()
        tree.add(file(f"{SECRETS}/{each.name}", octets, origin, 0o600))
    return tree


def octets(each: File) -> bytes:
    """A file's content."""
    return each.content.encode() if isinstance(each.content, str) else each.content


def told(each: File) -> str:
    """Why a file of the site is there."""
    return f"written for {Path(each.where.file).name}:{each.where.line}"


def boot_lists(modules: Iterable[Module], sysctls: Iterable[Sysctl], rescue: bool = False) -> Tree:
    """What process 1 does at the start, as data (services/boot)."""
    tree = Tree()
    origin = Origin("site", "the early boot reads it")
    texts = {
        "modules": "".join(each.name + "\n" for each in modules if each.load),
        "sysctl": "".join(f"{each.path} = {each.value}\n" for each in sysctls),
        "rescue": "/bin/sh\n" if rescue else "",
    }
    for name, text in texts.items():
        if text:
            tree.add(file(f"{BOOT}/{name}", text.encode(), origin))
    return tree


def drivers(target: Target) -> tuple[Module, ...]:
    """The modules that drive the machine's network cards: those of the best, which `run` takes."""
    cards = target.machine.nics[:1] if target.machine else ()
    return tuple(Module(name) for card in cards for name in card.modules)


def modules(site: Site, compiled: Compiled, target: Target) -> dict[str, str]:
    """Kernel modules with who asks for them."""
    names: dict[str, list[str]] = {each.name: [] for each in compiled.modules}
    for service in site.services:
        for each in service.resources():
            if isinstance(each, Module) and service.name not in names[each.name]:
                names[each.name].append(service.name)
    site_asks = "the site asks for it"
    card = f"a network card of {target.name} needs it"
    return {each.name: card for each in drivers(target)} | {
        name: _told(users, "need") if users else site_asks for name, users in names.items()
    }


def needs(compiled: Compiled) -> dict[str, list[str]]:
    """What the machine that an overlay goes onto has to have: Debian's names of packages and their
    files, users, kernel modules and settings."""
    return {
        "files": [f"{each.package}: /{path}" for each in compiled.debian for path in each.paths],
        "users": [each.name for each in compiled.accounts],
        "modules": [each.name for each in compiled.modules],
        "settings": [f"{each.path} = {each.value}" for each in compiled.sysctls],
    }


def _told(services: list[str], verb: str) -> str:
    """A sentence about who runs or needs it."""
    if len(services) == 1:
        return f"service {services[0]} {verb}s it"
    return f"services {' and '.join(services)} {verb} it"
