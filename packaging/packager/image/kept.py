"""What a build has made already: results by the digest of all that they were made of.

A result stands in the output folder; `.made.json` beside it has the digests. Whoever changes a
result by hand gets it anew.
"""

import json
from collections.abc import Callable
from pathlib import Path

RECORD = ".made.json"


class Kept:
    """The results in one output folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / RECORD
        try:
            found = json.loads(self._path.read_text())
        except (FileNotFoundError, ValueError):
            found = {}
        self._made: dict[str, list[object]] = found if isinstance(found, dict) else {}

    def make(self, name: str, digest: str, write: Callable[[Path], object]) -> bool:
        """Have the file `name`, made by `write` unless it is there from the same. False: it was."""
        path = self._folder / name
        if self._made.get(name) == [digest, *_look(path)]:
            return False
        new = path.with_name(f".{name}.new")
        write(new)
        new.rename(path)
        self._made[name] = [digest, *_look(path)]
        self._path.write_text(json.dumps(self._made, indent=1, sort_keys=True) + "\n")
        return True


def _look(path: Path) -> list[object]:
    """Size and time of last change: what a hand at work would change."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return []
    return [found.st_size, found.st_mtime_ns]
