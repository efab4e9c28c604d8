"""From a site to an image: the steps of `frostgate build`, in order.

    built = build(site, compiled, Request(target, form, output, cache, ...), Progress())

What has not changed since the last build in the same output folder is left alone; the rest is
replaced together at the end, so that what is interrupted leaves the old image. The same inputs
(site, packages.lock, this project) give the same bits, wherever and whenever.
"""

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from packager import freeze
from packager.compiled import Compiled
from packager.debian.archive import Archive
from packager.debian.kernel import Kernel, open_kernel
from packager.debian.lock import Locked, write_lock
from packager.debian.selection import Selection, provided_paths, select
from packager.formats import image, tar
from packager.formats.image import Options, fingerprint
from packager.image import contents, skeleton, writing
from packager.image.forms import Form
from packager.image.kept import Kept
from packager.image.people import People, Strangers
from packager.image.progress import Progress
from packager.root.overlay import overlaid
from packager.root.tree import Tree, folder, link, manifest
from packager.size import frozen as frozen_sizes
from packager.size import image as sizes
from packager.targets import Target
from services.model import Module, Site
from services.site.places import PATH, PROGRAMS

MANIFEST, LOCK = "image.json", "packages.lock"
KERNEL, INITRD = "vmlinuz", "initrd"


@dataclass(frozen=True)
class Request:
    """What is to be built. epoch: seconds since 1970 that files in the image are dated by
    (SOURCE_DATE_EPOCH). lock: packages to take, () for the archive's present ones."""

    target: Target
    form: Form
    output: Path
    cache: Path
    build: Path  # the frozen programs' build folder
    epoch: int = 0
    lock: tuple[Locked, ...] = ()
    secrets: Path | None = None  # a folder of their values
    rootfs: Path | None = None  # a tar that an overlay goes onto


@dataclass(frozen=True)
class Built:
    """What was made: the whole root, what is not kernel, and the manifest's content."""

    root: Tree
    manifest: dict[str, Any]
    folder: Path


def build(site: Site, compiled: Compiled, asked: Request, progress: Progress) -> Built:
    """Make the image's files in asked.output. Raises DebianError, FreezeError, TreeError, and
    FormatError."""
    asked.output.mkdir(parents=True, exist_ok=True)
    # What holds secrets is as private as the files that they came from have to be.
    with Kept(asked.output, is_private=asked.secrets is not None) as kept:
        return _build(site, compiled, asked, kept, progress)


def _build(site: Site, compiled: Compiled, asked: Request, kept: Kept, progress: Progress) -> Built:
    with progress.step(f"{len(compiled.programs)} programs frozen for {asked.target.frozen}"):
        frozen = freeze.freeze(asked.target.frozen, asked.build, quiet=True, only=compiled.programs)
    own = own_tree(site, compiled, frozen / "frost", asked)
    lock: list[Locked] = []
    kernel = None
    if asked.target.debian is not None:
        archive = Archive(asked.cache, asked.target.debian.architecture, asked.lock)
        with progress.step("Debian's packages") as told:
            selection = _select(site, compiled, asked.target, archive, own)
            told.append(f"{len(selection.lock)} looked into, {len(selection.tree)} paths taken")
        own.merge(selection.tree)
        with progress.step("the kernel and its modules") as told:
            kernel = open_kernel(archive, asked.target.debian)
            own.merge(kernel.tree(contents.modules(site, compiled, asked.target)))
            told.append(kernel.release)
        lock = archive.used()
    row = manifest(own, asked.target.name)
    row["format"] = asked.form.name
    row["kept"] = [each.path for each in compiled.folders if each.keep]
    if asked.target.is_overlay:
        row["needs"] = contents.needs(compiled)
    if kernel is not None:
        octets = kernel.image.read_bytes()
        kept.make(KERNEL, sha256(octets).hexdigest(), lambda path: path.write_bytes(octets))
    if kernel is not None and asked.form.is_bootable:
        row["boot"] = _boot_files(own, kernel, frozen / "frost", asked, kept, progress)
    else:
        _disk(own, asked, kept, progress)
    kept.put(LOCK, write_lock(lock))
    with progress.step("sizes"):
        disk = kept.path(asked.form.disk or INITRD)
        programs = frozen_sizes.measure(frozen, freeze.ROOT)
        cache = asked.cache / "sizes.json"  # of blocks by their digest: serves every image
        row = dict(sizes.annotated(row, disk, own, cache, programs))
    row["files"] = kept.sizes()
    kept.put(MANIFEST, json.dumps(row, indent=1, ensure_ascii=False) + "\n")
    return Built(own, row, asked.output)


def own_tree(site: Site, compiled: Compiled, binary: Path, asked: Request) -> Tree:
    """All that does not come from Debian; of an overlay with what it goes onto."""
    if asked.target.is_overlay:
        return _overlay(site, compiled, binary, asked)
    people = People(site, compiled.accounts)
    claimed = {each.path for each in compiled.files}  # a service's file, in the skeleton's place
    tree = Tree(
        each for each in skeleton.skeleton(site, PATH, PROGRAMS) if each.path not in claimed
    )
    tree.merge(people.tree())
    modules = (*contents.drivers(asked.target), *compiled.modules)
    tree.merge(contents.boot_lists(modules, compiled.sysctls, site.rescue))
    tree.merge(_ours(site, compiled, binary, asked, people))
    return tree


def _ours(
    site: Site, compiled: Compiled, binary: Path, asked: Request, people: People | Strangers
) -> Tree:
    """Programs, files of services and of the site, secrets."""
    tree = contents.programs(binary, compiled.programs)
    tree.merge(contents.site_files(compiled, people))
    if asked.secrets is not None:
        tree.merge(contents.secrets(site, asked.secrets))
    return tree


def _overlay(site: Site, compiled: Compiled, binary: Path, asked: Request) -> Tree:
    """Just our files, or these on somebody else's root file system."""
    if asked.rootfs is None:
        return _ours(site, compiled, binary, asked, Strangers())
    base = tar.read(asked.rootfs)
    passwd = base.get(base.follow("/etc/passwd"))
    users = Strangers(passwd.octets().decode(errors="replace") if passwd else "")
    return overlaid(base, _ours(site, compiled, binary, asked, users))


def _select(
    site: Site, compiled: Compiled, target: Target, archive: Archive, own: Tree
) -> Selection:
    assert target.debian is not None
    asked = contents.wanted(site, compiled, skeleton.beside(skeleton.BASE))
    return select(archive, asked, target.debian, provided_paths(own))


def _boot_files(
    root: Tree, kernel: Kernel, binary: Path, asked: Request, kept: Kept, progress: Progress
) -> dict[str, object]:
    """The initrd and the disk with the root; what `run` needs to know of them."""
    machine = asked.target.machine
    assert machine is not None
    console = f"console={machine.console}"
    if asked.form.name == "initramfs":
        with progress.step("the root as initramfs") as told:
            told += _write(root, INITRD, writing.initrd(asked.epoch), kept)
        return {"kernel": KERNEL, "initrd": INITRD, "words": f"{console} rdinit=/sbin/init"}
    small = initrd_tree(binary, kernel, asked.form)
    with progress.step("the initrd that mounts it") as told:
        told += _write(small, INITRD, writing.initrd(asked.epoch), kept)
    _disk(root, asked, kept, progress)
    words = f"{console} {asked.form.words}".strip()
    return {"kernel": KERNEL, "initrd": INITRD, "disk": asked.form.disk, "words": words}


def _disk(root: Tree, asked: Request, kept: Kept, progress: Progress) -> None:
    with progress.step(f"the root as {asked.form.name}") as told:
        options = writing.options(asked.form.name, asked.target, asked.epoch)
        told += _write(root, asked.form.disk, options, kept)


def _write(tree: Tree, name: str, options: Options, kept: Kept) -> list[str]:
    """Write a tree as the file `name`, unless it is there; what to say of it."""
    made = kept.make(
        name, fingerprint(tree, options), lambda path: image.write(tree, path, options)
    )
    octets = kept.path(name).stat().st_size
    return [f"{octets:,} octets", *([] if made else ["unchanged"])]


def initrd_tree(binary: Path, kernel: Kernel, form: Form) -> Tree:
    """What finds and mounts the root: our own program, and the modules for it."""
    tree = contents.programs(binary, ["frost-init"])
    why = f"the root is mounted as {form.name}"
    tree.merge(kernel.tree(dict.fromkeys(form.modules, why)))
    tree.merge(contents.boot_lists([Module(name) for name in form.modules], []))
    for path in ("/dev", "/proc", "/sys", "/run"):
        tree.add(folder(path, skeleton.OURS))
    tree.add(link("/init", f"{PROGRAMS}/frost-init", skeleton.OURS))
    tree.add(link("/lib", "usr/lib", skeleton.OURS))  # modules are looked for in /lib/modules
    return tree
