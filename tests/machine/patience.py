"""Waiting for what a router says. It looks itself, again and again, and is asked for the outcome
alone: a question over ssh costs an emulated machine more than many looks of its own.
"""

import fnmatch
from collections.abc import Callable

from packager.isp import wait

# A few seconds of looks. What the command says is compared as words, one blank between two.
LOOK = """n=0
while set -f; set -- $({{ set +f; {command}; }} 2>/dev/null || true); seen="$*"; set +f
  case $seen in {pattern}) false ;; esac && [ $n -lt 5 ]; do sleep 0.4; n=$((n+1)); done
echo "$seen" """
SPECIAL = "*?[]-"


def said(
    ask: Callable[[str], str],
    command: str,
    pattern: str,
    *,
    deadline_s: float = 60.0,
    evidence: Callable[[], str] = str,
) -> str:
    """Wait until what a shell command says is of a pattern (the shell's and fnmatch's), and return
    it; the command may fail before. ask: runs a command there."""
    quoted = "".join(each if each in SPECIAL else f"\\{each}" for each in pattern) or "''"
    look = LOOK.format(command=command, pattern=quoted)
    return wait.until(
        f"{command}: {pattern}",
        lambda: ask(look).strip(),
        lambda seen: fnmatch.fnmatchcase(seen, pattern),
        deadline_s=deadline_s,
        evidence=evidence,
    )
