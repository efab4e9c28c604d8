"""What only nft can know: every ruleset is shown to it before it may go to a device.

nft loads it in a network namespace of its own, so nothing of this machine's packet filter is seen
or touched. It is not `nft --check`: with that the kernel never looks whether a statement fits its
chain (masquerade in an input chain passes). And it has no /etc/protocols or /etc/services there,
which a small router lacks: what needs them is refused here and not there. Errors are told by file,
line, rulegroup and rule.
"""

import os
import re
import subprocess
import tempfile
from pathlib import Path

from firewall.ruleset import text
from firewall.ruleset.problems import Problem, RulesetError
from firewall.ruleset.rendered import Ruleset

# FILE:LINE:COLUMN-COLUMN: Error: TEXT
ERROR = re.compile(r"[^\n]*?:(\d+):\d+-\d+: Error: ([^\n]*)")
HEAD = re.compile(r"\s*(set|map|chain) (\S+) \{")
# $0 is nft, $1 the file.
BARE = """
for names in /etc/protocols /etc/services; do
    if [ -e $names ]; then mount --bind /dev/null $names || exit 111; fi
done
exec "$0" --file "$1"
"""
# nft stops at the first kind of error (syntax, types, the kernel): what it named is left out and
# the rest shown to it again, this often at most.
ROUNDS = 20


def check(ruleset: Ruleset, nft: str = "nft") -> None:
    """Raises RulesetError with all that nft refuses. `nft`: the target's program, to be exact.

    OSError where nft is missing or no namespace can be made.
    """
    # Files of elements are the device's: what is in them is checked when they are loaded.
    rows = [row for row in text.rows(ruleset) if not row.text.startswith("include ")]
    problems: list[Problem] = []
    left_out: list[text.Row] = []
    for _ in range(ROUNDS):
        wrong = _refused(nft, rows)
        reserved = [row for row, _ in wrong if _is_reserved(nft, row)]
        if reserved:
            # Nothing behind a name that is none can be read: what nft says of it only confuses.
            problems = [_problem(ruleset, row, f"{row.what}: nft reserves this word, take another")
                        for row in reserved]  # fmt: skip
            break
        known = {row.what for row in left_out}  # a denial's chain is wrong for its rule's reason
        for row, error in wrong:
            if row.what in known:
                continue
            sentence = f"{row.what or 'ruleset'}: nft refuses {row.text.strip()!r}: {error}"
            if "Could not resolve" in error:
                sentence += "; write the number, a router may lack /etc/protocols and /etc/services"
            problems.append(_problem(ruleset, row, sentence))
        if not all(row.what.startswith("rulegroup") for row, _ in wrong) or not wrong:
            break
        left_out += [row for row, _ in wrong]
        rows = [row for row in rows if row not in left_out]
    if problems:
        raise RulesetError(problems)


def _problem(ruleset: Ruleset, row: text.Row, sentence: str) -> Problem:
    return Problem(row.where or ruleset.firewall.where, "", 0, sentence)


def _refused(nft: str, rows: list[text.Row]) -> list[tuple[text.Row, str]]:
    """The rows that nft names, each with its first error."""
    error = _run(nft, "".join(row.text + "\n" for row in rows))
    found: dict[int, str] = {}
    for match in ERROR.finditer(error):
        found.setdefault(min(int(match[1]), len(rows)) - 1, match[2])
    return [(rows[number], text) for number, text in sorted(found.items())]


def _is_reserved(nft: str, row: text.Row) -> bool:
    """Whether this row names something with a word that nft itself uses."""
    head = HEAD.match(row.text)
    if not head:
        return False
    inside = {"set": "type ifname;", "map": "type ifname : verdict;", "chain": ""}[head[1]]
    alone = f"table ip t {{\n\t{head[1]} {head[2]} {{ {inside} }}\n}}\n"
    return bool(_run(nft, alone))


def _run(nft: str, content: str) -> str:
    """nft's error text, "" when it takes the ruleset."""
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "ruleset.nft")
        path.write_text(content)
        argv = ["unshare", "--net", "--mount", *user, "--", "sh", "-c", BARE, nft, str(path)]
        done = subprocess.run(argv, capture_output=True, text=True, errors="replace")
    if done.returncode == 0:
        return ""
    if not ERROR.search(done.stderr):
        raise OSError(f"{nft}: exit code {done.returncode}: {done.stderr.strip()}")
    return done.stderr
