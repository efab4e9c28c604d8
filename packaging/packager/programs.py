"""Which programs a frozen binary holds, and which files they need. Pure but for reading files.

packaging/frozen/programs is the table of programs, packaging/frozen/manifest says what may be
frozen at all. packager.freeze builds what is decided here.
"""

import ast
from functools import cache
from pathlib import Path
from typing import NamedTuple


class FreezeError(Exception):
    """The binary cannot be built; the text is one line for the user."""


class Program(NamedTuple):
    """One line of packaging/frozen/programs."""

    name: str
    module: str
    heap_kib: int


def read_programs(text: str) -> list[Program]:
    """Parse packaging/frozen/programs: `name module heap-KiB`, `#` starts a comment."""
    programs = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if len(words) != 3 or not words[2].isdigit():
            raise FreezeError(f"programs: line {number}: expected 'name module KiB', got {line!r}")
        programs.append(Program(words[0], words[1], int(words[2])))
    return programs


def read_manifest(text: str, root: Path) -> tuple[list[str], list[str]]:
    """The files that packaging/frozen/manifest names: (device, check), sorted, without overlap."""
    found: dict[str, set[str]] = {"device": set(), "check": set(), "never": set()}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if len(words) != 2 or words[0] not in found:
            raise FreezeError(
                f"manifest: line {number}: expected 'device|check|never PATTERN', got {line!r}"
            )
        found[words[0]].update(str(path.relative_to(root)) for path in root.glob(words[1]))
    device = found["device"] - found["never"]
    return sorted(device), sorted(found["check"] - found["never"] - device)


def chosen(programs: list[Program], only: tuple[str, ...]) -> list[Program]:
    """The programs of these names, in the table's order; FreezeError for a name of none."""
    known = [program.name for program in programs]
    for name in only:
        if name not in known:
            raise FreezeError(f"expected programs of {' '.join(known)}, got {name!r}")
    return [program for program in programs if program.name in only]


def needed(programs: list[Program], device_files: list[str], root: Path) -> list[str]:
    """The files of those that the programs import, and what these import; sorted.

    `if TYPE_CHECKING:` never runs on the device, so what it imports is not needed there.
    """
    by_module = {}
    for path in device_files:
        module = path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        by_module[module] = path
    found: set[str] = set()
    waiting = [program.module for program in programs]
    while waiting:
        module = waiting.pop()
        path = by_module.get(module, "")
        if path in found:
            continue
        if path:
            found.add(path)
            waiting += _imported_by((root / path).read_text())
        if "." in module:
            waiting.append(module.rpartition(".")[0])
    return sorted(found)


@cache
def _imported_by(text: str) -> list[str]:
    """Those of a file's text: one build asks again for each program."""
    return imported(ast.parse(text))


def imported(tree: ast.Module) -> list[str]:
    """The modules that may be imported when this one runs."""
    found = []
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            # A name may be a module of the package, or something in it.
            found.append(node.module or "")
            found += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            waiting += node.orelse
        else:
            waiting += ast.iter_child_nodes(node)
    return found


def programs_source(programs: list[Program]) -> str:
    """The C table that main.c searches."""
    rows = "".join(f'    {{"{p.name}", "{p.module}", {p.heap_kib}}},\n' for p in programs)
    return (
        '#include "frost.h"\n'
        f"const struct frost_program frost_programs[] = {{\n{rows}}};\n"
        f"const size_t frost_programs_count = {len(programs)};\n"
    )


def modules_source(device: list[str], check: list[str]) -> str:
    """The make variables that name the files to freeze."""
    return f"MODULES = {' '.join(device)}\nCHECK_MODULES = {' '.join(check)}\n"
