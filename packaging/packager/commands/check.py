"""`frostgate check SITE`: everything that is wrong with a site, before anything is built."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from agent.report import plain
from packager.checks.everything import checked
from packager.checks.known_modules import known_modules
from packager.targets import TARGETS, find_target
from services.model import Site
from services.site.problems import Problem


def add(verbs: Any) -> None:
    """The verb's parser."""
    verb = verbs.add_parser(
        "check",
        help="tell everything that is wrong with a site",
        description="Tell everything that is wrong with a site, one line each with its place.",
    )
    verb.add_argument("site", type=Path, metavar="SITE", help="a Python file that makes SITE")
    verb.add_argument(
        "--target",
        choices=sorted(TARGETS),
        metavar="T",
        help="the machine that it is for, which has links of its own; without it any links",
    )
    verb.add_argument(
        "--secrets",
        type=Path,
        metavar="FOLDER",
        help="look at the secrets' values too: files of their names in this folder",
    )
    verb.add_argument("-j", "--json", action="store_true", help="print the problems as JSON")
    verb.add_argument(
        "-v", "--verbose", action="store_true", help="with the traceback of what the site raises"
    )


def run(given: argparse.Namespace) -> int:
    """Exit codes: 0 nothing is wrong, 1 something is. Problems go to standard error, with -j to
    standard output."""
    target = find_target(given.target) if given.target else None
    modules = known_modules(target)
    site, problems = checked(given.site, target, given.secrets, modules, verbose=given.verbose)
    if given.json:
        print(as_json(given.site, problems))
    else:
        sys.stderr.write("".join(plain(str(each)) + "\n" for each in problems))
        print(summary(given.site, site, problems), file=sys.stderr if problems else sys.stdout)
    return 1 if problems else 0


def summary(path: Path, site: Site | None, problems: list[Problem]) -> str:
    """The last line."""
    if problems:
        return f"{path}: {_many(len(problems), 'problem')}"
    assert site is not None
    return f"{path}: no problems in {_many(len(site.services), 'service')}"


def as_json(path: Path, problems: list[Problem]) -> str:
    """{"site": file, "problems": [{"file", "line", "subject", "text"}]}."""
    rows = [
        {"file": each.where.file, "line": each.where.line, "subject": each.subject,
         "text": each.text}
        for each in problems
    ]  # fmt: skip
    return json.dumps({"site": str(path), "problems": rows}, indent=1, ensure_ascii=False)


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
