"""An initramfs: a cpio archive, the same octets for the same files (Linux,
Documentation/driver-api/early-userspace/buffer-format.rst)."""

from pathlib import Path

FOLDER, FILE, LINK = 0o040755, 0o100755, 0o120777


class Archive:
    """Paths with what they hold; octets() is the archive."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[int, bytes]] = {}

    def add(self, path: str, content: bytes | Path) -> None:
        """A file, with the folders above it."""
        octets = content.read_bytes() if isinstance(content, Path) else content
        self._put(path, FILE, octets)

    def link(self, path: str, target: str) -> None:
        """A symbolic link."""
        self._put(path, LINK, target.encode())

    def folder(self, path: str) -> None:
        """A folder that may stay empty."""
        self._put(path, FOLDER, b"")

    def _put(self, path: str, mode: int, octets: bytes) -> None:
        above = path.strip("/").rpartition("/")[0]
        if above and above not in self._held:
            self._put(above, FOLDER, b"")
        self._held[path.strip("/")] = (mode, octets)

    def octets(self) -> bytes:
        """The archive; a folder's name sorts before the names below it."""
        items = [(path, *self._held[path]) for path in sorted(self._held)]
        rows = [_row(number, *item) for number, item in enumerate([*items, ("TRAILER!!!", 0, b"")])]
        return b"".join(rows)


def _row(number: int, path: str, mode: int, octets: bytes) -> bytes:
    name = path.encode() + b"\0"
    links = 2 if mode == FOLDER else 1
    numbers = (number, mode, 0, 0, links, 0, len(octets), 0, 0, 0, 0, len(name), 0)
    head = b"070701" + b"".join(b"%08X" % value for value in numbers) + name
    return _padded(head) + _padded(octets)


def _padded(octets: bytes) -> bytes:
    return octets + b"\0" * (-len(octets) % 4)
