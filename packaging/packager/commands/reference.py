"""`frostgate reference`: the manual's page of all services and their parameters."""

import argparse
from typing import Any


def add(verbs: Any) -> None:
    """The verb's parser."""
    verbs.add_parser("reference", help="print the manual's reference of all services")


def run(given: argparse.Namespace) -> int:
    """Exit code: 0."""
    return 0
