"""Programs that units run: ours are frozen, all others come with a package or a file."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from packager.checks.singletons import who
from packager.gathered import Gathered
from packager.programs import read_programs
from services.model import Debian, File, Program
from services.site.problems import Problem, suggestion

TABLE = Path(__file__).resolve().parents[2] / "frozen" / "programs"
# Folders of PATH on the device, as the packages name them
FOLDERS = ("usr/sbin", "usr/bin", "sbin", "bin")


def ours() -> list[str]:
    """The programs that can be frozen."""
    return [program.name for program in read_programs(TABLE.read_text())]


def check(found: Gathered) -> Iterator[Problem]:
    """Programs of ours that there are not, and commands that nothing of the site brings."""
    frozen = ours()
    for owner, each in found.of(Program):
        assert isinstance(each, Program)
        if each.name not in frozen:
            text = f"expected one of our programs, got {each.name!r}{suggestion(each.name, frozen)}"
            yield Problem(each.where, who(owner), text)
    patterns = [
        path.lstrip("/") for _, each in found.of(Debian) if isinstance(each, Debian)
        for path in each.paths
    ]  # fmt: skip
    files = [each.path.lstrip("/") for _, each in found.of(File) if isinstance(each, File)]
    named = {path.rpartition("/")[2] for path in patterns}
    for _, unit in found.units:
        for command in (unit.run, unit.stop):
            if command and unit.name not in found.blurred:
                word = command[0]
                if word in frozen or _is_brought(word, patterns, files):
                    continue
                hint = suggestion(word.rpartition("/")[2], sorted({*frozen, *named}))
                if "did you mean" not in hint:
                    hint = "; add Debian(PACKAGE, (PATH,)) to packages of SITE"
                yield Problem(
                    unit.where,
                    unit.name,
                    f"expected a program of ours, or one that a package or a file of the site "
                    f"brings, got {word!r}{hint}",
                )


def _is_brought(word: str, patterns: list[str], files: list[str]) -> bool:
    """Whether a package or a file has this command, by its path or in a folder of PATH."""
    asked = [word.lstrip("/")] if "/" in word else [f"{folder}/{word}" for folder in FOLDERS]
    merged = [*asked, *(f"usr/{path}" for path in asked)]
    return any(
        path in files or any(fnmatchcase(path, each) for each in patterns) for path in merged
    )
