"""A secret on its way to the one daemon that has it, under the agent, on both runtimes: missing at
first, given, changed, wrong; and seen by nobody else."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from packager import compiled, programs
from packager.isp import wait
from packager.isp.namespaces import CommandFailed, Machine
from services.model import Delivered, File, Resource, Secret, Service, Site, Unit, longrun
from services.site import places
from services.site.conditions import ServiceIs
from tests.lab.box import Box
from tests.runtimes import NAMES, ROOT

pytestmark = pytest.mark.root

CONF, WHOLE, SEEN = "/etc/frost/user.options", "/run/frost/secrets/user.options", "/run/seen"
TABLE = ROOT / "packaging" / "frozen" / "programs"
SCRIPT = """#!/bin/sh
PYTHONPATH={} exec {} -c 'import sys; sys.argv[0] = "{}"; from {} import run; run()' "$@"
"""


class User(Service):
    """A daemon that is careless with the secret that it has."""

    def units(self) -> tuple[Unit, ...]:
        words = ("with_secret", "-w", "pppd", "isp", CONF, WHOLE)
        careless = f"cat {WHOLE} >>{SEEN}; cat {WHOLE} >&2; exec sleep 100000"
        return (
            longrun(
                f"{self.name}-secret",
                *words,
                stop=("with_secret", "-r", WHOLE),
                notify=True,
                up_timeout=0,
            ),
            longrun(self.name, "sh", "-c", careless, needs=ServiceIs(f"{self.name}-secret")),
        )

    def resources(self) -> tuple[Resource, ...]:
        return (Delivered("isp"), File(CONF, "noauth\n"))


def on_cpython(box: Box) -> None:
    """CPython's programs in the place of the frozen ones."""
    for program in programs.read_programs(TABLE.read_text()):
        path = f"{places.PROGRAMS}/{program.name}"
        if box.machine.path(path).exists() or box.machine.path(path).is_symlink():
            text = SCRIPT.format(ROOT, sys.executable, path, program.module)
            box.machine.write(path, text, 0o755)


@pytest.fixture(params=NAMES)
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Box]:
    machine = Machine("router", tmp_path / "log")
    site = Site(hostname="box", services=(User(name="user"),), secrets=(Secret(name="isp"),))
    try:
        made = Box(machine, compiled.compile(site), ROOT / "build" / "x86_64")
        made.boot()
        if request.param == "cpython":
            on_cpython(made)
        made.start()
        yield made
    finally:
        machine.close()


def give(box: Box, value: str) -> None:
    """`frost secret isp` with a value by standard input, as printf writes it."""
    box.machine.run("sh", "-c", f"printf '{value}' | frost secret isp")


def pid(box: Box) -> int:
    return box.machine.service_pid("user")


def await_seen(box: Box, count: int) -> list[str]:
    """The lines that the daemon has found in its file so far, that many."""
    found = wait.until(
        f"the daemon has read {count} lines",
        lambda: (
            box.machine.path(SEEN).read_text().splitlines()
            if box.machine.path(SEEN).exists()
            else []
        ),
        lambda lines: len(lines) == count,
        evidence=box.log,
    )
    box.await_states(user="up", user_secret="up")
    return found


def told(box: Box) -> str:
    """All that the operator's command tells, and what everybody can read of processes."""
    read = "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline | tr '\\0' '\\n'"
    words = (("log",), ("log", "-j"), ("status",), ("events", "-j"), ("why", "user"))
    shown = [box.frost(*each) for each in words]
    return "".join(shown) + box.machine.run("sh", "-c", read, check=False)


def test_a_secret_reaches_its_daemon_and_nobody_else(box: Box) -> None:
    box.await_states(user="down", user_secret="starting")
    assert "isp: No such file" in box.frost("why", "user") + box.frost("log", "user-secret")
    assert box.frost("secret") == "isp: missing\n"

    give(box, "first-of-all\\n")
    assert await_seen(box, 2) == ["noauth", 'password "first-of-all"']
    assert box.frost("secret") == "isp: there\n"
    for path in (WHOLE, f"{places.SECRETS}/isp"):
        assert box.machine.path(path).stat().st_mode & 0o777 == 0o600

    give(box, "second-to-none\\n")
    assert await_seen(box, 4)[2:] == ["noauth", 'password "second-to-none"']

    # What does not fit, and what is the same, ends nobody.
    before = pid(box)
    give(box, "prima\\nsecunda\\n")
    wait.until(
        "it is told that the secret does not fit",
        lambda: "expected one line of printable ASCII" in box.frost("log", "user-secret"),
    )
    give(box, "second-to-none\\n")
    give(box, "third-and-last\\n")
    assert await_seen(box, 6)[4:] == ["noauth", 'password "third-and-last"']
    assert before != pid(box)
    assert box.machine.path(SEEN).read_text().count("second-to-none") == 1

    shown = told(box)
    assert "third-and-last" not in shown
    assert 'password "<secret>"' in shown  # what the daemon has logged


def test_a_name_that_nobody_has_is_refused(box: Box) -> None:
    with pytest.raises(CommandFailed, match='got ips; did you mean "isp"'):
        box.machine.run("sh", "-c", "echo x | frost secret ips")
    with pytest.raises(CommandFailed, match="expected 1 to 65536 octets by standard input"):
        box.machine.run("sh", "-c", "frost secret isp </dev/null")
    assert not box.machine.path(f"{places.SECRETS}/ips").exists()
