"""The conformance run: all cases, on a router that the loader keeps.

    python -m tests.lab.firewall.conformance [--write docs/firewall-conformance.md]

prints a row for each requirement: its clause, its level, what was seen. Exit code 1 when any case
fails, of a MUST or not; 111 where there is no room to be had.
"""

import argparse
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from tests.lab.firewall import suite, world
from tests.lab.firewall.batch import Bench
from tests.lab.firewall.case import Case
from tests.lab.firewall.loading import Loading
from tests.lab.firewall.requirements import BY_ID, REQUIREMENTS, Requirement
from tests.lab.firewall.room import Room

HEAD = """# The firewall's conformance, shown by packets

`make check` sends the packets and fails if this page says otherwise; `python -m
tests.lab.firewall.conformance --write docs/firewall-conformance.md` writes it. A router in a
network namespace runs the stock home router under the loader; frames come from an ISP, two LANs, a
guest and an open zone and a softwire, and all that may be seen of each is checked: where it comes
out, changed or not, which requirement denies it by name, what is answered, what conntrack remembers
and for how long. HOUSE is our own promise. What is not listed is not tested.

| requirement | level | result | cases | what |
| --- | --- | --- | --- | --- |
"""


@dataclass(frozen=True)
class Row:
    """A requirement's line: what its cases showed."""

    requirement: Requirement
    cases: int
    failed: tuple[tuple[Case, str], ...]

    @property
    def result(self) -> str:
        if self.failed:
            return f"FAIL ({len(self.failed)} of {self.cases})"
        if self.requirement.deviation:
            return f"deviation: {self.requirement.deviation}"
        return "pass" if self.cases else "no cases"

    @property
    def text(self) -> str:
        note = self.requirement.note
        return self.requirement.text + (f" ({note})" if note else "")


def run(runtime: str = "cpython") -> tuple[list[Row], dict[str, int]]:
    """Run all cases; the table's rows, and counts for people."""
    cases = suite.cases()
    failures: dict[int, str] = {}
    room = Room()
    loading = Loading(room, runtime)
    bench = None
    try:
        for name in world.WORLDS:
            loading.end()
            loading.write(world.ruleset(name))
            ear = loading.start()
            if bench is None:
                bench = Bench(room, ear)
            bench.ear = ear
            failures |= bench.run([case for case in cases if case.world == name])
    finally:
        loading.end()
        if bench:
            bench.close()
        room.close()
    counts = {
        "cases": len(cases),
        "packets": sum(len(step.packets) for case in cases for step in case.steps),
        "failures": len(failures),
    }
    return rows(cases, failures), counts


def rows(cases: list[Case], failures: dict[int, str]) -> list[Row]:
    """One row for each requirement, in the order of REQUIREMENTS."""
    own: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        if case.requirement not in BY_ID:
            raise ValueError(f"{case.requirement}: not in requirements.py; case {case.name!r}")
        own[case.requirement].append(case)
    return [
        Row(
            each,
            len(own[each.id]),
            tuple((c, failures[c.number]) for c in own[each.id] if c.number in failures),
        )
        for each in REQUIREMENTS
    ]


def page(table: list[Row]) -> str:
    """The documentation's page."""
    lines = [
        f"| {row.requirement.id} | {row.requirement.level} | {row.result} | {row.cases} | "
        f"{row.text} |"
        for row in table
    ]
    return HEAD + "\n".join(lines) + "\n"


def tell(table: list[Row]) -> None:
    """Print the table, and what failed."""
    for row in table:
        what = row.result if len(row.result) < 70 else row.result[:67] + "..."
        print(f"{row.requirement.id:20} {row.requirement.level:6} {row.cases:3}  {what}")
    for row in table:
        for case, problem in row.failed:
            print(f"FAIL {case.requirement} ({case.level}): {case.name}: {problem}")


def main(argv: list[str]) -> int:
    """Run, print, write."""
    parser = argparse.ArgumentParser(prog="conformance", description=__doc__)
    parser.add_argument("--write", type=Path, metavar="PAGE")
    parser.add_argument("--runtime", choices=("cpython", "frozen"), default="cpython")
    given = parser.parse_args(argv)
    began = time.monotonic()
    try:
        table, counts = run(given.runtime)
    except OSError as error:
        print(f"conformance: {error}", file=sys.stderr)
        return 111
    tell(table)
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    print(f"{told}, {time.monotonic() - began:.1f} s")
    if given.write:
        given.write.write_text(page(table))
    return 1 if counts["failures"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
