"""`python -m firewall.ruleset`: a firewall's file into the folder that a router's loader reads."""

import argparse
import runpy
import sys
from pathlib import Path

from firewall.ruleset import check, text, write
from firewall.ruleset.compose import compose
from firewall.ruleset.model import Firewall
from firewall.ruleset.problems import RulesetError
from firewall.ruleset.rendered import Ruleset

PROGRAM = "firewall.ruleset"


def main(words: list[str] | None = None) -> int:
    """Exit codes: 0; 1 the firewall is refused, one line a reason; 100 wrong usage; 111 a file or
    nft can't be used."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {PROGRAM}",
        description="Check a firewall and write it as the folder that the loader reads.",
    )
    parser.add_argument("file", type=Path, help="a Python file that makes FIREWALL")
    parser.add_argument("folder", type=Path, nargs="?", help="where to write ruleset.nft and "
                        "follow.json; without it the text is printed")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print the ruleset as JSON instead")
    parser.add_argument("--nft", default="nft", help="the target's nft, to be exact")
    try:
        given = parser.parse_args(words)
    except SystemExit as error:
        return 100 if error.code else 0
    try:
        ruleset = made(given.file)
        check.check(ruleset, given.nft)
        if given.folder:
            write.write(ruleset, given.folder)
        if given.json or not given.folder:
            print(text.as_json(ruleset) if given.json else text.text(ruleset), end="")
    except RulesetError as error:
        for problem in error.problems:
            print(f"{PROGRAM}: {problem}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 111
    return 0


def made(path: Path) -> Ruleset:
    """The ruleset that a file makes; RulesetError for what it gets wrong."""
    found = runpy.run_path(str(path)).get("FIREWALL")
    if not isinstance(found, Firewall):
        raise OSError(f"{path}: expected it to make FIREWALL, a Firewall, got {found!r:.60}")
    return compose(found)


if __name__ == "__main__":
    sys.exit(main())
