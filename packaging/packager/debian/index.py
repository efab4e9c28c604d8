"""Which packages an archive has, from what apt tells of them; looked up without reading them all.

A package's dependencies are kept as Debian writes them: groups, of which every one is needed, of
alternatives, of which the first that there is will do.
"""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

Groups = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Package:
    """One version of a package as an index or its own control file describes it."""

    name: str
    version: str
    sha256: str  # of the .deb; empty if its control file is all that is known
    depends: Groups


def parse_depends(text: str) -> Groups:
    """`a (>= 1), b:any | c` as groups of alternative names; versions are left to the archive."""
    groups = []
    for group in text.split(","):
        names = [re.split(r"[\s(:\[<]", name.strip())[0] for name in group.split("|")]
        if names[0]:
            groups.append(tuple(names))
    return tuple(groups)


FIELDS = ("Package", "Version", "SHA256", "Pre-Depends", "Depends", "Provides")
_FIELD = re.compile(rf"^({'|'.join(FIELDS)}): (.*)$", re.MULTILINE)


def parse_fields(text: str) -> Iterator[dict[str, str]]:
    """The fields of FIELDS in each paragraph of dpkg's and apt's files."""
    for paragraph in text.split("\n\n"):
        fields = dict(_FIELD.findall(paragraph))
        if "Package" in fields:
            yield fields


def package(fields: dict[str, str]) -> Package:
    """A package of its fields."""
    needs = [fields.get(name, "") for name in ("Pre-Depends", "Depends")]
    return Package(
        fields["Package"],
        fields["Version"],
        fields.get("SHA256", ""),
        parse_depends(",".join(needs)),
    )


class Index:
    """An archive's packages by name, in a file."""

    def __init__(self, path: Path) -> None:
        self._table = sqlite3.connect(f"file:{path}?mode=ro", uri=True)

    def package(self, name: str) -> Package | None:
        """The package of this name."""
        sought = "SELECT * FROM package WHERE name = ?"
        for row in self._table.execute(sought, (name,)):
            return package(dict(zip(FIELDS, row)))
        return None

    def providers(self, name: str) -> list[str]:
        """Packages that provide a virtual one, sorted."""
        sought = "SELECT package FROM provided WHERE name = ? ORDER BY package"
        return [package for (package,) in self._table.execute(sought, (name,))]


def write_index(path: Path, text: str) -> None:
    """Write the file of an Index from what `apt-cache dumpavail` gave; replaces it in one step."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    table = sqlite3.connect(new)
    table.execute(
        "CREATE TABLE package (name PRIMARY KEY, version, sha256, pre, depends, provides)"
    )
    table.execute("CREATE TABLE provided (name, package)")
    for fields in parse_fields(text):
        row = [fields.get(name, "") for name in FIELDS]
        table.execute("INSERT OR IGNORE INTO package VALUES (?, ?, ?, ?, ?, ?)", row)
        for names in parse_depends(fields.get("Provides", "")):
            table.execute("INSERT INTO provided VALUES (?, ?)", (names[0], fields["Package"]))
    table.execute("CREATE INDEX provided_name ON provided (name)")
    table.commit()
    table.close()
    new.rename(path)
