"""What changed in size from one image to another. Pure."""

from dataclasses import dataclass
from typing import Any

from agent.report import plain
from packager.size import groups
from packager.size.contents import Contents, Item, SizeError
from packager.size.table import ROWS, aligned, shown


@dataclass(frozen=True)
class Change:
    """One package, folder or file. Octets, None where it is not; packed ones where known."""

    name: str
    old: int | None
    new: int | None

    @property
    def by(self) -> int:
        """The growth, in octets."""
        return (self.new or 0) - (self.old or 0)


@dataclass(frozen=True)
class Difference:
    """Two images compared; `unit` says what the octets are."""

    old: Contents
    new: Contents
    unit: str
    packages: tuple[Change, ...]
    files: tuple[Change, ...]


def compare(old: Contents, new: Contents) -> Difference:
    """Packages (folders where an image has none) and files that differ, largest change first."""
    if bool(old.programs) != bool(new.programs) and not (old.target or new.target):
        raise SizeError(f"{new.name}: expected two images or two builds, got one of each")
    packed = "unknown" not in (old.method, new.method)
    whole = groups.by_package if old.has_packages and new.has_packages else groups.by_folder
    unit = "packed" if packed else "contents"
    sides = [{g.name: g.packed if packed else g.size for g in whole(each)} for each in (old, new)]
    paths = [{i.path: _weight(i, packed) for i in each.items if i.kind == "file"}
             for each in (old, new)]  # fmt: skip
    return Difference(old, new, unit, changes(*sides), changes(*paths))


def changes(old: dict[str, int], new: dict[str, int]) -> tuple[Change, ...]:
    """What is in one of them only or has another size, the largest change first."""
    found = [Change(name, old.get(name), new.get(name)) for name in {**old, **new}]
    found = [each for each in found if each.old != each.new]
    return tuple(sorted(found, key=lambda each: (-abs(each.by), each.name)))


def report(found: Difference, rows: int = ROWS) -> str:
    """The comparison as text; `rows`: of each table, 0 for all."""
    old, new = found.old, found.new
    grown = new.image - old.image
    lines = [
        f"{old.name} -> {new.name}: {shown(old.image)} -> {shown(new.image)}, {signed(grown)}",
        f"changes of what is {found.unit}, in octets"
        + ("; estimates or parts of shared blocks are among them: a few hundred octets are noise"
           if found.unit == "packed" else ""),
    ]  # fmt: skip
    kind = "package" if old.has_packages and new.has_packages else "folder"
    for title, table in ((kind, found.packages), ("file", found.files)):
        lines += ["", *_table(title, table, rows)]
    return "".join(plain(line) + "\n" for line in lines)


def as_json(found: Difference) -> dict[str, Any]:
    """The comparison for programs."""

    def rows(table: tuple[Change, ...]) -> list[dict[str, Any]]:
        return [{"name": e.name, "old": e.old, "new": e.new, "change": e.by} for e in table]

    return {
        "old": found.old.name,
        "new": found.new.name,
        "octets": {"old": found.old.image, "new": found.new.image},
        "unit": found.unit,
        "packages": rows(found.packages),
        "files": rows(found.files),
    }


def signed(octets: int) -> str:
    """`+3.4 kB`, `-12 B`, `the same`."""
    return "the same" if octets == 0 else ("+" if octets > 0 else "") + shown(octets)


def _weight(item: Item, packed: bool) -> int:
    return item.packed if packed else item.size


def _table(title: str, found: tuple[Change, ...], rows: int) -> list[str]:
    if not found:
        return [f"no {title} differs"]
    kept = found[:rows] if rows else found
    lines = [("change", "old", "new", title)]
    for each in kept:
        old, new = ("-" if side is None else f"{side:,}" for side in (each.old, each.new))
        lines.append((f"{each.by:+,}", old, new, each.name))
    if len(kept) < len(found):
        left = sum(each.by for each in found[len(kept) :])
        lines.append((f"{left:+,}", "", "", f"({len(found) - len(kept)} more)"))
    return aligned(lines, "rrrl")
