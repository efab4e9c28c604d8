"""What is taken from Debian's packages: the files that are asked for by name, and what these need.

    selection = select(archive, [Wanted("s6", ("/usr/bin/s6-svscan",), "process 1")], target.debian)
    selection.tree, selection.lock

Nothing else comes along: no maintainer script runs, no documentation, no other language.
"""

import difflib
import posixpath
from collections.abc import Container, Iterable
from dataclasses import dataclass

from packager.debian.archive import Archive
from packager.debian.closure import Found, closure
from packager.debian.contents import LEFT_OUT, Contents, Item, merged
from packager.debian.elf import Needs, read_needs
from packager.debian.lock import Locked
from packager.debian.sources import DebianError
from packager.root.tree import Entry, Origin, Tree, link
from packager.targets import Debian

# What update-alternatives would link; but maintainer scripts do not run.
ALTERNATIVES = {
    f"/usr/lib/firmware/{name}": f"{name}-debian" for name in ("regulatory.db", "regulatory.db.p7s")
}
MERGED = Origin("frostgate", "Debian 12 has its programs and libraries below /usr")


@dataclass(frozen=True)
class Wanted:
    """Files of a package by the shell's patterns (`*` within a name, `**` over folders), and a
    sentence that says what they are there for."""

    package: str
    patterns: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Selection:
    """What was taken, and of which packages."""

    tree: Tree
    lock: list[Locked]


class Opened:
    """An archive as the closure sees it; remembers what files need."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._needs: dict[tuple[str, str], Needs] = {}

    def open(self, name: str) -> Contents:
        return self._archive.open(name)

    def depends(self, name: str) -> list[str]:
        return self._archive.depends(name)

    def needs(self, contents: Contents, item: Item) -> Needs:
        key = (contents.name, item.path)
        if key not in self._needs:
            self._needs[key] = read_needs(contents.content(item))
        return self._needs[key]


def select(
    archive: Archive, wanted: Iterable[Wanted], debian: Debian, provided: Container[str] = ()
) -> Selection:
    """Take what is wanted and what it needs. `provided`: paths that others put into the image.

    All that is wanted in vain is told at once, by a DebianError with a line each.
    """
    wanted = list(wanted)
    archive.fetch(_likely(archive, [each.package for each in wanted]))
    chosen: list[tuple[str, Item, str]] = []
    wrong: list[str] = []
    for each in wanted:
        contents = archive.open(each.package)
        for pattern in each.patterns:
            items = contents.matching(pattern)
            chosen += [(each.package, item, each.reason) for item in items]
            if not items:
                wrong.append(_in_vain(contents, pattern))
    if wrong:
        raise DebianError("\n".join(wrong))
    found = closure(Opened(archive), chosen, debian.multiarch, provided)
    tree = Tree([entry(archive.open(each.package), each) for each in found.values()])
    for path, target in ALTERNATIVES.items():
        taken = tree.get(f"{posixpath.dirname(path)}/{target}")
        if taken is not None:
            tree.add(link(path, target, taken.origin))
    for name in _merged_folders(tree):
        tree.add(link(f"/{name}", f"usr/{name}", MERGED))
    return Selection(tree, archive.used())


def _likely(archive: Archive, names: list[str]) -> list[str]:
    """These packages and the libraries below them: fetched in one go, most are needed."""
    found = dict.fromkeys(names)
    waiting = list(found)
    while waiting:
        for name in archive.depends(waiting.pop()):
            if name.startswith("lib") and name not in found:
                found[name] = None
                waiting.append(name)
    return list(found)


def _in_vain(contents: Contents, pattern: str) -> str:
    expected = f"{contents.name} {contents.version}: expected a file {pattern}"
    if LEFT_OUT.match(merged(pattern)):
        return f"{expected}; documentation and other languages are never in an image"
    kept = [path for path in contents.items if not LEFT_OUT.match(path)]
    names = {path: posixpath.basename(path) for path in kept}
    near = difflib.get_close_matches(posixpath.basename(pattern), names.values(), 3)
    paths = [path for path, name in names.items() if name in near][:3]
    hint = f"; it has {', '.join(paths)}" if paths else ""
    return expected + hint


def _merged_folders(tree: Tree) -> list[str]:
    """The links of the merged /usr: the three that all expect, and those of this processor."""
    below = {each.path.split("/")[2] for each in tree if each.path.startswith("/usr/lib")}
    return ["bin", "lib", "sbin", *sorted(each for each in below if each != "lib")]


def entry(contents: Contents, found: Found) -> Entry:
    """A path of a package as one of an image, with the reasons that led to it."""
    item = found.item
    reason = found.chain[-1] if len(found.names) == 1 else needs_sentence(found.names)
    return Entry(
        item.path,
        item.kind,
        item.mode,
        Origin(found.package, reason, found.chain, tuple(found.needed_by)),
        item.uid,
        item.gid,
        contents.content(item) if item.kind == "file" else None,
        item.target,
        item.device,
    )


def needs_sentence(names: tuple[str, ...]) -> str:
    """'a needs d through b and c'."""
    between = " and ".join(names[1:-1])
    return f"{names[0]} needs {names[-1]}" + (f" through {between}" if between else "")


def provided_paths(tree: Tree) -> set[str]:
    """What a tree already has, as select() takes it."""
    return {merged(each.path) for each in tree}
