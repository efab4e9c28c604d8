"""A sample of what `make mutate` does: each wrong rule is told by a packet, or explained."""

import random
import time

import pytest

from tests.lab.firewall import mutate
from tests.runtimes import SCALE

pytestmark = pytest.mark.root
COUNT = 12 * SCALE


def test_wrong_rules_are_told_by_packets() -> None:
    every = mutate.all_mutants()
    seed = 1 if SCALE == 1 else int(time.time())
    chosen = random.Random(seed).sample(every, min(COUNT, len(every)))
    found = list(mutate.run(chosen, 1))
    unexplained = [
        mutant.key for mutant, told in found if not told and not mutate.explained(mutant)
    ]
    assert unexplained == []
    print(f"mutation: {len(found)} of {len(every)} mutants, seed {seed}")


def test_no_explanation_is_without_a_mutant() -> None:
    keys = [mutant.key for mutant in mutate.all_mutants()]
    assert mutate.unused(keys) == []
