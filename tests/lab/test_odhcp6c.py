"""The lab's main job with a real odhcp6c. No Debian package has it: $ODHCP6C names one, or none."""

import os

import pytest

from packager.isp.isp import Lifetimes
from tests.lab.lab import running
from tests.lab.router import LEASE

pytestmark = pytest.mark.root


def test_a_lease_of_odhcp6c_reaches_the_hosts_and_outlives_its_restart() -> None:
    if not os.environ.get("ODHCP6C"):
        pytest.skip("ODHCP6C is not set: no odhcp6c was run; the lab's client is dhcpcd alone")
    with running(Lifetimes()) as lab:
        lab.settle("2001:db8:10")
        assert "odhcp6c" in lab.router.machine.run("ps", "-e", "-o", "args")
        lab.router.restart(LEASE, "-r")
        lab.settle("2001:db8:10")
        assert lab.router.prefixes() == {"2001:db8:1000::/56"}
