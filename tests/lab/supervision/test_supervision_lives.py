"""Deaths of the agent and of s6-supervise, lost events, reloads, the shutdown: see lives.py."""

import pytest

from packager.isp import namespaces
from tests.lab.supervision import lives, room

pytestmark = pytest.mark.root


@pytest.mark.parametrize("scenario", [function.__name__ for function in lives.SCENARIOS])
def test_the_agent_lives_through(machine: namespaces.Machine, runtime: str, scenario: str) -> None:
    told = room.inside(machine, "lives", scenario, timeout_s=180).strip()
    print(f"{runtime}: {scenario}: {told}")
