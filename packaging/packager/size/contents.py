"""What an image consists of, as the size report sees it: values, and the JSON that holds them.

An Item is one path. `size` is exact: octets of content. `packed` is its share of a compressed
image; how it was found is told by Contents.method, and what no item accounts for by Contents.rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

MANIFEST = "frostgate-image"
VERSION = 1

# measured: read from the squashfs image itself. estimated: files compressed as squashfs would.
# unknown: only what is in there is known, not what it takes compressed.
Method = Literal["measured", "estimated", "unknown"]
NO_IMAGE = ("image.json", "packages.lock")  # stand beside the image and are no part of it
METHODS: tuple[Method, ...] = ("measured", "estimated", "unknown")


class SizeError(Exception):
    """An image's sizes can't be told; one line for the user."""


@dataclass(frozen=True)
class Item:
    """One path of an image. Octets; `chain` goes from what was asked for to what is here,
    `needed_by` are all that were asked for and need it."""

    path: str
    size: int
    packed: int = 0
    package: str = ""
    reason: str = ""
    chain: tuple[str, ...] = ()
    kind: str = "file"
    needed_by: tuple[str, ...] = ()

    @property
    def is_kernel(self) -> bool:
        """The kernel and its modules, which budgets of the root leave out."""
        return self.package == "kernel" or self.path.startswith(
            ("/boot/", "/usr/lib/modules/", "/lib/modules/")
        )

    @property
    def is_ours(self) -> bool:
        """Part of frostgate's own programs."""
        return self.package == "frostgate"


@dataclass(frozen=True)
class Module:
    """One module of the frozen binary. `strings`: names and texts, which modules share."""

    name: str
    size: int
    strings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Program:
    """One program of the frozen binary, in octets of the binary as it lies there.

    whole: all that it needs, without what every binary has. own: what would go away without it.
    """

    name: str
    whole: int
    own: int
    modules: tuple[str, ...] = ()  # that no other program needs


@dataclass(frozen=True)
class Contents:
    """All of an image. `image`: octets of the file with the root in it, `besides`: names and octets
    of the others that belong to it (kernel, initrd); `target` may be empty."""

    name: str
    image: int
    items: tuple[Item, ...]
    method: Method = "unknown"
    scaled: bool = False  # whether `packed` was stretched to the image's true size
    unscaled: int = 0  # what the estimate came to before that
    target: str = ""
    has_packages: bool = True
    programs: tuple[Program, ...] = ()
    besides: tuple[tuple[str, int], ...] = ()
    binary: tuple[int, int] = (0, 0)  # octets and share of the frozen binary, of a build of it

    @property
    def size(self) -> int:
        """Octets of all contents."""
        return sum(item.size for item in self.items)

    @property
    def packed(self) -> int:
        """The sum of all shares."""
        return sum(item.packed for item in self.items)

    @property
    def rest(self) -> int:
        """What the image has beside its files' shares: tables, names, padding."""
        return self.image - self.packed if self.method == "measured" or self.scaled else 0

    def packed_part(self, octets: int) -> int:
        """What octets of the frozen binary take compressed, about: it is dense alike everywhere."""
        size, packed = self.binary
        if not size:
            ours = [item for item in self.items if item.is_ours and item.kind == "file"]
            largest = max(ours, key=lambda item: item.size, default=Item("", 0))
            size, packed = largest.size, largest.packed
        return round(octets * packed / size) if size else 0

    def weight(self, item: Item) -> int:
        """What areas and orders are made by: the share, or the size where no share is known."""
        return item.size if self.method == "unknown" else item.packed


def read(manifest: Mapping[str, Any], name: str) -> Contents:
    """The contents that a manifest tells (packager.root.tree.manifest, with or without sizes).

    `name` is for messages. Raises SizeError for what is no manifest of this version.
    """
    if not isinstance(manifest, Mapping) or MANIFEST not in manifest:
        raise SizeError(f"{name}: expected a JSON object with {MANIFEST!r}")
    if manifest[MANIFEST] != VERSION:
        raise SizeError(
            f"{name}: expected {MANIFEST} {VERSION}, got {manifest[MANIFEST]!r}; build it anew"
        )
    try:
        items = tuple(_item(row) for row in manifest["entries"])
        sizes = manifest.get("sizes", {})
        method = sizes.get("method", "unknown")
        if method not in METHODS:
            raise SizeError(f"{name}: expected a method of {' '.join(METHODS)}, got {method!r}")
        return Contents(
            name=name,
            image=int(sizes.get("image", 0)),
            items=items,
            method=method,
            scaled=bool(sizes.get("scaled", False)),
            unscaled=int(sizes.get("unscaled", 0)),
            target=str(manifest.get("target", "")),
            programs=tuple(_program(row) for row in manifest.get("programs", ())),
            besides=besides(manifest),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SizeError(f"{name}: expected an image's manifest, got one without {error}") from None


def root_file(manifest: Mapping[str, Any]) -> str:
    """The name of the file with the root in it, of a manifest that names its files; else ''."""
    boot = manifest.get("boot") or {}
    named = boot.get("disk") or boot.get("initrd")
    others = [name for name in manifest.get("files", {}) if name not in NO_IMAGE]
    return str(named or (others[0] if len(others) == 1 else ""))


def besides(manifest: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    """The other files of the image."""
    root = root_file(manifest)
    return tuple(
        (str(name), int(octets))
        for name, octets in sorted(manifest.get("files", {}).items())
        if root and name != root and name not in NO_IMAGE
    )


def written(contents: Contents) -> dict[str, Any]:
    """The keys that a manifest gets from here: `sizes`, `programs`, and `packed` by path."""
    return {
        "sizes": {
            "image": contents.image,
            "method": contents.method,
            "scaled": contents.scaled,
            "unscaled": contents.unscaled,
        },
        "programs": [
            {"name": p.name, "whole": p.whole, "own": p.own, "modules": list(p.modules)}
            for p in contents.programs
        ],
        "packed": {item.path: item.packed for item in contents.items},
    }


def _item(row: Mapping[str, Any]) -> Item:
    return Item(
        path=str(row["path"]),
        size=int(row["size"]),
        packed=int(row.get("packed", 0)),
        package=str(row["package"]),
        reason=str(row["reason"]),
        chain=tuple(str(step) for step in row["chain"]),
        kind=str(row["kind"]),
        needed_by=tuple(str(name) for name in row.get("needed_by", ())),
    )


def _program(row: Mapping[str, Any]) -> Program:
    return Program(str(row["name"]), int(row["whole"]), int(row["own"]), tuple(row["modules"]))
