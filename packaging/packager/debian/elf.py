"""What a program needs in order to start: its dynamic linker and libraries, or its interpreter.

Read from the file alone, so that nothing of another architecture has to run.
"""

from dataclasses import dataclass
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile
from elftools.elf.segments import InterpSegment

from packager.debian.sources import DebianError


@dataclass(frozen=True)
class Needs:
    """What a file needs; empty for what is no program."""

    interpreter: str = ""  # the dynamic linker, or what a script's first line names
    libraries: tuple[str, ...] = ()  # names as in DT_NEEDED
    folders: tuple[str, ...] = ()  # where to look first: DT_RUNPATH or DT_RPATH
    machine: str = ""  # EM_X86_64 and so on, with the class and byte order: equal ones fit


def read_needs(path: Path) -> Needs:
    """What the file at `path` needs. DebianError if it is a broken ELF file."""
    with path.open("rb") as read:
        head = read.read(256)
        if head.startswith(b"#!"):
            return Needs(interpreter=script_interpreter(head))
        if not head.startswith(b"\x7fELF"):
            return Needs()
        read.seek(0)
        try:
            return elf_needs(ELFFile(read))
        except ELFError as error:
            raise DebianError(f"{path}: not a right ELF file: {error}") from None


def script_interpreter(head: bytes) -> str:
    """The path in a script's first line, empty if there is none.

    `#!/usr/bin/env PROGRAM` is answered with env: which PROGRAM it will find is the site's choice.
    """
    line = head[2:].split(b"\n")[0].split()
    return line[0].decode(errors="replace") if line else ""


def elf_needs(elf: ELFFile) -> Needs:
    """What an ELF file's program headers and dynamic segment say."""
    interpreter = ""
    told: dict[str, list[str]] = {"DT_NEEDED": [], "DT_RPATH": [], "DT_RUNPATH": []}
    for segment in elf.iter_segments():
        if isinstance(segment, InterpSegment):
            interpreter = segment.get_interp_name()
        elif isinstance(segment, DynamicSegment):
            for tag in segment.iter_tags():
                name = str(tag.entry.d_tag)
                if name in told:
                    # pyelftools has the text as an attribute of the tag's name: tag.needed
                    told[name].append(str(getattr(tag, name.removeprefix("DT_").lower())))
    # ld.so(8): DT_RPATH counts where there is no DT_RUNPATH.
    folders = ":".join(told["DT_RUNPATH"] or told["DT_RPATH"]).split(":")
    order = "little" if elf.little_endian else "big"
    return Needs(
        interpreter,
        tuple(told["DT_NEEDED"]),
        tuple(folder for folder in folders if folder),
        f"{elf['e_machine']} {elf.elfclass} {order}",
    )
