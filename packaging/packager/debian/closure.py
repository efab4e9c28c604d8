"""All that chosen files need, and why: links followed, interpreters, libraries. Pure.

The packages are asked through Packages, so that a test can have a few in memory. What a file needs
is sought in its own package, then in those that its package depends on, in the order of likelihood;
a package is opened only when a file could be in it.
"""

import posixpath
import re
from collections import deque
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from packager.debian.contents import Contents, Item, merged
from packager.debian.elf import Needs
from packager.debian.sources import DebianError

# Programs that scripts may use without a dependency, being in every Debian (Policy 3.8).
ESSENTIAL = {
    "/usr/bin/sh": "dash",
    "/usr/bin/dash": "dash",
    "/usr/bin/bash": "bash",
    "/usr/bin/env": "coreutils",
    "/usr/bin/perl": "perl-base",
    "/usr/bin/sed": "sed",
}


class Packages(Protocol):
    """What the closure asks of an archive."""

    def open(self, name: str) -> Contents: ...
    def depends(self, name: str) -> list[str]: ...
    def needs(self, contents: Contents, item: Item) -> Needs: ...


@dataclass
class Found:
    """A file of the closure: whose it is, and the steps that led to it."""

    package: str
    item: Item
    names: tuple[str, ...]  # the packages on the way, from the one that was asked for
    chain: tuple[str, ...]  # a sentence for each step
    needed_by: list[str] = field(default_factory=list)  # packages asked for that lead here


def closure(
    packages: Packages,
    chosen: list[tuple[str, Item, str]],
    multiarch: str,
    provided: Container[str] = (),
) -> dict[str, Found]:
    """Files by path. `chosen`: package, path and reason of what is asked for; `provided`: paths
    that somebody else puts into the image, such as a shell. DebianError for what nobody has."""
    found: dict[str, Found] = {}
    edges: dict[str, list[str]] = {}
    waiting: deque[Found] = deque()
    for package, item, reason in chosen:
        if item.path not in found:
            found[item.path] = Found(package, item, (package,), (reason,))
            waiting.append(found[item.path])
    asked = list(waiting)
    while waiting:
        here = waiting.popleft()
        edges[here.item.path] = []
        for step, package, item in _needed(packages, here, multiarch, provided):
            edges[here.item.path].append(item.path)
            if item.path not in found:
                names = here.names if package == here.package else (*here.names, package)
                found[item.path] = Found(package, item, names, (*here.chain, step))
                waiting.append(found[item.path])
    _tell_who_needs(found, edges, asked)
    return found


def _needed(
    packages: Packages, here: Found, multiarch: str, provided: Container[str]
) -> Iterator[tuple[str, str, Item]]:
    contents = packages.open(here.package)
    item = here.item
    if item.kind == "link":
        path = link_target(item)
        if path not in provided:
            package, target = _seek(packages, here, [path], f"the link {item.path}", path)
            yield f"{item.path} is a link to {path}", package, target
        return
    if item.kind != "file":
        return
    needs = packages.needs(contents, item)
    if needs.interpreter:
        path = merged(needs.interpreter)
        if path not in provided:
            package, target = _seek(packages, here, [path], item.path, needs.interpreter)
            yield f"{item.path} is run by {path}", package, target
    folders = [*_origin(needs.folders, item.path), *default_folders(multiarch)]
    for library in needs.libraries:
        places = [library] if "/" in library else [f"{folder}/{library}" for folder in folders]
        places = [merged(posixpath.normpath(place)) for place in places]
        if any(place in provided for place in places):
            continue
        package, target = _seek(packages, here, places, item.path, library, needs.machine)
        yield f"{item.path} uses {library} of {package}", package, target


def link_target(item: Item) -> str:
    """The path that a link leads to."""
    return merged(posixpath.normpath(posixpath.join(posixpath.dirname(item.path), item.target)))


def default_folders(multiarch: str) -> list[str]:
    """Where Debian's dynamic linker looks without a cache, merged as all paths here are."""
    return [f"/usr/lib/{multiarch}", "/usr/lib", "/usr/lib64"]


def _origin(folders: tuple[str, ...], path: str) -> list[str]:
    own = posixpath.dirname(path)
    return [re.sub(r"\$(ORIGIN|\{ORIGIN\})", own, folder) for folder in folders]


def _seek(packages: Packages, here: Found, paths: list[str], who: str, what: str,
          machine: str = "") -> tuple[str, Item]:  # fmt: skip
    """The first package that has one of these paths, for the same kind of processor."""
    for name in _candidates(packages, here, paths):
        contents = packages.open(name)
        for path in paths:
            item = contents.items.get(path)
            if item is None:
                continue
            if machine and item.kind == "file":
                if packages.needs(contents, item).machine not in ("", machine):
                    continue
            return name, item
    raise DebianError(
        f"{who} of {here.package} needs {what}: expected it in one of the packages that "
        f"{here.package} depends on; name the package that has it among those that are wanted"
    )


def _candidates(packages: Packages, here: Found, paths: list[str]) -> Iterator[str]:
    """Packages that may have one of the paths, the likeliest first, each once."""
    yield here.package
    seen = {here.package}
    essential = [ESSENTIAL[path] for path in paths if path in ESSENTIAL]
    likely = re.sub(r"[^a-z0-9]", "", posixpath.basename(paths[0]).replace(".so.", "").lower())
    # Not every library's package says what it needs (libext2fs2), when all its users do
    for first in ([here.package], list(here.names)):
        level = first
        while level:
            below = [each for above in level for each in packages.depends(above)]
            level = list(dict.fromkeys(name for name in below if name not in seen))
            seen.update(level)
            yield from sorted(level, key=lambda name: _unlikeness(name, likely))
            yield from (name for name in essential if name not in seen)
            seen.update(essential)


def _unlikeness(package: str, likely: str) -> tuple[bool, bool, bool]:
    """libfoo.so.2 is in libfoo2, says Policy 8.1, and if not there then in some lib."""
    plain = re.sub(r"[^a-z0-9]", "", package.lower())
    return (plain != likely, not likely.startswith(plain[:6]), not package.startswith("lib"))


def _tell_who_needs(
    found: dict[str, Found], edges: dict[str, list[str]], asked: list[Found]
) -> None:
    for start in asked:
        name = start.names[0]
        waiting = [start.item.path]
        while waiting:
            here = found[waiting.pop()]
            if name not in here.needed_by:
                here.needed_by.append(name)
                waiting += edges[here.item.path]
