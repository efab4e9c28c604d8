"""A check under the agent: what fails is restarted, people see why, and those that wait for the
check stop and come back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from packager import compiled
from packager.isp import wait
from packager.isp.namespaces import Machine
from services.daemon.definition import Daemon
from services.health.definition import Check
from services.model import Site
from tests.lab.box import Box
from tests.runtimes import ROOT

pytestmark = pytest.mark.root

WELL, STARTS = "/run/well", "/run/starts"
# Well from its start on; each start leaves a line.
WEB = f"echo start >>{STARTS}; echo >{WELL}; exec sleep 100000"
SEEN = ("sh", "-c", f"test -e {WELL} || {{ echo 'nobody serves'; exit 3; }}")


def site() -> Site:
    web = Daemon(name="web", run=("sh", "-c", WEB))
    served = Check(
        name="served", run=SEEN, interval=1, timeout=1, failures=2, restart=web, needs=web.ready
    )
    told = Check(name="told", run=SEEN, interval=1, timeout=1, failures=1)
    user = Daemon(name="user", run=("sleep", "100000"), needs=told.ready)
    return Site(hostname="box", services=(web, served, told, user))


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    machine = Machine("router", tmp_path / "log")
    try:
        made = Box(machine, compiled.compile(site()), ROOT / "build" / "x86_64")
        made.boot()
        made.start()
        yield made
    finally:
        machine.close()


def test_what_a_check_finds_is_restarted_told_and_waited_for(box: Box) -> None:
    box.await_states(web="up", served="up", told="up", user="up")
    machine = box.machine
    # Until it is restarted the check that only tells has failed, and its user is down with it.
    box.frost("stop", "served")
    machine.path(WELL).unlink()
    box.await_states(web="up", told="failed", user="down")
    why = box.frost("why", "user")
    assert 'probe: 1 failure in a row, the last: exit code 3, "nobody serves"' in why, why
    box.frost("release", "served")
    wait.until(
        "the service was started again",
        lambda: machine.path(STARTS).read_text().count("start"),
        lambda count: count == 2,
        evidence=box.log,
    )
    box.await_states(web="up", served="up", told="up", user="up")
    assert "probe: web: restarted" in box.frost("log", "served")
