"""A fault planted in either port's files, process, poll or clock makes a contract fail.

Unlike tests/test_port_faults.py these are planted at run time, so that all of them run each time
on both runtimes.
"""

import subprocess

import pytest

from tests import runtimes
from tests.contract.faults import FAULTS


@pytest.mark.parametrize("fault", sorted(FAULTS))
@pytest.mark.parametrize("runtime", runtimes.NAMES)
def test_a_fault_planted_at_run_time_is_noticed(runtime: str, fault: str) -> None:
    command = runtimes.command(runtime, "tests.contract.faults", "plant", fault)
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "AssertionError" in done.stderr
