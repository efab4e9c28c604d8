"""Holds an image to its site's budget: what is over, by how much, and what weighs most. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from packager.size import contents, groups
from packager.size.contents import Contents, Item, SizeError
from packager.size.table import shown

LARGEST = 3
WORDS = {
    "image": "the image",
    "root": "all but kernel and modules, as squashfs",
    "programs": "our programs, as squashfs",
    "overlay": "what the image has in folders that are kept, in blocks of 4 KiB",
}
BLOCK = 4096


class Limits(Protocol):
    """The fields of services.model.Budget that an image alone can be held to; octets, 0: none."""

    @property
    def image(self) -> int: ...
    @property
    def root(self) -> int: ...
    @property
    def programs(self) -> int: ...
    @property
    def overlay(self) -> int: ...


def over(
    manifest: Mapping[str, Any], budget: Limits | None, name: str = "image"
) -> list[tuple[str, str]]:
    """The limits that the image is over, each by its name and with a text about it; [] when it is
    within all of them.

    manifest: of packager.size.image.annotated, with the folders that are kept as `kept`. Raises
    SizeError for one without sizes.
    """
    if budget is None:
        return []
    found = contents.read(manifest, name)
    texts = {
        "image": _image(found, budget),
        "root": _root(found, budget),
        "programs": _programs(found, budget),
        "overlay": _overlay(found, budget, manifest.get("kept", ())),
    }
    return [(what, text) for what, text in texts.items() if text]


def _image(found: Contents, budget: Limits) -> str:
    if budget.image and not found.image:
        raise SizeError(f"{found.name}: expected a manifest with the image's size")
    octets = found.image + sum(octets for _, octets in found.besides)
    largest = [*_packages(found, lambda item: True), *found.besides]
    largest = sorted(largest, key=lambda each: -each[1])[:LARGEST]
    return _told("image", octets, budget.image, largest)


def _root(found: Contents, budget: Limits) -> str:
    def counts(item: Item) -> bool:
        return not item.is_kernel

    return _told("root", _sum(found, budget.root, counts), budget.root, _packages(found, counts))


def _programs(found: Contents, budget: Limits) -> str:
    def counts(item: Item) -> bool:
        return item.is_ours

    largest = [(p.name, found.packed_part(p.own)) for p in found.programs[:LARGEST]]
    octets = _sum(found, budget.programs, counts)
    if largest:
        return _told("programs", octets, budget.programs, largest, "the dearest")
    files = sorted(((i.path, i.packed) for i in found.items if counts(i)), key=lambda f: -f[1])
    return _told("programs", octets, budget.programs, files[:LARGEST])


def _overlay(found: Contents, budget: Limits, kept: Sequence[str]) -> str:
    """What is written to is copied up whole (Linux, Documentation/filesystems/overlayfs.rst): that
    much of the overlay may go before a router has anything of its own to write."""
    rows = []
    outermost = [x for x in kept if not any(x.startswith(other + "/") for other in kept)]
    for folder in outermost:
        inside = [i for i in found.items if i.path == folder or i.path.startswith(folder + "/")]
        rows.append((folder, sum(max(-(-item.size // BLOCK), 1) * BLOCK for item in inside)))
    rows.sort(key=lambda row: (-row[1], row[0]))
    octets = sum(size for _, size in rows)
    return _told("overlay", octets, budget.overlay, rows[:LARGEST])


def _sum(found: Contents, limit: int, counts: Callable[[Item], bool]) -> int:
    """Octets of squashfs, also of an image that is something else."""
    if not limit:
        return 0
    if found.method == "unknown":
        raise SizeError(f"{found.name}: expected a manifest with packed sizes, got one without")
    packed = sum(item.packed for item in found.items if counts(item))
    # An estimate that was scaled to a tar.xz says less about squashfs than the estimate itself.
    return round(packed * found.unscaled / found.packed) if found.scaled and packed else packed


def _packages(found: Contents, counts: Callable[[Item], bool]) -> list[tuple[str, int]]:
    inside = [item for item in found.items if counts(item)]
    rows = groups.grouped(found, inside, lambda item: item.package)[:LARGEST]
    return [(row.name, row.size if found.method == "unknown" else row.packed) for row in rows]


def _told(
    what: str, octets: int, limit: int, largest: list[tuple[str, int]], how: str = "the largest"
) -> str:
    if not limit or octets <= limit:
        return ""
    names = ", ".join(f"{name} {shown(size)}" for name, size in largest)
    return (
        f"expected at most {limit:,} octets of {WORDS[what]}, got {octets:,}, "
        f"{octets - limit:,} too many; {how}: {names}"
    )
