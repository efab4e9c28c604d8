"""packages.lock: which version of which package an image was made of, to make it again. Pure.

A line each: `architecture package version sha256`. Packages that were only looked into while a
library was sought are in it, too: what was found depends on them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from packager.debian.sources import DebianError

HEAD = "# frostgate packages.lock 1: architecture package version sha256\n"


@dataclass(frozen=True, order=True)
class Locked:
    """A package that an image was made of; sha256 is that of its .deb."""

    architecture: str
    package: str
    version: str
    sha256: str


def write_lock(locked: Iterable[Locked]) -> str:
    """The file's text, sorted."""
    return HEAD + "".join(
        f"{each.architecture} {each.package} {each.version} {each.sha256}\n"
        for each in sorted(set(locked))
    )


def read_lock(text: str, name: str = "packages.lock") -> list[Locked]:
    """What write_lock wrote; DebianError with the file's `name` and the line."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if len(words) != 4 or not re.fullmatch("[0-9a-f]{64}", words[3]):
            raise DebianError(
                f"{name}:{number}: expected 'architecture package version sha256', got {line!r}"
            )
        found.append(Locked(*words))
    return found
