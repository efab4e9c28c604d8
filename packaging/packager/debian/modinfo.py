"""What a kernel module says of itself: its section .modinfo (Linux, include/linux/moduleinfo and
scripts/mod/modpost.c). Pure; modules of either byte order and word size are read."""

import lzma
import struct
from dataclasses import dataclass

from packager.debian.sources import DebianError


@dataclass(frozen=True)
class Module:
    """A module, or one that is built into the kernel. Names have '_' where files may have '-';
    aliases and soft dependencies are as the module has them."""

    name: str
    path: str = ""  # in the package; empty for what is built in
    depends: tuple[str, ...] = ()
    before: tuple[str, ...] = ()  # soft dependencies, modules or aliases: wanted first
    after: tuple[str, ...] = ()  # and afterwards
    aliases: tuple[str, ...] = ()


def module_name(word: str) -> str:
    """A module's one name: 'x-y.ko.xz' and 'x_y' are the same module."""
    return word.partition(".ko")[0].replace("-", "_")


def alias_name(word: str) -> str:
    """The same for an alias: between [ and ] a '-' is a range of characters (modprobe(8))."""
    parts = word.split("[")
    head = parts[0].replace("-", "_")
    rest = ["".join(_apart(part)) for part in parts[1:]]
    return "[".join([head, *rest])


def _apart(part: str) -> tuple[str, str, str]:
    inside, bracket, outside = part.partition("]")
    return inside, bracket, outside.replace("-", "_")


def read_module(path: str, octets: bytes) -> Module:
    """A module from its file, which may be compressed with xz."""
    name = module_name(path.rpartition("/")[2])
    if octets.startswith(b"\xfd7zXZ\0"):
        octets = lzma.decompress(octets)
    words = section(octets, b".modinfo", path).split(b"\0")
    return module(name, path, [word.decode(errors="replace") for word in words if word])


def module(name: str, path: str, words: list[str]) -> Module:
    """A module from the words of its section: `key=value`."""
    told: dict[str, list[str]] = {"depends": [], "softdep": [], "alias": []}
    for word in words:
        key, _, value = word.partition("=")
        if key in told:
            told[key].append(value)
    soft: dict[str, list[str]] = {"pre:": [], "post:": []}
    for word in " ".join(f"pre: {line}" if ":" not in line else line for line in
                         told["softdep"]).split():  # fmt: skip
        if word in soft:
            kind = word
        else:
            soft[kind].append(word)
    return Module(
        name,
        path,
        tuple(module_name(each) for each in ",".join(told["depends"]).split(",") if each),
        tuple(soft["pre:"]),
        tuple(soft["post:"]),
        tuple(told["alias"]),
    )


def built_in(text: bytes) -> list[Module]:
    """Modules that are built in, from modules.builtin.modinfo: `name.key=value` words."""
    words: dict[str, list[str]] = {}
    for word in text.decode(errors="replace").split("\0"):
        name, dot, rest = word.partition(".")
        if dot:
            words.setdefault(module_name(name), []).append(rest)
    return [module(name, "", rest) for name, rest in sorted(words.items())]


def section(octets: bytes, name: bytes, path: str) -> bytes:
    """A section of an ELF file (elf(5)); empty if it has none of that name."""
    if octets[:4] != b"\x7fELF" or len(octets) < 64:
        raise DebianError(f"{path}: expected an ELF file")
    order = "<" if octets[5] == 1 else ">"
    wide = octets[4] == 2  # ELFCLASS64
    shoff = struct.unpack_from(order + ("Q" if wide else "I"), octets, 40 if wide else 32)[0]
    size, count, names = struct.unpack_from(order + "HHH", octets, 58 if wide else 46)
    # Elf64_Shdr and Elf32_Shdr: sh_name, and sh_offset with sh_size
    place = (24, "QQ") if wide else (16, "II")

    def span(number: int) -> tuple[int, int]:
        at = shoff + number * size + place[0]
        offset, length = struct.unpack_from(order + place[1], octets, at)
        return offset, length

    table = octets[span(names)[0] : sum(span(names))]
    for number in range(count):
        start = struct.unpack_from(order + "I", octets, shoff + number * size)[0]
        if table[start : start + len(name) + 1] == name + b"\0":
            offset, length = span(number)
            return octets[offset : offset + length]
    return b""
