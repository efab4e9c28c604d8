"""What each program costs in the frozen binary, from what its build leaves behind.

frozen_content.o has a symbol for everything of every module, with its size; frozen_content.c tells
the names and texts ('qstr') that each module uses. Those are stored once: what a program costs by
itself is what only its modules have, so the programs' own octets and what they share add up.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from elftools.elf.elffile import ELFFile

from packager.programs import Program as Listed
from packager.programs import needed, read_manifest
from packager.size.contents import Module, Program, SizeError

OBJECT, SOURCE, MODULES = "frozen_content.o", "frozen_content.c", "modules.mk"
PROGRAMS = "programs.c"
MEASURED = "sizes.json"
PROGRAM = re.compile(r'\{"([^"]+)", "([^"]+)", \d+\}')
# What mpy-tool.py puts before a module's name, the longest first.
KINDS = (
    "const_qstr_table_data_",
    "const_obj_table_data_",
    "const_obj_",
    "frozen_module_",
    "proto_fun_",
    "fun_data_",
    "children_",
    "raw_code_",
)
QSTR_TABLE = re.compile(r"const_qstr_table_data_(\w+)\[\d+\] = \{\n(.*?)\};", re.DOTALL)
QSTR_ENUM = re.compile(r"enum \{\n    (\w+) = MP_QSTRnumber_of,\n(.*?)\};", re.DOTALL)
QSTR_LENGTHS = re.compile(r"mp_qstr_frozen_const_lengths\[\] = \{\n(.*?)\};", re.DOTALL)
TEXT = re.compile(r"const_obj_(\w+)_\d+ = \{\{&mp_type_(?:str|bytes)\}, \d+, (\d+), \(const byte")
POINTERS = {32: 4, 64: 8}
HASH, LENGTH, ZERO = 2, 1, 1  # octets a qstr takes besides its text and the pointer to it


class Frozen:
    """A build's modules and strings: what a set of modules takes."""

    def __init__(self, modules: dict[str, Module], strings: dict[str, int]) -> None:
        self.modules = modules
        self.strings = strings

    def octets(self, names: Iterable[str]) -> int:
        """What these modules take together; a string that several use counts once."""
        present = [self.modules[name] for name in names if name in self.modules]
        used = {string for module in present for string in module.strings}
        return sum(m.size for m in present) + sum(self.strings.get(s, 0) for s in used)

    def programs(self, needs: dict[str, set[str]]) -> tuple[Program, ...]:
        """`needs`: the modules of each program. The dearest first, by what would go without it."""
        found = []
        everything = set().union(*needs.values())
        for name, modules in needs.items():
            others = set().union(*(needs[other] for other in needs if other != name))
            own = self.octets(everything) - self.octets(others)
            found.append(Program(name, self.octets(modules), own, tuple(sorted(modules - others))))
        return tuple(sorted(found, key=lambda program: (-program.own, program.name)))


def read(folder: Path) -> Frozen:
    """What a build folder (build/<target>, or .../only/<programs> in it) has frozen.

    Raises SizeError where nothing was built.
    """
    if not (folder / OBJECT).is_file():
        raise SizeError(f"{folder}: expected a build of the frozen binary; run `make frozen`")
    source = (folder / SOURCE).read_text()
    listed = re.search(r"^MODULES = (.*)$", (folder / MODULES).read_text(), re.MULTILINE)
    names = [_module(path) for path in (listed.group(1).split() if listed else [])]
    with (folder / OBJECT).open("rb") as file:
        elf: Any = ELFFile(file)
        pointer = POINTERS[elf.elfclass]
        sections = list(elf.iter_sections())
        symbols = [(symbol.name, int(symbol["st_size"]), _alignment(symbol, sections))
                   for symbol in elf.get_section_by_name(".symtab").iter_symbols()]  # fmt: skip
    octets = module_octets(names, symbols)
    for name, length in text_octets(names, source):
        octets[name] += length
    for name in names:
        # its place in mp_frozen_mpy_content, and its file's name in mp_frozen_names
        octets[name] += pointer + len(name) + len(".py") + ZERO
    uses = used_strings(names, source)
    modules = {name: Module(name, octets[name], uses.get(name, ())) for name in names}
    return Frozen(modules, string_octets(source, pointer))


def measure(folder: Path, root: Path) -> tuple[Program, ...]:
    """The programs of a build, the dearest first. `root`: the project, whose sources tell which
    modules each needs. Raises SizeError where nothing was built.

    What was found stands in the folder, for as long as the object is the same.
    """
    kept = folder / MEASURED
    try:
        stamp = (folder / OBJECT).stat().st_mtime_ns
        known = json.loads(kept.read_text())
        if known["object"] == stamp:
            return tuple(
                Program(name, whole, own, tuple(modules))
                for name, whole, own, modules in known["programs"]
            )
    except (OSError, ValueError, KeyError, TypeError):
        pass  # measured below, or told to be missing
    found = _measured(folder, root)
    rows = [[each.name, each.whole, each.own, list(each.modules)] for each in found]
    kept.write_text(json.dumps({"object": (folder / OBJECT).stat().st_mtime_ns, "programs": rows}))
    return found


def _measured(folder: Path, root: Path) -> tuple[Program, ...]:
    built = read(folder)
    programs = [Listed(name, module, 0) for name, module in
                PROGRAM.findall((folder / PROGRAMS).read_text())]  # fmt: skip
    device, _ = read_manifest((root / "packaging/frozen/manifest").read_text(), root)
    needs = {
        program.name: {_module(path) for path in needed([program], device, root)}
        for program in programs
    }
    return built.programs(needs)


def module_octets(names: list[str], symbols: Iterable[tuple[str, int, int]]) -> dict[str, int]:
    """Octets by module of an object's symbols: (name, octets, alignment)."""
    by_symbol = {_escaped(name): name for name in names}
    longest_first = sorted(by_symbol, key=len, reverse=True)
    found = dict.fromkeys(names, 0)
    for symbol, size, alignment in symbols:
        kind = next((kind for kind in KINDS if symbol.startswith(kind)), None)
        if kind is None:
            continue
        rest = symbol.removeprefix(kind) + "_"
        owner = next((each for each in longest_first if rest.startswith(each + "_")), None)
        if owner is not None:
            found[by_symbol[owner]] += -(-size // alignment) * alignment
    return found


def text_octets(names: list[str], source: str) -> list[tuple[str, int]]:
    """(module, octets) of the long texts that its objects point to, each with its zero."""
    by_symbol = {_escaped(name): name for name in names}
    found = [(by_symbol.get(owner), int(size) + ZERO) for owner, size in TEXT.findall(source)]
    return [(name, size) for name, size in found if name is not None]


def used_strings(names: list[str], source: str) -> dict[str, tuple[str, ...]]:
    """The names of the strings that each module uses."""
    by_symbol = {_escaped(name): name for name in names}
    return {
        by_symbol[owner]: tuple(sorted(set(re.findall(r"MP_QSTR_\w*", table))))
        for owner, table in QSTR_TABLE.findall(source)
        if owner in by_symbol
    }


def string_octets(source: str, pointer: int) -> dict[str, int]:
    """What each string takes that MicroPython does not have anyway."""
    enum, lengths = QSTR_ENUM.search(source), QSTR_LENGTHS.search(source)
    if enum is None or lengths is None:
        raise SizeError(f"{SOURCE}: expected the frozen strings, got none; build it anew")
    names = [enum.group(1), *re.findall(r"\w+", enum.group(2))]
    sizes = [int(size) for size in re.findall(r"\d+", lengths.group(1))]
    besides = pointer + HASH + LENGTH + ZERO
    return {name: size + besides for name, size in zip(names, sizes, strict=True)}


def _alignment(symbol: Any, sections: list[Any]) -> int:
    """That of its section: each symbol has one of its own (-fdata-sections)."""
    index = symbol["st_shndx"]
    return max(1, int(sections[index]["sh_addralign"])) if isinstance(index, int) else 1


def _module(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def _escaped(module: str) -> str:
    """As mpy-tool.py writes it into C."""
    return re.sub(r"\W", "_", module)
