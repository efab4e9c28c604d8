"""Mutation: with any single rule removed or inverted, some packet case fails.

    python -m tests.lab.firewall.mutate [--sample N [--seed N]] [--only PATTERN] [-j N]

takes each rule of the stock home router out, and turns it round (accept for deny, its match where
it has no verdict), loads the ruleset and runs the cases, those of the same requirement first.
Prints the survivors. Exit code 1 where one of them is not explained in survivors.py.
"""

import argparse
import multiprocessing
import os
import random
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from fnmatch import fnmatchcase

from firewall.ruleset import text
from firewall.ruleset.rendered import Ruleset
from tests.lab.firewall import mutants, standin, suite, world
from tests.lab.firewall.batch import Bench
from tests.lab.firewall.case import Case
from tests.lab.firewall.ears import KernelEar
from tests.lab.firewall.mutants import Mutant
from tests.lab.firewall.room import Room
from tests.lab.firewall.survivors import SURVIVORS

# A rule that survives in the first is tried in the others, as far as they have it.
TRIED = ("home", "transparent", "limited", "quiet", "bare")


class Worker:
    """A room of its own, and the rulesets of all worlds."""

    def __init__(self, processor: int) -> None:
        self.cases = suite.cases()
        self.rulesets = {name: world.ruleset(name) for name in TRIED}
        self.room = Room()
        self.bench = Bench(self.room, KernelEar(self.room.router), processor)
        self.loaded = ""
        for name in TRIED:
            failures = self._run(name, self.rulesets[name], self._of(name))
            if failures:
                raise AssertionError(f"without any mutation: {name}: {failures}")

    def _of(self, name: str) -> list[Case]:
        return [case for case in self.cases if case.world == name]

    def _run(self, name: str, ruleset: Ruleset, cases: list[Case]) -> str:
        """Load and run; what failed first."""
        if self.loaded != name or name != "home":
            standin.load(self.room, self.rulesets[name])  # limits are full again
        self.loaded = name
        standin.apply(self.room, text.text(ruleset))  # elements stay
        return self._first(cases)

    def _first(self, cases: list[Case]) -> str:
        failures = self.bench.run(cases)
        for case in cases:
            if case.number in failures:
                return f"{case.requirement}: {case.name}: {failures[case.number]}"
        return ""

    def try_one(self, mutant: Mutant) -> tuple[Mutant, str]:
        """The mutant and the case that it fails; "" when it survives."""
        for name in TRIED:
            ruleset = mutants.mutated(self.rulesets[name], mutant)
            if ruleset is None:
                continue
            cases = self._of(name)
            # Once only where limits are tested: a second run would find them used up.
            near = [c for c in cases if is_related(c, mutant)] if name == "home" else cases
            try:
                problem = self._run(name, ruleset, near)
            except standin.Refused as error:
                return mutant, f"nft refuses it: {error}"
            if not problem and len(near) < len(cases):
                problem = self._first(cases)
            if problem:
                return mutant, problem
        return mutant, ""


def is_related(case: Case, mutant: Mutant) -> bool:
    """Whether the case is about the rule's requirement."""
    names = {case.requirement, *(step.denial for step in case.steps)}
    return mutant.requirement in names


_worker: Worker | None = None


def _begin(counter: "multiprocessing.sharedctypes.Synchronized[int]") -> None:
    global _worker
    with counter.get_lock():
        processor = counter.value
        counter.value += 1
    _worker = Worker(processor)


def _try(mutant: Mutant) -> tuple[Mutant, str]:
    assert _worker
    return _worker.try_one(mutant)


def all_mutants() -> list[Mutant]:
    """Those of the home router, and what transparent mode adds."""
    found: dict[str, Mutant] = {}
    for name in ("home", "transparent"):
        for mutant in mutants.mutants(world.ruleset(name)):
            found.setdefault(mutant.key, mutant)
    return list(found.values())


def run(chosen: list[Mutant], workers: int) -> Iterator[tuple[Mutant, str]]:
    """Try the mutants; each with the case that told it, "" for none."""
    suite.cases()  # built once, before the workers fork
    context = multiprocessing.get_context("fork")
    counter = context.Value("i", 0)
    with ProcessPoolExecutor(workers, context, _begin, (counter,)) as pool:
        for each in as_completed([pool.submit(_try, mutant) for mutant in chosen]):
            yield each.result()


def explained(mutant: Mutant) -> str:
    """Why it may survive; "" when nothing says so."""
    return next((why for pattern, why in SURVIVORS if fnmatchcase(mutant.key, pattern)), "")


def main(argv: list[str]) -> int:
    """Run, print survivors."""
    parser = argparse.ArgumentParser(prog="mutate", description=__doc__)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="*", help="a pattern for keys (fnmatch)")
    parser.add_argument("-j", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("-v", action="store_true", help="tell who told each mutant")
    given = parser.parse_args(argv)
    began = time.monotonic()
    every = [mutant for mutant in all_mutants() if fnmatchcase(mutant.key, given.only)]
    chosen = every
    if given.sample:
        chosen = random.Random(given.seed).sample(every, min(given.sample, len(every)))
    survivors = []
    for mutant, told in run(chosen, min(given.j, len(chosen))):
        if not told:
            survivors.append(mutant)
        elif given.v:
            print(f"{mutant.key}\n    {told}")
    unexplained = tell(survivors)
    stale = (
        []
        if chosen is not every or given.only != "*"
        else unused([mutant.key for mutant in survivors])
    )
    for pattern in stale:
        print(f"survivors.py: no mutant survives by {pattern!r} any more")
    told = f"{len(chosen)} of {len(every)} mutants, {len(survivors)} survived"
    print(f"{told}, {unexplained} of them unexplained, {time.monotonic() - began:.0f} s")
    return 1 if unexplained or stale else 0


def tell(survivors: list[Mutant]) -> int:
    """Print the survivors; how many are not explained."""
    count = 0
    for mutant in sorted(survivors, key=lambda each: each.key):
        why = explained(mutant)
        count += not why
        print(f"survived: {mutant.key}\n    {why or 'UNEXPLAINED'}")
    return count


def unused(keys: list[str]) -> list[str]:
    """Patterns of survivors.py that match none of the keys."""
    return [p for p, _ in SURVIVORS if not any(fnmatchcase(key, p) for key in keys)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
