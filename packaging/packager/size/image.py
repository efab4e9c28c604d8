"""Finds out what is in an image's file, whatever it is: squashfs, tar, its manifest, or a build.

An image of ours is a folder with its manifest, image.json: who put what there and why. A single
file may have one beside it, NAME.json. Without one the report is by folder. This is the thin part
that reads files.
"""

import json
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from packager.root.tree import Tree
from packager.size import contents, frozen, packing, squashfs
from packager.size.contents import Contents, Item, Program, SizeError

ROOT = Path(__file__).resolve().parents[3]
# The first octets of files that are compressed as a whole: their length tells what files take.
COMPRESSED = (squashfs.MAGIC, b"\xfd7zXZ\0", b"\x1f\x8b", b"\x28\xb5\x2f\xfd")
USTAR = b"ustar"
MANIFEST = "image.json"
Octets = Callable[[str], bytes | None]


def beside(image: Path) -> Path:
    """Where the manifest of a single file is."""
    return image.with_name(image.name + ".json")


def manifest_of(image: Path) -> Any:
    """The manifest that is about this file, None without one."""
    if beside(image).is_file():
        return _json(beside(image))
    whole = image.with_name(MANIFEST)
    found = _json(whole) if whole.is_file() else None
    is_about_it = isinstance(found, dict) and contents.root_file(found) == image.name
    return found if is_about_it else None


def load(path: Path) -> Contents:
    """The contents of an image's file, of a manifest, or of a build folder of the frozen binary.

    OSError when it can't be read, SizeError when it is none of these.
    """
    if path.is_dir():
        return of_folder(path)
    with path.open("rb") as file:
        head = file.read(512)
    if head.lstrip()[:1] == b"{":
        return contents.read(_json(path), str(path))
    manifest = manifest_of(path)
    if head.startswith(squashfs.MAGIC):
        items = squashfs.read(path.read_bytes(), str(path))
        bare = Contents(str(path), path.stat().st_size, items, "measured", has_packages=False)
        return bare if manifest is None else joined(contents.read(manifest, str(path)), bare)
    # tarfile takes zeros for a tar with nothing in it
    if tarfile.is_tarfile(path) and (USTAR in head or head.startswith(COMPRESSED)):
        return of_tar(path, manifest)
    if manifest is not None:
        return replace(contents.read(manifest, str(path)), image=path.stat().st_size)
    raise SizeError(
        f"{path}: expected a squashfs image, a tar, or an image with its manifest "
        f"{beside(path).name} beside it"
    )


def annotated(
    manifest: Mapping[str, Any],
    image: Path,
    tree: Tree,
    cache: Path | None = None,
    programs: tuple[Program, ...] = (),
) -> dict[str, Any]:
    """A manifest with the sizes of its image in it: `packed` in the entries, `sizes`, `programs`.

    tree: what the image was made of. cache: a file that keeps compressed sizes from one build to
    the next; a squashfs image needs none. programs: frozen.measure() of the frozen build.
    """
    there = contents.read(manifest, str(image))
    with image.open("rb") as file:
        head = file.read(8)
    if head.startswith(squashfs.MAGIC):
        bare = squashfs.read(image.read_bytes(), str(image))
        found = joined(there, Contents(there.name, image.stat().st_size, bare, "measured"))
    else:
        kept = packing.Cache(cache)
        found = estimated(there, image.stat().st_size, head, _of_tree(tree), kept)
        kept.save()
    extra = contents.written(replace(found, programs=programs))
    packed = extra.pop("packed")
    rows = [{**row, "packed": packed[row["path"]]} for row in manifest["entries"]]
    return {**manifest, **extra, "entries": rows}


def joined(manifest: Contents, bare: Contents) -> Contents:
    """What a manifest tells of paths with what the image tells of their shares."""
    shares = {item.path: item.packed for item in bare.items}
    missing = [item.path for item in manifest.items if item.path not in shares]
    if missing:
        raise SizeError(
            f"{bare.name}: expected what its manifest names, got no {missing[0]}; build it anew"
        )
    known = {item.path for item in manifest.items}
    items = tuple(replace(item, packed=shares[item.path]) for item in manifest.items)
    items += tuple(item for item in bare.items if item.path not in known)
    return replace(manifest, image=bare.image, items=items, method=bare.method)


def estimated(there: Contents, image: int, head: bytes, octets: Octets,
              cache: packing.Cache | None = None) -> Contents:  # fmt: skip
    """The contents with estimated shares, scaled where the image is compressed as a whole."""

    def content(path: str) -> Callable[[], bytes]:
        return lambda: octets(path) or b""

    files = [packing.File(item.path, item.package, content(item.path))
             for item in there.items if item.kind == "file"]  # fmt: skip
    shares = packing.estimate(files, cache)
    unscaled, scaled = sum(shares.values()), head.startswith(COMPRESSED)
    if scaled:
        shares = packing.scale(shares, image)
    items = tuple(replace(item, packed=shares.get(item.path, 0)) for item in there.items)
    return replace(
        there, image=image, items=items, method="estimated", scaled=scaled, unscaled=unscaled
    )


def of_tar(path: Path, manifest: Mapping[str, Any] | None) -> Contents:
    """A tar, compressed or not: shares are estimated."""
    read: dict[str, bytes] = {}
    items = []
    with tarfile.open(path) as tar:
        for member in tar:
            name = "/" + member.name.removeprefix("./").strip("/")
            if name in ("/", "/."):
                continue
            kind = "folder" if member.isdir() else "link" if member.issym() else "file"
            content = tar.extractfile(member) if member.isreg() else None
            if content is not None:
                read[name] = content.read()
            items.append(Item(name, len(read.get(name, b"")), kind=kind))
    there = Contents(str(path), 0, tuple(items), has_packages=False)
    if manifest is not None:
        there = contents.read(manifest, str(path))
    with path.open("rb") as file:
        head = file.read(8)
    return estimated(there, path.stat().st_size, head, read.get)


def of_folder(folder: Path) -> Contents:
    """The folder that `frostgate build` has written, or a build of the frozen binary."""
    if not (folder / MANIFEST).is_file():
        if not (folder / frozen.OBJECT).is_file():
            raise SizeError(
                f"{folder}: expected an image's folder with {MANIFEST} in it, or build/<target>"
            )
        return of_build(folder)
    manifest = _json(folder / MANIFEST)
    found = contents.read(manifest, str(folder / MANIFEST))
    name = contents.root_file(manifest)
    return replace(load(folder / name), name=str(folder)) if name else found


def of_build(folder: Path) -> Contents:
    """A build of the frozen binary: its modules as files, and what each program costs."""
    built = frozen.read(folder)
    binary = folder / "frost"
    size = binary.stat().st_size
    items = [
        Item("/" + name.replace(".", "/"), module.size, 0, name.partition(".")[0],
             "frozen")
        for name, module in sorted(built.modules.items())
    ]  # fmt: skip
    strings = sum(built.strings.values())
    items += [
        Item("/(texts)", strings, 0, "shared", "names and texts that modules share"),
        Item("/(core)", size - strings - sum(item.size for item in items),
             0, "shared", "MicroPython, the C library and what we add to both"),
    ]  # fmt: skip
    programs = frozen.measure(folder, ROOT)
    whole = packing.File("/frost", "frostgate", binary.read_bytes)
    packed = packing.estimate([whole])["/frost"]
    return Contents(str(binary), size, tuple(items), programs=programs, binary=(size, packed))


def _of_tree(tree: Tree) -> Octets:
    def octets(path: str) -> bytes | None:
        entry = tree.get(path)
        return entry.octets() if entry is not None else None

    return octets


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise SizeError(f"{path}: expected JSON, got what is none: {error}") from None
