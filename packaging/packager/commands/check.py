"""`frostgate check SITE`: everything that is wrong with a site, before anything is built."""

import argparse
import sys
from pathlib import Path
from typing import Any


def add(verbs: Any) -> None:
    """The verb's parser."""
    verb = verbs.add_parser(
        "check",
        help="tell everything that is wrong with a site",
        description="Tell everything that is wrong with a site, one line each with its place.",
    )
    verb.add_argument("site", type=Path, metavar="SITE", help="a Python file that makes SITE")


def run(given: argparse.Namespace) -> int:
    """Exit codes: 0 nothing is wrong, 1 something is."""
    sys.stderr.write(f"frostgate: {given.site}: nothing is checked yet\n")
    return 1
