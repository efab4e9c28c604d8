"""`frostgate`: the host's command. A verb is a module of packager.commands; adding one is a line.

The module has `add(verbs)`, which makes its parser, and `run(given) -> int`, which does it and
gives the exit code. What is expensive to import is imported in `run`.
"""

import argparse
import importlib
import sys
from typing import Any, NoReturn, Protocol

import agent

PROGRAM = "frostgate"
OK, PROBLEMS, USAGE, SYSTEM, INTERRUPTED = 0, 1, 100, 111, 130

VERBS = (
    "build",
    "check",
    "graph",
    "reference",
    "run",
    "size",
)


class Verb(Protocol):
    """What a module of packager.commands has."""

    def add(self, verbs: "argparse._SubParsersAction[Parser]") -> None:
        """Make the verb's parser: `verbs.add_parser(NAME, help=..., description=...)`."""

    def run(self, given: argparse.Namespace) -> int:
        """Do it. OSError: one line and 111, told by main()."""


class Parser(argparse.ArgumentParser):
    """argparse with the suite's exit code for wrong usage, and one line that says what is wrong."""

    def error(self, message: str) -> NoReturn:
        sys.stderr.write(f"{self.prog}: {message}\n{self.format_usage()}")
        sys.exit(USAGE)


def parser() -> Parser:
    """All verbs."""
    made = Parser(prog=PROGRAM, description="From a site to an image: checks, builds, runs it.")
    made.add_argument("--version", action="version", version=f"{PROGRAM} {agent.VERSION}")
    verbs = made.add_subparsers(dest="verb", metavar="VERB", required=True)
    for name in VERBS:
        verb: Any = importlib.import_module(f"packager.commands.{name}")
        before = set(verbs.choices)
        verb.add(verbs)
        for each in set(verbs.choices) - before:
            verbs.choices[each].set_defaults(run=verb.run)
    return made


def main(words: list[str] | None = None) -> int:
    """Exit codes: 0; 1 the input or the work has problems, told before; 100 wrong usage; 111 a
    file or a program can't be used; 130 interrupted."""
    try:
        given = parser().parse_args(words)
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else USAGE
    try:
        return int(given.run(given))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return SYSTEM  # who reads our output has gone: nobody to tell
    except OSError as error:
        sys.stderr.write(f"{PROGRAM}: {error}\n")
        return SYSTEM


def run() -> None:
    """Console-script entry."""
    sys.exit(main())


if __name__ == "__main__":
    run()
