"""What an image consists of, as the size report sees it: values, and the JSON that holds them.

An Item is one path. `size` is exact: octets of content. `packed` is its share of a compressed
image; how it was found is told by Contents.method, and what no item accounts for by Contents.rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

MANIFEST = "frostgate-image"
VERSION = 1

# measured: read from the squashfs image itself. estimated: files compressed as squashfs would.
# unknown: only what is in there is known, not what it takes compressed.
Method = Literal["measured", "estimated", "unknown"]
METHODS: tuple[Method, ...] = ("measured", "estimated", "unknown")


class SizeError(Exception):
    """An image's sizes can't be told; one line for the user."""


@dataclass(frozen=True)
class Item:
    """One path of an image. Octets; `chain` goes from what was asked for to what is here."""

    path: str
    size: int
    packed: int = 0
    package: str = ""
    reason: str = ""
    chain: tuple[str, ...] = ()
    kind: str = "file"

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
    """All of an image. `image`: octets of its file; `target` may be empty."""

    name: str
    image: int
    items: tuple[Item, ...]
    method: Method = "unknown"
    scaled: bool = False  # whether `packed` was stretched to the image's true size
    unscaled: int = 0  # what the estimate came to before that
    target: str = ""
    has_packages: bool = True
    programs: tuple[Program, ...] = field(default=())

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
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SizeError(f"{name}: expected an image's manifest, got one without {error}") from None


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
    )


def _program(row: Mapping[str, Any]) -> Program:
    return Program(str(row["name"]), int(row["whole"]), int(row["own"]), tuple(row["modules"]))
