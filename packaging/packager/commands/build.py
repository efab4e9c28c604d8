"""`frostgate build SITE --target T --format F`: checks the site and makes an image of it."""

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from agent.report import plain
from packager.image.forms import FORMS
from packager.targets import TARGETS, find_target

DEFAULT_TARGET = "qemu-x86_64"
EPOCH = "SOURCE_DATE_EPOCH"
LATEST = 2**31 - 1  # what every format's times hold


def add(verbs: Any) -> None:
    """The verb's parser."""
    verb = verbs.add_parser(
        "build",
        help="make an image of a site",
        description="Check a site and make an image of it; what has not changed is not made again.",
    )
    verb.add_argument("site", type=Path, metavar="SITE", help="a Python file that makes SITE")
    arguments(verb)
    verb.add_argument("-q", "--quiet", action="store_true", help="say nothing of the steps")


def arguments(verb: argparse.ArgumentParser) -> None:
    """What `build` and `run` both take."""
    verb.add_argument(
        "--target",
        choices=sorted(TARGETS),
        metavar="T",
        default=DEFAULT_TARGET,
        help=f"one of {' '.join(TARGETS)}; default: {DEFAULT_TARGET}",
    )
    verb.add_argument(
        "--format",
        choices=sorted(FORMS),
        metavar="F",
        default="squashfs",
        help=f"one of {' '.join(sorted(FORMS))}; default: squashfs",
    )
    verb.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FOLDER",
        help="where the image goes; default: image/SITE-TARGET-FORMAT",
    )
    verb.add_argument(
        "--lock",
        type=Path,
        metavar="FILE",
        help="take the packages of this packages.lock instead of the archive's present ones",
    )
    verb.add_argument(
        "--secrets", type=Path, metavar="FOLDER", help="put the secrets of this folder in, too"
    )
    verb.add_argument(
        "--rootfs",
        type=Path,
        metavar="TAR",
        help="merge an overlay onto this root file system of somebody else's",
    )


def run(given: argparse.Namespace) -> int:
    """Exit codes: 0 made, 1 something is wrong (told on standard error), 111 a system call."""
    from packager.checks.everything import checked
    from packager.image import making
    from packager.site import tidied
    from services.model import SiteError

    target = find_target(given.target)
    site, problems = checked(given.site, target, given.secrets)
    if problems or site is None:
        return _tell(problems)
    try:
        built = making.make(site, target, choices(given))
    except SiteError as error:
        return _tell(tidied(error.problems, given.site))
    except making.PROBLEMS as error:
        sys.stderr.write("".join(f"frostgate: {line}\n" for line in str(error).splitlines()))
        return 1
    for what, names in built.manifest.get("needs", {}).items():
        if names:
            sys.stderr.write(f"the machine has to have these {what}: {', '.join(names)}\n")
    print(built.folder)
    return 0


def _tell(problems: Iterable[object]) -> int:
    """What is wrong with the site, a line each, as `frostgate check` tells it."""
    sys.stderr.write("".join(plain(str(each)) + "\n" for each in problems))
    return 1


def choices(given: argparse.Namespace) -> Any:
    """What the command line asks for, as making.Choices."""
    from packager.image.making import Choices, fitting

    form = fitting(FORMS[given.format], find_target(given.target))
    name = f"{given.site.stem}-{given.target}-{form.name}"
    return Choices(
        form=form,
        output=given.output or Path("image") / name,
        lock=given.lock,
        secrets=given.secrets,
        rootfs=given.rootfs,
        epoch=epoch(os.environ.get(EPOCH, "")),
        quiet=getattr(given, "quiet", False),
    )


def epoch(text: str) -> int:
    """Seconds since 1970 out of SOURCE_DATE_EPOCH; "": 0. Raises MakingError."""
    from packager.image.making import MakingError

    if text and not (text.isascii() and text.isdigit() and int(text) <= LATEST):
        raise MakingError(f"{EPOCH}: expected seconds since 1970, 0 to {LATEST}, got {text!r}")
    return int(text or "0")
