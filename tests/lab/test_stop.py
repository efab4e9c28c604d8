"""Every service's stop leaves nothing behind: links, addresses, routes, rules, settings, nft's
tables, files and processes are after it what they were before its start.

All definitions are covered by default: the sites are the examples and, for definitions that none
of them uses, the golden cases of tests/golden/definitions.
"""

import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

from packager.isp import interruption, names
from packager.isp.namespaces import Machine
from services.model import Service, Site
from tests.lab import leavings
from tests.lab.stop_room import StopRoom, classes
from tests.runtimes import ROOT
from tests.test_definitions import GOLDEN, described

pytestmark = [pytest.mark.root]

# What this kernel or this machine can't do: these, and what refers to them, need not come up. What
# they leave behind when they come up is seen in tests/machine.
NOT_HERE = {
    "AccessPoint": "a radio",
    "Console": "a serial line that is not this machine's own console",
    "Device": "something that is plugged in",
    "Driver": "a radio",
    "L2tp": "ppp",
    "Mount": "a disk",
    "Pppoe": "ppp",
    "Serial": "ppp",
    "Ssid": "a radio",
    "Station": "a radio",
    "Vlan": "VLANs in its kernel",
    "Watchdog": "a watchdog",
}
# What a site has to have changed while it ran, or the comparison saw nothing.
SEEN = {"home_router": {"address", "file", "link", "nft", "process", "route", "sysctl"}}


def examples() -> dict[str, Site]:
    paths = sorted((ROOT / "examples").glob("*.py"))
    # What is written out in full is the same as its profile: tests/test_profiles.py.
    paths = [path for path in paths if not path.stem.endswith("_in_full")]
    return {path.stem: runpy.run_path(str(path))["SITE"] for path in paths}


def sites() -> dict[str, Site]:
    """Examples, and golden cases for definitions that are in none."""
    found = examples()
    covered = classes(tuple(each for site in found.values() for each in site.services))
    for path in sorted(GOLDEN.iterdir()):
        services = runpy.run_path(str(path / "input.py"))["SERVICES"]
        if classes(services) - covered:
            found[path.name] = Site(hostname="box", services=services)
            covered |= classes(services)
    return found


SITES = sites()


def test_every_definition_is_in_a_site() -> None:
    used = classes(tuple(each for site in SITES.values() for each in site.services))
    kinds = [kind for kind in described() if issubclass(kind, Service)]
    bases = {base for kind in kinds for base in kind.__bases__}
    known = {kind.__name__ for kind in kinds if kind not in bases}
    assert known - used == set(), "write a golden case: tests/test_definitions.py"


@pytest.fixture
def room(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[StopRoom]:
    roles = ("isp", "router", "neighbour")
    machines = {role: Machine(role, tmp_path / f"{role}.log") for role in roles}
    names.remove_stale()
    with interruption.unwinding_signals():
        try:
            made = StopRoom(tmp_path, machines, SITES[request.param])
            made.boot()
            yield made
        finally:
            with interruption.undisturbed():
                for machine in machines.values():
                    machine.close()


@pytest.mark.parametrize(("site", "room"), [(name, name) for name in SITES], indirect=["room"])
def test_a_service_leaves_nothing_behind(site: str, room: StopRoom) -> None:
    impossible = room.impossible(set(NOT_HERE))
    left: list[str] = []
    changed: set[str] = set()
    before = room.settled()
    for name in room.order:
        during = room.start(name, name not in impossible)
        changed |= leavings.kinds(leavings.difference(before, during))
        after = room.stop(name)
        left += [f"{name}: {line}" for line in leavings.difference(before, after)]
        before = room.start(name, name not in impossible)
    print(f"{len(room.order)} services, changed {' '.join(sorted(changed))}")
    assert not left, "\n".join(left)
    assert changed >= SEEN.get(site, set())
