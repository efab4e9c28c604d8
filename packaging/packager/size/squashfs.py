"""Reads what each file takes in a squashfs image, from the image's own tables.

squashfs stores a file as blocks of its own, whose compressed sizes stand in its inode, and its last
piece in a fragment that it shares with others; of that it gets the part that its octets are. So
whole blocks are exact and the fragments' parts are by proportion. Files with the same content are
stored once and share the cost. The format: Documentation/filesystems/squashfs.rst of the kernel.
"""

import lzma
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from packager.size.contents import Item, SizeError

MAGIC = b"hsqs"
SUPERBLOCK = struct.Struct("<4sIIIIHHHHHHQQQQQQQQ")
NO_FRAGMENT = 0xFFFFFFFF
STORED = 1 << 24  # in a data block's size: not compressed (SQUASHFS_COMPRESSED_BIT_BLOCK)
STORED_METADATA = 1 << 15  # SQUASHFS_COMPRESSED_BIT
METADATA = 8192  # octets of a metadata block, unpacked
PER_FRAGMENT_BLOCK = METADATA // 16
COMPRESSIONS = {1: "gzip", 2: "lzma", 3: "lzo", 4: "xz", 5: "lz4", 6: "zstd"}
UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": zlib.decompress,
    "lzma": lzma.decompress,
    "xz": lzma.decompress,
}
BASIC = ("folder", "file", "link", "block", "character", "fifo", "socket")
KINDS = {number: kind for offset in (1, 8) for number, kind in enumerate(BASIC, offset)}
DAMAGES = (struct.error, IndexError, ValueError, OverflowError, zlib.error, lzma.LZMAError,
           EOFError)  # fmt: skip


@dataclass(frozen=True)
class Stored:
    """How a file's content lies in the image."""

    kind: str
    size: int = 0
    blocks: tuple[int, ...] = ()  # octets in the image
    start: int = 0
    fragment: int = NO_FRAGMENT
    offset: int = 0  # in the fragment
    listing: tuple[int, int, int] = (0, 0, 0)  # a folder's: metadata block, offset, octets


def read(image: bytes, name: str) -> tuple[Item, ...]:
    """All paths of an image with their shares, without packages. `name` is for messages.

    Raises SizeError for what is no squashfs 4.0, is damaged, or is compressed another way.
    """
    try:
        return tuple(_shared(_Image(image, name)))
    except DAMAGES as error:
        raise SizeError(
            f"{name}: expected a whole squashfs image; it is damaged: {error}"
        ) from None


class _Image:
    """The tables of an image."""

    def __init__(self, image: bytes, name: str) -> None:
        head = SUPERBLOCK.unpack_from(image)
        if head[0] != MAGIC or head[9] != 4:
            raise SizeError(f"{name}: expected a squashfs image of version 4")
        compression = COMPRESSIONS.get(head[5], str(head[5]))
        if compression not in UNPACK:
            raise SizeError(
                f"{name}: expected squashfs compressed by {', '.join(UNPACK)}, got {compression}; "
                "unpack it and give the tar or the folder"
            )
        self.image, self.unpack = image, UNPACK[compression]
        self.block_size, self.fragments, self.root = head[3], head[4], head[11]
        if self.block_size != 1 << head[6] or not 12 <= head[6] <= 20:
            raise ValueError(f"blocks of {self.block_size} octets")
        self.inodes_at, self.folders_at, self.fragments_at = head[15], head[16], head[17]
        self.cache: dict[int, tuple[bytes, int]] = {}

    def metadata(self, at: int) -> tuple[bytes, int]:
        """The metadata block at an offset of the image, unpacked, and where the next one is."""
        if at not in self.cache:
            (header,) = struct.unpack_from("<H", self.image, at)
            size = header & ~STORED_METADATA
            octets = self.image[at + 2 : at + 2 + size]
            plain = octets if header & STORED_METADATA else self.unpack(octets)
            self.cache[at] = (plain, at + 2 + size)
        return self.cache[at]

    def run(self, at: int, offset: int, octets: int) -> bytes:
        """Octets from `offset` of the metadata block at `at`, over as many blocks as it takes."""
        found = b""
        while len(found) < octets:
            plain, at = self.metadata(at)
            if offset >= len(plain):
                raise ValueError("a table ends too early")
            found += plain[offset : offset + octets - len(found)]
            offset = 0
        return found

    def fragment_sizes(self) -> list[int]:
        """Octets in the image of each fragment block."""
        sizes = []
        for number in range(self.fragments):
            (block,) = struct.unpack_from(
                "<Q", self.image, self.fragments_at + number // PER_FRAGMENT_BLOCK * 8
            )
            entry = self.run(block, number % PER_FRAGMENT_BLOCK * 16, 16)
            sizes.append(struct.unpack("<QII", entry)[1] & ~STORED)
        return sizes

    def inode(self, reference: int) -> tuple[int, Stored]:
        """(inode number, content) of an inode by its place in the inode table."""
        at, offset = self.inodes_at + (reference >> 16), reference & 0xFFFF
        head = self.run(at, offset, 16)
        number_of_kind, _, _, _, _, number = struct.unpack("<HHHHII", head)
        kind = KINDS.get(number_of_kind)
        if kind is None:
            raise ValueError(f"inode type {number_of_kind}")
        if kind == "folder":
            if number_of_kind == 1:
                start, _, size, place = struct.unpack("<IIHH", self.run(at, offset, 28)[16:])
            else:
                _, size, start, _, _, place = struct.unpack(
                    "<IIIIHH", self.run(at, offset, 36)[16:]
                )
            return number, Stored(kind, listing=(start, place, size - 3))
        if kind == "link":
            return number, Stored(kind, struct.unpack("<II", self.run(at, offset, 24)[16:])[1])
        if kind == "file":
            return number, self.file(at, offset, number_of_kind)
        return number, Stored(kind)

    def file(self, at: int, offset: int, number_of_kind: int) -> Stored:
        """A file's inode: the basic one and the extended one."""
        if number_of_kind == 2:
            length = 32
            start, fragment, inside, size = struct.unpack(
                "<IIII", self.run(at, offset, length)[16:]
            )
        else:
            length = 56
            start, size, _, _, fragment, inside, _ = struct.unpack(
                "<QQQIIII", self.run(at, offset, length)[16:]
            )
        count = size // self.block_size
        if fragment == NO_FRAGMENT and size % self.block_size:
            count += 1
        if 4 * count > len(self.image) * METADATA:
            raise ValueError(f"a file of {size} octets")
        octets = self.run(at, offset, length + 4 * count)[length:]
        blocks = tuple(block & ~STORED for block in struct.unpack(f"<{count}I", octets))
        return Stored("file", size, blocks, start, fragment, inside)

    def listed(self, folder: Stored) -> Iterator[tuple[str, int]]:
        """(name, inode reference) of what is in a folder."""
        start, place, size = folder.listing
        octets = self.run(self.folders_at + start, place, size) if size > 0 else b""
        at = 0
        while at < len(octets):
            count, block, _ = struct.unpack_from("<III", octets, at)
            at += 12
            for _ in range(count + 1):
                inside, _, _, length = struct.unpack_from("<HhHH", octets, at)
                name = octets[at + 8 : at + 9 + length]
                at += 9 + length
                yield name.decode(errors="backslashreplace"), block << 16 | inside


def _walk(image: _Image) -> Iterator[tuple[str, int, Stored]]:
    """(path, inode number, content) of everything but the root, folders before what is in them."""
    waiting = [("", image.root)]
    folders: set[int] = set()
    while waiting:
        path, reference = waiting.pop()
        number, stored = image.inode(reference)
        if path:
            yield path, number, stored
        if stored.kind == "folder":
            if number in folders:
                raise ValueError(f"{path} is in itself")
            folders.add(number)
            inside = sorted(image.listed(stored), reverse=True)
            waiting += [(f"{path}/{name}", below) for name, below in inside]


def _shared(image: _Image) -> Iterator[Item]:
    """Items; what several paths have in common is divided among them."""
    rows = list(_walk(image))
    blocks: dict[tuple[int, tuple[int, ...]], list[str]] = {}
    tails: dict[int, dict[tuple[int, int], list[str]]] = {}
    for path, _, stored in rows:
        if stored.blocks:
            blocks.setdefault((stored.start, stored.blocks), []).append(path)
        if stored.fragment != NO_FRAGMENT:
            tail = (stored.offset, stored.size % image.block_size)
            tails.setdefault(stored.fragment, {}).setdefault(tail, []).append(path)
    shares: dict[str, float] = {}
    for (_, sizes), paths in blocks.items():
        for path in paths:
            shares[path] = sum(sizes) / len(paths)
    fragments = image.fragment_sizes()
    for number, parts in tails.items():
        octets = sum(length for _, length in parts) or 1
        for (_, length), paths in parts.items():
            for path in paths:
                part = fragments[number] * length / octets / len(paths)
                shares[path] = shares.get(path, 0) + part
    seen: set[int] = set()
    for path, number, stored in rows:
        # a second name of the same inode has no size of its own
        size = 0 if stored.kind == "file" and number in seen else stored.size
        seen.add(number)
        yield Item(path, size, round(shares.get(path, 0)), kind=stored.kind)
