"""Debian's packages of one architecture, with a cache: fetched once, unpacked once, then read.

    <cache>/<architecture>/apt       apt's own state
    <cache>/<architecture>/index     which packages there are
    <cache>/<architecture>/debs      what was fetched
    <cache>/<architecture>/unpacked  what is in it

With everything there, nobody asks apt, and the network may be gone.
"""

import fcntl
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from packager.debian.apt import Apt
from packager.debian.contents import Contents, read_contents, unpack
from packager.debian.index import Index, Package, write_index
from packager.debian.lock import Locked
from packager.debian.sources import DebianError, machine_sources, said_again


class Archive:
    """Packages of an architecture as the machine's archives have them, or as a lock has them."""

    def __init__(self, cache: Path, architecture: str, lock: Iterable[Locked] = ()) -> None:
        self.architecture = architecture
        self._folder = cache / architecture
        self._lock = {each.package: each for each in lock if each.architecture == architecture}
        self._open: dict[str, Contents] = {}
        self._known: Index | None = None
        self._refreshed = False

    def refresh(self) -> None:
        """Ask the archives for their present packages; DebianError if they can't be had."""
        with self._alone():
            sources = said_again(machine_sources(), self.architecture)
            apt = Apt(self._folder / "apt", sources, self.architecture)
            apt.update()
            write_index(self._folder / "index", apt.available())
        self._known = None
        self._refreshed = True

    def choice(self, alternatives: tuple[str, ...]) -> str | None:
        """The package that meets a dependency: the first named that there is, else a provider.

        Of alternatives a locked one is preferred, as it was chosen then.
        """
        for name in alternatives:
            if name in self._lock:
                return name
        for name in alternatives:
            if self._package(name) is not None:
                return name
        providers = [each for name in alternatives for each in self._index().providers(name)]
        return providers[0] if providers else None

    def depends(self, name: str) -> list[str]:
        """The packages that a package needs, by its index or, once open, its own word."""
        package = self._open.get(name) or self._package(name)
        groups = package.depends if package is not None else ()
        chosen = [self.choice(group) for group in groups]
        return [each for each in chosen if each is not None]

    def fetch(self, names: Iterable[str]) -> None:
        """Have these packages in the cache, those that are missing fetched together."""
        missing = {}
        for name in names:
            version, _ = self._version(name)
            if (
                not self._unpacked(name, version).is_dir()
                and not self._deb(name, version).is_file()
            ):
                missing[name] = version
        if missing:
            self._download(missing)

    def open(self, name: str) -> Contents:
        """What is in a package, fetched if need be. DebianError if there is no such package."""
        if name not in self._open:
            self.fetch([name])
            version, sha256 = self._version(name)
            folder = self._unpacked(name, version)
            with self._alone():
                if not (folder / "contents.json").is_file():
                    unpack(self._verified(name, version, sha256), folder, sha256)
            self._open[name] = read_contents(folder)
            if self._open[name].sha256 != sha256:
                raise DebianError(
                    f"{folder}: expected SHA-256 {sha256}, got {self._open[name].sha256}: "
                    "remove it, to have it fetched again"
                )
        return self._open[name]

    def used(self) -> list[Locked]:
        """The packages that were opened, for packages.lock."""
        return sorted(
            Locked(self.architecture, each.name, each.version, each.sha256)
            for each in self._open.values()
        )

    def _index(self) -> Index:
        if self._known is None:
            if not (self._folder / "index").is_file():
                self.refresh()
            self._known = Index(self._folder / "index")
        return self._known

    def _package(self, name: str) -> Package | None:
        return self._index().package(name)

    def _version(self, name: str) -> tuple[str, str]:
        if name in self._lock:
            return self._lock[name].version, self._lock[name].sha256
        package = self._package(name)
        if package is None:
            raise DebianError(f"{name}: Debian has no such package for {self.architecture}")
        return package.version, package.sha256

    def _deb(self, name: str, version: str) -> Path:
        written = version.replace(":", "%3a")
        return self._folder / "debs" / f"{name}_{written}_{self.architecture}.deb"

    def _unpacked(self, name: str, version: str) -> Path:
        return self._folder / "unpacked" / f"{name}_{version.replace(':', '%3a')}"

    def _download(self, missing: dict[str, str]) -> None:
        self._index()
        folder = self._folder / "debs" / "new"
        sources = said_again(machine_sources(), self.architecture)
        apt = Apt(self._folder / "apt", sources, self.architecture)
        try:
            with self._alone():
                folder.mkdir(parents=True, exist_ok=True)
                apt.download(missing, folder)
                for path in folder.glob("*.deb"):
                    name, version, _ = path.name.split("_")
                    path.rename(self._deb(name, version))
        except DebianError as error:
            # The archive has moved on since its index was read: once more with a new one.
            if self._refreshed:
                raise self._gone(missing, error) from None
            self.refresh()
            self.fetch(missing)

    def _gone(self, missing: dict[str, str], error: DebianError) -> DebianError:
        locked = [f"{name} {missing[name]}" for name in sorted(missing) if name in self._lock]
        if not locked:
            return error
        return DebianError(
            f"packages.lock: {', '.join(locked)}: not to be had any more ({error}); without "
            "their lines the archive's present versions are taken"
        )

    def _verified(self, name: str, version: str, sha256: str) -> Path:
        deb = self._deb(name, version)
        with deb.open("rb") as read:
            got = hashlib.file_digest(read, "sha256").hexdigest()
        if got != sha256:
            raise DebianError(
                f"{deb}: expected SHA-256 {sha256}, got {got}: remove it, to have it fetched again"
            )
        return deb

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One at a time changes the cache, among processes too."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
