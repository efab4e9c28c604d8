"""Estimates what files take in a squashfs image: compresses them as mksquashfs -comp xz does.

Whole blocks of 256 KiB one by one, the last pieces of a package's files together, as a fragment.
mksquashfs puts last pieces of different packages into one fragment: so this is what a package
takes by itself, and the sum is near the image's size and not equal to it.
"""

import hashlib
import json
import lzma
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from packager.formats.squashfs import Squashfs

BLOCK = Squashfs().block
FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": BLOCK}]


class File(NamedTuple):
    """A file to be weighed: `octets` reads its content when it is its turn."""

    path: str
    package: str
    octets: Callable[[], bytes]


class Cache:
    """Compressed sizes of blocks by their SHA-256, kept in a file between builds."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.sizes: dict[str, int] = {}
        if path is not None and path.is_file():
            try:
                self.sizes = {str(k): int(v) for k, v in json.loads(path.read_text()).items()}
            except (ValueError, AttributeError):
                self.sizes = {}  # cut off by a full disk: measured anew

    def save(self) -> None:
        """Write it; another build sees the old one or the new one."""
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            new = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
            new.write_text(json.dumps(self.sizes, sort_keys=True))
            new.replace(self.path)


def estimate(files: Iterable[File], cache: Cache | None = None) -> dict[str, int]:
    """Octets of squashfs by path. Equal files count once, and share."""
    cache = cache or Cache()
    blocks: list[bytes] = []
    uses: list[list[tuple[str, float]]] = []  # by block: who has which part of it
    same: dict[str, list[str]] = {}
    tails: dict[str, list[tuple[str, bytes]]] = {}
    for file in files:
        octets = file.octets()
        twins = same.setdefault(hashlib.sha256(octets).hexdigest(), [])
        twins.append(file.path)
        if len(twins) > 1 or not octets:
            continue
        whole = len(octets) // BLOCK * BLOCK
        for at in range(0, whole, BLOCK):
            blocks.append(octets[at : at + BLOCK])
            uses.append([(file.path, 1.0)])
        if whole < len(octets):
            tails.setdefault(file.package, []).append((file.path, octets[whole:]))
    for package in sorted(tails):
        for fragment in _fragments(tails[package]):
            content = b"".join(octets for _, octets in fragment)
            blocks.append(content)
            uses.append([(path, len(octets) / len(content)) for path, octets in fragment])
    shares: dict[str, float] = {}
    for size, users in zip(_packed(blocks, cache), uses, strict=True):
        for path, part in users:
            shares[path] = shares.get(path, 0) + size * part
    return {
        path: round(shares.get(twins[0], 0) / len(twins))
        for twins in same.values()
        for path in twins
    }


def scale(shares: dict[str, int], octets: int) -> dict[str, int]:
    """The shares stretched so that their sum is `octets`."""
    total = sum(shares.values())
    return {path: round(share * octets / total) if total else 0 for path, share in shares.items()}


def _fragments(tails: list[tuple[str, bytes]]) -> list[list[tuple[str, bytes]]]:
    """Last pieces put together, each fragment at most a block."""
    found: list[list[tuple[str, bytes]]] = []
    room = 0
    for path, octets in tails:
        if len(octets) > room:
            found.append([])
            room = BLOCK
        found[-1].append((path, octets))
        room -= len(octets)
    return found


def _packed(blocks: list[bytes], cache: Cache) -> list[int]:
    """The compressed size of each block. xz lets go of Python's lock: all processors work."""
    names = [hashlib.sha256(block).hexdigest() for block in blocks]
    missing = {name: block for name, block in zip(names, blocks, strict=True)
               if name not in cache.sizes}  # fmt: skip
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for name, size in zip(missing, pool.map(_one, missing.values()), strict=True):
            cache.sizes[name] = size
    return [cache.sizes[name] for name in names]


def _one(block: bytes) -> int:
    """What does not get smaller is stored as it is."""
    packed = lzma.compress(block, lzma.FORMAT_XZ, lzma.CHECK_CRC32, filters=FILTERS)
    return min(len(packed), len(block))
