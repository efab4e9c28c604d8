"""The size report as text and as JSON. Pure."""

from collections.abc import Sequence
from typing import Any

from agent.report import plain
from packager.size import groups
from packager.size.contents import Contents
from packager.size.groups import Group

ROWS = 15
PROGRAMS = (
    "the frozen binary, octets in it; own: what would go without the program, packed: about what "
    "that takes compressed"
)
UNITS = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"))
VIEWS = {"package": groups.by_package, "folder": groups.by_folder, "reason": groups.by_reason,
         "file": groups.by_file}  # fmt: skip


def shown(octets: int) -> str:
    """`812 B`, `3.4 kB`, `286 kB`, `13.1 MB`: three digits, a kB is 1000 octets."""
    size = abs(octets)
    for unit, name in UNITS:
        # 999,950 octets would round to 1000 kB
        if size >= unit * 0.9995:
            digits = 0 if size / unit >= 99.95 else 1
            return f"{octets / unit:.{digits}f} {name}"
    return f"{octets} B"


def method(contents: Contents) -> str:
    """How the shares were found, and how far off they are: a sentence."""
    if contents.method == "measured":
        return (
            "packed: read from the image; whole blocks are exact, of a block that files share each "
            f"has its part. {shown(contents.rest)} besides are squashfs's tables and padding"
            f" ({percent(contents.rest, contents.image)})."
        )
    if contents.method == "estimated":
        how = (
            "packed: an estimate, each package's files compressed by themselves as squashfs does "
            "it (xz, blocks of 256 KiB)"
        )
        if contents.scaled:
            off = contents.unscaled - contents.image
            word = "over" if off >= 0 else "under"
            return (
                f"{how}; that came to {shown(contents.unscaled)}, "
                f"{percent(abs(off), contents.image)} {word} the image, and is scaled to it."
            )
        return f"{how}: {shown(contents.packed)}; the image itself is not compressed as a whole."
    return "packed: not known; shares are of the contents."


def percent(part: int, whole: int) -> str:
    """`12 %`, `0.3 %`."""
    share = 100 * part / whole if whole else 0
    return f"{share:.0f} %" if share >= 9.95 else f"{share:.1f} %"


def report(contents: Contents, views: Sequence[str], rows: int = ROWS) -> str:
    """All that a person sees; `rows`: of each table, 0 for all. Ends with a newline."""
    target = f" for {contents.target}" if contents.target else ""
    files = sum(item.kind == "file" for item in contents.items)
    besides = "".join(f" and {name} {shown(octets)}" for name, octets in contents.besides)
    lines = [
        f"{contents.name}: {shown(contents.image)}{besides}{target}, "
        f"{contents.size:,} octets in {files:,} files",
        method(contents),
    ]
    for view in views:
        lines += ["", *table(contents, view, VIEWS[view](contents), rows)]
    if contents.programs:
        lines += ["", *programs(contents, rows)]
    return "".join(plain(line) + "\n" for line in lines)


def table(contents: Contents, title: str, found: Sequence[Group], rows: int) -> list[str]:
    """One table; what does not fit into `rows` is told in its last line."""
    total = contents.size if contents.method == "unknown" else contents.packed
    kept = found[:rows] if rows else found
    why = "why" if any(group.why for group in kept) else ""
    lines: list[tuple[str, ...]] = [("packed", "share", "octets", "files", title, why)]
    for group in [*kept, *_rest(found[len(kept) :])]:
        lines.append(_row(contents, group, total))
        parts = group.parts[:rows] if rows else group.parts
        parts += _rest(group.parts[len(parts) :])
        lines += [_row(contents, part, total, "  ") for part in parts]
    return aligned(lines, "rrrrll")


def _rest(left: Sequence[Group]) -> tuple[Group, ...]:
    """One row for what a table leaves out; none for nothing."""
    if not left:
        return ()
    packed, size = sum(each.packed for each in left), sum(each.size for each in left)
    return (Group(f"({len(left)} more)", packed, size, sum(each.files for each in left)),)


def programs(contents: Contents, rows: int) -> list[str]:
    """What each program of the frozen binary costs, the dearest first."""
    lines = [("packed", "own", "with shared", "program", "modules that no other program needs")]
    kept = contents.programs[:rows] if rows else contents.programs
    for each in kept:
        names = ", ".join(each.modules[:4]) + (", ..." if len(each.modules) > 4 else "")
        packed = shown(contents.packed_part(each.own))
        modules = f"{len(each.modules)}: {names}" if names else "none"
        lines.append((packed, f"{each.own:,}", f"{each.whole:,}", each.name, modules))
    left = contents.programs[len(kept) :]
    if left:
        own = sum(each.own for each in left)
        packed = shown(contents.packed_part(own))
        # What they share with others can't be summed up.
        lines.append((packed, f"{own:,}", "", f"({len(left)} more)", ""))
    return [PROGRAMS, *aligned(lines, "rrrll")]


def _row(contents: Contents, group: Group, total: int, indent: str = "") -> tuple[str, ...]:
    weight = group.size if contents.method == "unknown" else group.packed
    packed = "-" if contents.method == "unknown" else shown(group.packed)
    return (packed, percent(weight, total), f"{group.size:,}", f"{group.files:,}",
            indent + group.name, group.why)  # fmt: skip


def aligned(lines: Sequence[Sequence[str]], sides: str) -> list[str]:
    """Columns, two spaces between them; sides: `l` or `r` for each."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(sides))]
    made = []
    for line in lines:
        cells = [cell.rjust(widths[i]) if sides[i] == "r" else cell.ljust(widths[i])
                 for i, cell in enumerate(line)]  # fmt: skip
        made.append("  ".join(cells).rstrip())
    return made


def as_json(contents: Contents) -> dict[str, Any]:
    """The report for programs; octets everywhere, packed null where it is not known."""
    has_packed = contents.method != "unknown"

    def row(group: Group) -> dict[str, Any]:
        found: dict[str, Any] = {
            "name": group.name,
            "packed": group.packed if has_packed else None,
            "size": group.size,
            "files": group.files,
        }
        if group.why:
            found["why"] = group.why
        if group.parts:
            found["parts"] = [row(part) for part in group.parts]
        return found

    return {
        "image": contents.name,
        "target": contents.target,
        "octets": contents.image,
        "besides": dict(contents.besides),
        "size": contents.size,
        "method": contents.method,
        "unscaled": contents.unscaled if contents.scaled else None,
        "rest": contents.rest if has_packed else None,
        "packages": [row(g) for g in groups.by_package(contents)] if contents.has_packages else [],
        "folders": [row(g) for g in groups.by_folder(contents)],
        "reasons": [row(g) for g in groups.by_reason(contents)] if contents.has_packages else [],
        "files": [
            {
                "path": item.path,
                "packed": item.packed if has_packed else None,
                "size": item.size,
                "package": item.package,
                "chain": list(item.chain),
            }
            for item in contents.items
            if item.kind != "folder"
        ],
        "programs": [
            {
                "name": p.name,
                "packed": contents.packed_part(p.own),
                "own": p.own,
                "whole": p.whole,
                "modules": list(p.modules),
            }
            for p in contents.programs
        ],
    }
