"""Random graphs, events and kills on a real s6: the end is a clean boot's, and nothing runs twice.

FROST_COUNT_SCALE times ROUNDS are played with the frozen agent and a part of it with CPython's; a
round's seed is its number, so a failure's graph and events can be had again. See rounds.py.
"""

import pytest

from packager.isp import namespaces
from tests import runtimes
from tests.lab.supervision import room

pytestmark = pytest.mark.root

ROUNDS = {"frozen": 25 * runtimes.SCALE, "cpython": 5 * runtimes.SCALE}
BATCH = 25


def test_whatever_happens_the_end_is_that_of_a_clean_boot(
    machine: namespaces.Machine, runtime: str
) -> None:
    told = []
    for seed in range(0, ROUNDS[runtime], BATCH):
        count = min(BATCH, ROUNDS[runtime] - seed)
        told.append(room.inside(machine, "rounds", str(seed), str(count)).strip())
    print(f"{runtime}: {ROUNDS[runtime]} rounds: {'; '.join(told)}")
