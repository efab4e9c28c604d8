"""`frostgate size IMAGE`: what makes an image big, and what changed since another one."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any


def add(verbs: Any) -> None:
    """The verb's parser."""
    verb = verbs.add_parser(
        "size",
        help="tell what makes an image big",
        description="Tell what makes an image big: by package, folder, and what was asked for.",
    )
    verb.add_argument(
        "image",
        type=Path,
        nargs="*",
        metavar="IMAGE",
        help="an image, its manifest (IMAGE.json), any squashfs or tar, or build/<target>",
    )
    verb.add_argument("--diff", nargs=2, type=Path, metavar=("OLD", "NEW"), help="what changed")
    verb.add_argument(
        "--by",
        choices=("package", "folder", "reason", "file"),
        action="append",
        help="these tables alone; may be given several times",
    )
    verb.add_argument(
        "-n", "--rows", type=int, default=15, metavar="N", help="rows of a table (15), 0 for all"
    )
    verb.add_argument("-j", "--json", action="store_true", help="print JSON")
    verb.add_argument("--svg", type=Path, metavar="FILE", help="write a treemap")
    verb.add_argument("--html", type=Path, metavar="FILE", help="write a page with treemap, tables")


def run(given: argparse.Namespace) -> int:
    """Exit codes: 0; 1 this is no image; 100 wrong usage."""
    from packager.size import difference, image, table
    from packager.size.contents import SizeError

    wrong = usage(given)
    if wrong:
        sys.stderr.write(f"frostgate size: {wrong}\n")
        return 100
    try:
        if given.diff:
            found = difference.compare(*map(image.load, given.diff))
            text = difference.report(found, given.rows)
            return _print(difference.as_json(found) if given.json else text)
        contents = image.load(given.image[0])
    except SizeError as error:
        sys.stderr.write(f"frostgate size: {error}\n")
        return 1
    _draw(given, contents)
    has_chains = any(item.chain or item.needed_by for item in contents.items)
    views = given.by or (
        *(("package",) if contents.has_packages else ()),
        *(("reason",) if has_chains else ()),
        "folder",
    )
    return _print(
        table.as_json(contents) if given.json else table.report(contents, views, given.rows)
    )


def usage(given: argparse.Namespace) -> str:
    """What is wrong with the words that argparse does not see; '' for nothing."""
    if given.diff and (given.image or given.svg or given.html or given.by):
        return "expected --diff OLD NEW alone, with -j or -n at most"
    if not given.diff and len(given.image) != 1:
        return f"expected one IMAGE, got {len(given.image)}; two are compared by --diff OLD NEW"
    if given.rows < 0:
        return f"expected a number of rows from 0, got {given.rows}"
    return ""


def _draw(given: argparse.Namespace, contents: Any) -> None:
    if given.svg:
        from packager.size import treemap

        given.svg.write_text(treemap.draw(contents))
    if given.html:
        from packager.size import page

        given.html.write_text(page.render(contents))


def _print(report: Any) -> int:
    if isinstance(report, str):
        sys.stdout.write(report)
    else:
        print(json.dumps(report, indent=1, ensure_ascii=True))
    return 0
