"""`frostgate build SITE --target T --format F`: checks the site and makes an image of it."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from agent.report import plain
from packager.image.forms import FORMS
from packager.targets import TARGETS, find_target

DEFAULT_TARGET = "qemu-x86_64"
EPOCH = "SOURCE_DATE_EPOCH"


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

    target = find_target(given.target)
    site, problems = checked(given.site, target, given.secrets)
    if problems or site is None:
        sys.stderr.write("".join(plain(str(each)) + "\n" for each in problems))
        return 1
    try:
        built = making.make(site, target, choices(given))
    except making.PROBLEMS as error:
        sys.stderr.write("".join(f"frostgate: {line}\n" for line in str(error).splitlines()))
        return 1
    for what, names in built.manifest.get("needs", {}).items():
        if names:
            sys.stderr.write(f"the machine has to have these {what}: {', '.join(names)}\n")
    print(built.folder)
    return 0


def choices(given: argparse.Namespace) -> Any:
    """What the command line asks for, as making.Choices."""
    from packager.image.making import Choices

    # Nobody boots an overlay: it is unpacked onto what is there.
    form = "tar" if find_target(given.target).is_overlay else given.format
    name = f"{given.site.stem}-{given.target}-{form}"
    return Choices(
        form=FORMS[form],
        output=given.output or Path("image") / name,
        lock=given.lock,
        secrets=given.secrets,
        rootfs=given.rootfs,
        epoch=int(os.environ.get(EPOCH, "0") or "0"),
        quiet=getattr(given, "quiet", False),
    )
