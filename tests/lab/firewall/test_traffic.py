"""Nothing allowed is lost and nothing denied gets through, whatever happens to the loader."""

import time

import pytest

from tests.lab.firewall import traffic
from tests.lab.firewall.loading import FROZEN
from tests.runtimes import NAMES, SCALE

pytestmark = pytest.mark.root
FLOWS = min(50 * SCALE, 1000)
SECONDS = 8.0 + 2.0 * (SCALE - 1)


@pytest.mark.parametrize("runtime", NAMES)
def test_flows_pass_and_denied_packets_do_not_while_the_loader_is_disturbed(runtime: str) -> None:
    if runtime == "frozen" and not FROZEN.exists():
        pytest.skip("no frozen firewall: make frozen")
    seed = 1 if SCALE == 1 else int(time.time())
    counts, done, through = traffic.run(FLOWS, SECONDS, seed, runtime)
    assert through == []
    assert counts.broken == []
    assert counts.sent == counts.arrived == counts.echoed
    for kind in ("reloads", "zone changes", "refused reloads", "kills", "prefix changes"):
        assert done.get(kind), done
    print(f"traffic, {runtime}, seed {seed}: {traffic.told(counts, done)}")


def test_a_reload_that_opens_the_router_for_a_moment_is_seen() -> None:
    _, done, through = traffic.run(6, 2.0, 1, planted=traffic.GONE)
    assert through, done


def test_a_reload_that_closes_the_router_for_a_moment_is_seen() -> None:
    counts, done, _ = traffic.run(6, 2.0, 1, planted=traffic.EMPTY)
    assert counts.echoed < counts.sent, done
