"""An agent that begins while s6-supervise is replaced: what the old one left is known as a stray.

Between an agent's two looks at a status s6 may start another s6-supervise, which knows nobody.
"""

import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.daemon.instances import Instances
from agent.daemon.places import Places
from agent.s6 import control

NAME = "dns"
NEVER = (1 << 62, 0)
BEGUN = ((1 << 62) + 1700000000, 5)
RESTARTED = ((1 << 62) + 1700000001, 7)


def write_status(scan: Path, stamp: tuple[int, int], pid: int) -> None:
    """What s6-supervise 2.11 writes (agent/s6/status.py): up with a process, or down."""
    folder = scan / NAME / "supervise"
    folder.mkdir(parents=True, exist_ok=True)
    octets = struct.pack(">QI", *stamp) + struct.pack(">QI", *NEVER) + struct.pack(">Q", pid)
    (folder / "status").write_bytes(octets + b"\0\0" + b"\0")


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    (tmp_path / NAME / "data").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def daemon(scan: Path) -> Iterator[int]:
    """A process that s6 has started as the service, as its run script leaves it."""
    code = "import os, sys, time; os.environ['FROST_PID'] = str(os.getpid()); os.execve("
    code += "sys.executable, [sys.executable, '-c', 'import time; print(1, flush=True); "
    code += "time.sleep(60)'], os.environ)"
    environ = {**os.environ, "SERVICE": NAME, "FROST_SCAN": str(scan)}
    with subprocess.Popen(
        [sys.executable, "-c", code], env=environ, stdout=subprocess.PIPE, start_new_session=True
    ) as started:
        assert started.stdout is not None and started.stdout.readline() == b"1\n"
        yield started.pid
        started.kill()


@pytest.mark.parametrize("again", [0, os.getpid()], ids=["down", "started anew"])
def test_a_supervisor_replaced_between_the_looks_leaves_a_known_stray(
    scan: Path, daemon: int, again: int
) -> None:
    instances = Instances(Places("", str(scan), "", "", ""))
    write_status(scan, BEGUN, daemon)
    instances.look([NAME])
    write_status(scan, RESTARTED, again)
    status = control.status(str(scan), NAME)
    assert status is not None and status.pid == again
    assert instances.see(NAME, status) == daemon


def test_a_daemon_that_is_still_the_services_own_is_no_stray(scan: Path, daemon: int) -> None:
    instances = Instances(Places("", str(scan), "", "", ""))
    write_status(scan, BEGUN, daemon)
    instances.look([NAME])
    status = control.status(str(scan), NAME)
    assert status is not None
    assert instances.see(NAME, status) == 0
