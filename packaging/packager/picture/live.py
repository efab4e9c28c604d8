"""How a running router's services stand: the lines of `frost status -j`, read from anywhere."""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.command import duration
from agent.command.status import text_of
from agent.supervision.table import STATES
from packager.picture.graphviz import PictureError

COMMAND = ("frost", "status", "-j")
WAIT = 30  # seconds for ssh to connect


@dataclass(frozen=True)
class Stand:
    """One service now. `text`: for people, with since when and why."""

    state: str
    short: str
    text: str


def fetch(where: str) -> str:
    """The lines of a router: `-` is standard input, a file's name a file, all else a host for ssh.

    Raises PictureError when ssh fails, OSError when the file can't be read.
    """
    if where == "-":
        return sys.stdin.read()
    if Path(where).exists():
        return Path(where).read_text(errors="replace")
    if where.startswith("-") or "/" in where:
        raise PictureError(f"--live: expected -, a file, or a host for ssh, got {where!r}")
    command = ["ssh", "-o", f"ConnectTimeout={WAIT}", where, *COMMAND]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    except FileNotFoundError:
        raise PictureError(
            f"ssh: not found; run `{' '.join(COMMAND)}` on the router and give its output"
        ) from None
    if done.returncode != 0:
        told = " ".join(done.stderr.split()) or f"exit code {done.returncode}"
        raise PictureError(f"{where}: {' '.join(COMMAND)}: {told}")
    return done.stdout


def read(lines: Iterable[str], where: str) -> dict[str, Stand]:
    """The services by name. PictureError for a line that is no record of `frost status -j`."""
    found = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        place = f"{where}: line {number}"
        try:
            record = json.loads(line)
            name, state, since = str(record["name"]), str(record["state"]), float(record["since"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise PictureError(
                f"{place}: expected a record of `frost status -j`, got {line[:60]!r}"
            ) from None
        if state not in STATES:
            raise PictureError(f"{place}: expected {' '.join(STATES)}, got {state!r}")
        found[name] = stand(state, since, record)
    if not found:
        raise PictureError(f"{where}: expected the output of `{' '.join(COMMAND)}`, got none")
    return found


def stand(state: str, since: float, record: dict[str, Any]) -> Stand:
    """A record in words."""
    took = duration.show(since)
    why = text_of(record)
    return Stand(state, f"{state} {took}", f"{state} for {took}" + (f": {why}" if why else ""))
