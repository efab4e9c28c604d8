"""The results of a build in its output folder: what is there from the same is left alone, and what
is new takes its place when all of it is made. One build at a time is at work in a folder.

`.made.json` says of each result what it was made of and what it is, by their digests: a result that
a hand, a machine that ran from it, or a power cut has changed is made anew, whatever its time says.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

RECORD = ".made.json"
FOR_OWNER = 0o077  # a umask


class KeptError(Exception):
    """The folder can't be built in now; the text is one line for the user."""


class Kept:
    """A context: results are put in place when it ends well, and dropped when it does not.
    KeptError while another one is at work in the folder.

    `is_private`: results are for their owner alone, as what they were made of is.
    """

    def __init__(self, folder: Path, is_private: bool = False) -> None:
        self._folder = folder
        self._is_private = is_private
        self._before: dict[str, list[str]] = {}
        self._made: dict[str, list[str]] = {}
        self._new: list[str] = []
        self._lock = -1

    def __enter__(self) -> "Kept":
        self._lock = locked(self._folder)
        self._before = _record(self._folder / RECORD)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._commit()
            for name in {*self._new, *self._before}:  # also of a build that was killed
                for left in (_new(name), _new(_new(name)[1:])):
                    (self._folder / left).unlink(missing_ok=True)
        finally:
            os.close(self._lock)

    def make(self, name: str, digest: str, write: Callable[[Path], object]) -> bool:
        """Have the result `name`, made by `write` unless it is there from the same. False: it was.

        digest: of all that it is made of.
        """
        path = self._folder / name
        is_there = path.is_file() and self._before.get(name) == [digest, digest_of(path)]
        if not is_there:
            with _umask(FOR_OWNER if self._is_private else 0):
                write(self._place(name))
        self._made[name] = [digest, digest_of(self.path(name))]
        return not is_there

    def put(self, name: str, text: str) -> None:
        """A text that stands beside the results, written each time."""
        self._place(name).write_text(text)

    def path(self, name: str) -> Path:
        """Where a result is now: it has its name when all is made."""
        return self._folder / (_new(name) if name in self._new else name)

    def sizes(self) -> dict[str, int]:
        """The octets of all that was made or put, by name."""
        names = sorted({*self._made, *self._new})
        return {name: self.path(name).stat().st_size for name in names}

    def _place(self, name: str) -> Path:
        if name not in self._new:
            self._new.append(name)
        return self.path(name)

    def _commit(self) -> None:
        """All at once, as far as a folder can: a kernel and the modules for it belong together."""
        for name in self._new:
            (self._folder / _new(name)).rename(self._folder / name)
        for name, (_, digest) in self._before.items():  # of another format, say
            path = self._folder / name
            if name not in self._made and path.is_file() and digest_of(path) == digest:
                path.unlink()
        text = json.dumps(self._made, indent=1, sort_keys=True) + "\n"
        (self._folder / RECORD).write_text(text)


def locked(folder: Path) -> int:
    """A descriptor of the folder that holds its lock (flock(2)), which goes with the process.

    Raises KeptError while somebody else has it.
    """
    found = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(found)
        raise KeptError(
            f"{folder}: expected one build at a time, another one is at work there; "
            "wait for it, or choose another folder (-o)"
        ) from None
    return found


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _new(name: str) -> str:
    return f".{name}.new"


def _record(path: Path) -> dict[str, list[str]]:
    """What the last build left; {} when it is missing or was cut off."""
    try:
        found = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    rows = found.items() if isinstance(found, dict) else ()
    return {name: row for name, row in rows if isinstance(row, list) and len(row) == 2}


@contextmanager
def _umask(more: int) -> Iterator[None]:
    """These permissions are taken away, too."""
    before = os.umask(0)
    os.umask(before | more)
    try:
        yield
    finally:
        os.umask(before)
