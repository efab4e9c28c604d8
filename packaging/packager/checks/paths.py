"""Files and folders of the site: absolute, and where they can be when the router has started."""

from collections.abc import Iterator

from packager.checks.singletons import who
from packager.gathered import Gathered
from services.model import Debian, File, Folder, kinds
from services.site.problems import Problem, shown

# What is mounted over whatever the image has there.
COVERED = {
    "/run": "is empty after each start",
    "/tmp": "is empty after each start",
    "/proc": "is the kernel's",
    "/sys": "is the kernel's",
    "/dev": "is the kernel's",
}
MODES = 0o7777


def check(found: Gathered) -> Iterator[Problem]:
    """Paths that are none, that nobody would see, and modes that are none."""
    for owner, each in found.resources:
        if owner is not None and owner.broken:
            continue
        if isinstance(each, File | Folder):
            for text in _wrong(each):
                yield Problem(each.where, who(owner), text)
        if isinstance(each, Debian):
            for path in each.paths:
                if path.startswith("/"):
                    text = f"expected paths without the first slash, got {path!r} of {each.package}"
                    yield Problem(each.where, who(owner), f"{text}; write {path[1:]!r}")


def _wrong(each: File | Folder) -> Iterator[str]:
    what = "folder" if isinstance(each, Folder) else "file"
    wrong = kinds.PATH.wrong(each.path)
    if wrong:
        yield f"{what}: {wrong}"
        return
    top = "/" + each.path.split("/")[1]
    if top in COVERED:
        yield f"expected a {what} elsewhere than {each.path}: {top} {COVERED[top]}"
    if isinstance(each.mode, bool) or not isinstance(each.mode, int) or not 0 <= each.mode <= MODES:
        yield f"expected the mode of {each.path} as 0o644, got {shown(each.mode)}"
    elif each.mode & ~0o777 and f"{each.mode}" in (f"{each.mode:o}", "644", "755", "600", "700"):
        yield f"expected the mode of {each.path} in octal, got {each.mode}; write 0o{each.mode}"
