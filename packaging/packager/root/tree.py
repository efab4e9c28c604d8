"""A root filesystem as a value: every path with what it holds, whose it is and why it is there.

Everybody who puts something into an image makes a Tree; the packager merges them and a format
writes the result. Pure: of the machine's files only sizes and contents named by Path are read.
Paths are absolute, in the merged /usr form ('/usr/bin/x', never '/bin/x' beside a link /bin).
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["file", "folder", "link", "character", "block", "fifo"]
KINDS: tuple[Kind, ...] = ("file", "folder", "link", "character", "block", "fifo")


class TreeError(Exception):
    """Two parts of an image are at odds, or a path can't be in one; one line for the user."""


@dataclass(frozen=True)
class Origin:
    """Whose a path is and why it is there.

    `package` is a package of Debian, or 'frostgate', 'site', 'kernel', 'rootfs'. `reason` is a
    sentence for people ('dnsmasq-base needs libgmp10 through libhogweed6'), `chain` the same step
    by step, from what was asked for to what is here. `needed_by` are all packages asked for that
    need it: with the last of them it would go.
    """

    package: str
    reason: str
    chain: tuple[str, ...] = ()
    needed_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """One path. Make them with the functions below, which know what each kind needs."""

    path: str
    kind: Kind
    mode: int  # permission bits alone, set-id and sticky included
    origin: Origin
    uid: int = 0
    gid: int = 0
    content: bytes | Path | None = None  # a file's: octets, or a file of the host that holds them
    target: str = ""  # a link's, as it stands in the link
    device: tuple[int, int] = (0, 0)  # major, minor of a character or block device

    def __post_init__(self) -> None:
        parts = self.path.split("/")
        if (
            parts[0]
            or len(parts) < 2
            or "" in parts[1:]
            or "." in parts
            or ".." in parts
            or "\0" in self.path
        ):
            raise TreeError(f"{self.path!r}: expected an absolute path without '.', '..' or '//'")
        if self.kind not in KINDS:
            raise TreeError(f"{self.path}: expected a kind of {' '.join(KINDS)}, got {self.kind!r}")
        if not 0 <= self.mode <= 0o7777:
            raise TreeError(f"{self.path}: expected permission bits, got {self.mode:#o}")
        if (self.content is not None) != (self.kind == "file"):
            raise TreeError(f"{self.path}: expected a content with a file, and only there")
        if bool(self.target) != (self.kind == "link"):
            raise TreeError(f"{self.path}: expected a target with a link, and only there")

    @property
    def size(self) -> int:
        """Octets of a file's content or a link's target; of the rest 0."""
        if isinstance(self.content, Path):
            return self.content.stat().st_size
        return len(self.content) if self.content is not None else len(self.target.encode())

    def octets(self) -> bytes:
        """A file's content; OSError if the host's file can't be read."""
        if isinstance(self.content, Path):
            return self.content.read_bytes()
        return self.content or b""

    def digest(self) -> str:
        """SHA-256 of the content, in hexadecimal digits."""
        return hashlib.sha256(self.octets()).hexdigest()


def file(path: str, content: bytes | Path, origin: Origin, mode: int = 0o644,
         uid: int = 0, gid: int = 0) -> Entry:  # fmt: skip
    """A regular file, of root unless told otherwise."""
    return Entry(path, "file", mode, origin, uid, gid, content=content)


def folder(path: str, origin: Origin, mode: int = 0o755, uid: int = 0, gid: int = 0) -> Entry:
    """A folder; those above a path need not be named."""
    return Entry(path, "folder", mode, origin, uid, gid)


def link(path: str, target: str, origin: Origin) -> Entry:
    """A symbolic link."""
    return Entry(path, "link", 0o777, origin, target=target)


class Tree:
    """Entries by path. A folder above an entry is there by itself, as root's, 0755."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._entries: dict[str, Entry] = {}
        self._implicit: set[str] = set()
        for entry in entries:
            self.add(entry)

    def add(self, entry: Entry) -> None:
        """Put an entry in. The same once more is no news; TreeError if two are at odds."""
        there = self._entries.get(entry.path)
        if there is None:
            self._add_above(entry)
        elif entry.path in self._implicit and entry.kind == "folder":
            pass
        elif not same(there, entry):
            raise TreeError(clash(there, entry))
        else:
            return
        self._entries[entry.path] = entry
        self._implicit.discard(entry.path)

    def _add_above(self, entry: Entry) -> None:
        above = entry.path.rpartition("/")[0]
        while above:
            there = self._entries.get(above)
            if there is not None and there.kind != "folder":
                raise TreeError(
                    f"{entry.path} ({told(entry)}): expected a folder above it, got {above} as "
                    f"{told(there)}" + _way_through(there, entry)
                )
            if there is None:
                self._entries[above] = folder(above, entry.origin)
                self._implicit.add(above)
            above = above.rpartition("/")[0]

    def merge(self, other: "Tree") -> None:
        """Put all of another tree in; TreeError as with add."""
        for entry in other:
            if entry.path in other._implicit:
                if entry.path not in self._entries:
                    self.add(entry)
                    self._implicit.add(entry.path)
            else:
                self.add(entry)

    def remove(self, path: str) -> None:
        """Take a path out, with all below it; nothing happens if it is not there."""
        for each in [each for each in self._entries if (each + "/").startswith(path + "/")]:
            del self._entries[each]
            self._implicit.discard(each)

    def put(self, folder: Entry) -> None:
        """Give a folder that is there another mode, owner and origin."""
        self._entries[folder.path] = folder
        self._implicit.discard(folder.path)

    def is_implicit(self, path: str) -> bool:
        """Whether a folder is there only for what is below it."""
        return path in self._implicit

    def get(self, path: str) -> Entry | None:
        """What is at this very path."""
        return self._entries.get(path)

    def follow(self, path: str) -> str:
        """The path with all links on the way and at the end followed; TreeError in a ring.

        What is not in the tree stays as it is: the result need not exist.
        """
        waiting = [part for part in reversed(path.split("/")) if part]
        found: list[str] = []
        for _ in range(41):  # the kernel follows 40 links (path_resolution(7))
            while waiting:
                part = waiting.pop()
                if part == "..":
                    found = found[:-1]
                elif part != ".":
                    found.append(part)
                    there = self._entries.get("/" + "/".join(found))
                    if there is not None and there.kind == "link":
                        found = [] if there.target.startswith("/") else found[:-1]
                        waiting += [part for part in reversed(there.target.split("/")) if part]
                        break
            else:
                return "/" + "/".join(found)
        raise TreeError(f"{path}: its links lead round in a ring")

    def __contains__(self, path: str) -> bool:
        return path in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        """In the order of their paths, part by part: a folder, then all below it."""
        for path in sorted(self._entries, key=lambda path: path.split("/")):
            yield self._entries[path]

    def sizes(self) -> dict[str, int]:
        """Octets of content by package, the biggest first."""
        found: dict[str, int] = {}
        for entry in self:
            found[entry.origin.package] = found.get(entry.origin.package, 0) + entry.size
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def same(one: Entry, other: Entry) -> bool:
    """Whether both put the same thing there, whosever it is."""
    marks = [(e.kind, e.mode, e.uid, e.gid, e.target, e.device) for e in (one, other)]
    if marks[0] != marks[1]:
        return False
    return one.content == other.content or one.octets() == other.octets()


def told(entry: Entry) -> str:
    """What an entry is and whose, for messages."""
    owner = f" of {entry.uid}:{entry.gid}" if (entry.uid, entry.gid) != (0, 0) else ""
    what = f"a link to {entry.target}" if entry.kind == "link" else f"a {entry.kind}"
    return f"{what}, {entry.mode:04o}{owner}, from {entry.origin.package}: {entry.origin.reason}"


def clash(there: Entry, entry: Entry) -> str:
    """One line about two entries that claim one path."""
    contents = ", with other content" if told(there) == told(entry) else ""
    return f"{entry.path}: two claim it: {told(there)}; and {told(entry)}{contents}"


def _way_through(there: Entry, entry: Entry) -> str:
    if there.kind != "link":
        return ""
    rest = entry.path.removeprefix(there.path)
    above = there.path.rpartition("/")[0]
    target = there.target if there.target.startswith("/") else f"{above}/{there.target}"
    return f"; say {target}{rest}"


def manifest(tree: Tree, target: str) -> dict[str, object]:
    """What is in an image and why, for the JSON file beside it; the size report reads this."""
    rows = [
        {
            "path": entry.path,
            "kind": entry.kind,
            "size": entry.size,
            "package": entry.origin.package,
            "reason": entry.origin.reason,
            "chain": list(entry.origin.chain),
            "needed_by": list(entry.origin.needed_by),
        }
        for entry in tree
    ]
    return {"frostgate-image": 1, "target": target, "entries": rows}
