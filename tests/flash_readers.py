"""Reads jffs2 and ubifs images back, by the structures in Linux' headers, not by mtd-utils.

Each gives {path: (kind, mode, uid, gid, device, content)} with a link's target as its content.
Checksums of what is read are held against the octets.
"""

import stat
import struct
import zlib
from collections.abc import Iterator

KINDS = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "folder",
    stat.S_IFLNK: "link",
    stat.S_IFCHR: "character",
    stat.S_IFBLK: "block",
    stat.S_IFIFO: "fifo",
}
Row = tuple[str, int, int, int, tuple[int, int], bytes]


def rows(
    inodes: dict[int, tuple[int, int, int]],
    data: dict[int, bytes],
    names: dict[int, tuple[int, str]],
    root: int = 1,
) -> dict[str, Row]:
    """Paths from inodes (mode, uid, gid), their data and names (parent, name)."""
    found = {}
    for inode in names:
        path, at = "", inode
        while at != root:
            at, name = names[at]
            path = f"/{name}{path}"
        mode, uid, gid = inodes[inode]
        kind = KINDS[stat.S_IFMT(mode)]
        held = data.get(inode, b"")
        device = (0, 0)
        if kind in ("character", "block"):
            number = int.from_bytes(held, "little")
            device, held = ((number >> 8) & 0xFFF, number & 0xFF), b""
        found[path] = (kind, stat.S_IMODE(mode), uid, gid, device, held)
    return found


# jffs2: include/uapi/linux/jffs2.h
MAGIC, DIRENT, INODE, CLEAN, PADDING = 0x1985, 0xE001, 0xE002, 0x2003, 0x2004


def jffs2_sum(octets: bytes) -> int:
    """crc32(0, ...), with neither complement."""
    return zlib.crc32(octets, 0xFFFFFFFF) ^ 0xFFFFFFFF


def read_jffs2(image: bytes, order: str) -> dict[str, Row]:
    """A jffs2 of this byte order, '<' or '>'."""
    inodes: dict[int, tuple[int, int, int]] = {}
    data: dict[int, bytes] = {}
    names: dict[int, tuple[int, str]] = {}
    at = 0
    while at + 12 <= len(image):
        magic, kind, length, crc = struct.unpack_from(order + "HHII", image, at)
        if magic != MAGIC:
            assert image[at : at + 4] == b"\xff" * 4, f"no node at {at:#x}"
            at += 4
            continue
        assert crc == jffs2_sum(image[at : at + 8])
        if kind == DIRENT:
            parent, _, inode = struct.unpack_from(order + "III", image, at + 12)
            name = image[at + 40 : at + 40 + image[at + 28]]
            assert struct.unpack_from(order + "I", image, at + 36)[0] == jffs2_sum(name)
            names[inode] = (parent, name.decode())
        elif kind == INODE:
            inode, _, mode, uid, gid, size = struct.unpack_from(order + "IIIHHI", image, at + 12)
            offset, packed, plain = struct.unpack_from(order + "III", image, at + 44)
            content = image[at + 68 : at + 68 + packed]
            assert struct.unpack_from(order + "I", image, at + 60)[0] == jffs2_sum(content)
            assert image[at + 56] in (0, 1, 6)
            if image[at + 56]:  # 1: zeros
                content = zlib.decompress(content) if image[at + 56] == 6 else bytes(plain)
            inodes[inode] = (mode, uid, gid)
            if stat.S_IFMT(mode) in (stat.S_IFCHR, stat.S_IFBLK) and order == ">":
                content = content[::-1]
            held = bytearray(data.get(inode, b"").ljust(max(size, plain), b"\0"))
            held[offset : offset + plain] = content
            data[inode] = bytes(held)
        else:
            assert kind in (CLEAN, PADDING)
        at += -(-length // 4) * 4
    return rows(inodes, data, names)


# UBI: drivers/mtd/ubi/ubi-media.h; ubifs: fs/ubifs/ubifs-media.h
UBIFS_MAGIC = 0x06101831


def read_ubi(image: bytes, erase_block: int) -> bytes:
    """The first volume of a ubi image, its blocks in order."""
    blocks = {}
    for start in range(0, len(image), erase_block):
        assert image[start : start + 4] == b"UBI#"
        vid, offset = struct.unpack_from(">II", image, start + 16)
        assert image[start + vid : start + vid + 4] == b"UBI!"
        volume, number = struct.unpack_from(">II", image, start + vid + 8)
        if volume == 0:
            blocks[number] = image[start + offset : start + erase_block]
    return b"".join(blocks[number] for number in sorted(blocks))


def ubifs_nodes(image: bytes, leb: int) -> Iterator[tuple[int, bytes]]:
    """(type, octets) of every node."""
    for start in range(0, len(image), leb):
        at = start
        while at + 24 <= min(start + leb, len(image)):
            magic, crc, _, length, kind = struct.unpack_from("<IIQIB", image, at)
            if magic != UBIFS_MAGIC:
                break
            node = image[at : at + length]
            assert crc == zlib.crc32(node[8:]) ^ 0xFFFFFFFF
            yield kind, node
            padding = struct.unpack_from("<I", node, 24)[0] if kind == 5 else 0
            at += -(-(length + padding) // 8) * 8


def read_ubifs(image: bytes, leb: int) -> dict[str, Row]:
    """A ubifs with these logical erase blocks, compressed with zlib or not."""
    inodes: dict[int, tuple[int, int, int]] = {}
    sizes: dict[int, int] = {}
    data: dict[int, bytes] = {}
    names: dict[int, tuple[int, str]] = {}
    blocks: dict[int, dict[int, bytes]] = {}
    for kind, node in ubifs_nodes(image, leb):
        key, low = struct.unpack_from("<II", node, 24) if kind in (0, 1, 2) else (0, 0)
        if kind == 0 and len(node) >= 160:  # not the empty signature, which has no type either
            uid, gid, mode = struct.unpack_from("<III", node, 96)
            inodes[key] = (mode, uid, gid)
            sizes[key] = struct.unpack_from("<Q", node, 48)[0]
            data[key] = node[160 : 160 + struct.unpack_from("<I", node, 112)[0]]
        elif kind == 1:
            plain, compressor = struct.unpack_from("<IH", node, 40)
            content = zlib.decompress(node[48:], -15) if compressor == 2 else node[48:]
            assert compressor in (0, 2) and len(content) == plain
            blocks.setdefault(key, {})[low & 0x1FFFFFFF] = content
        elif kind == 2:
            inode = struct.unpack_from("<Q", node, 40)[0]
            length = struct.unpack_from("<H", node, 50)[0]
            names[inode] = (key, node[56 : 56 + length].decode())
    for inode, parts in blocks.items():
        held = bytearray(sizes[inode])
        for number, content in parts.items():
            held[number * 4096 : number * 4096 + len(content)] = content
        data[inode] = bytes(held)
    for inode, (mode, _, _) in inodes.items():
        if stat.S_ISREG(mode):
            data[inode] = data[inode].ljust(sizes[inode], b"\0")
    return rows(inodes, data, names)
