"""`frostgate reference`: the manual's page of all services and parameters, docs/reference.md."""

import argparse
from pathlib import Path
from typing import Any


def add(verbs: Any) -> None:
    """The verb's parser."""
    verb = verbs.add_parser("reference", help="print the manual's reference of all services")
    verb.add_argument("-o", "--output", type=Path, metavar="FILE", help="write it there instead")


def run(given: argparse.Namespace) -> int:
    """Exit code: 0."""
    from packager.reference import page

    text = page()
    if given.output:
        given.output.write_text(text)
    else:
        print(text, end="")
    return 0
