"""`make demo` as a user runs it, from pipes instead of a terminal: to its end, and interrupted."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from packager.isp import names
from tests.lab.router import PROJECT

pytestmark = pytest.mark.root


def demo() -> "subprocess.Popen[str]":
    """The demo, started; SIGINT ends it even where a shell in the background has it ignored."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.lab.demo"],
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def test_the_demo_tells_every_step_and_ends_with_what_every_side_holds() -> None:
    told, error = demo().communicate(timeout=200)
    assert error == ""
    steps = [
        "router: the ISP delegated 2001:db8:1000::/56",
        "router: wan has 2001:db8:0:1::1000",
        "host1: 2001:db8:ffff::1 on the ISP's side answers its ping",
        "router: the Renew brought 2001:db8:2000::/56",
        "host0: hears router lifetime 0",
        "hosts: the same addresses as before, never deprecated",
        "What every side holds",
        "unreachable 2001:db8:2000::/56",
        "everything is removed",
    ]
    places = [told.find(step) for step in steps]
    assert -1 not in places and places == sorted(places), (steps, places, told)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_no_namespace_and_no_process(number: signal.Signals) -> None:
    running = demo()
    assert running.stdout
    for line in running.stdout:
        if "delegated" in line:
            break
    inits = [int(word) for word in inits_of(running.pid)]
    running.send_signal(number)
    _, error = running.communicate(timeout=30)
    assert (running.returncode, error) == (
        128 + number,
        "demo: interrupted; everything is removed\n",
    )
    assert len(inits) == 4
    assert [pid for pid in inits if Path(f"/proc/{pid}").exists()] == []
    left = [
        entry.name
        for entry in names.FOLDER.glob("fg-*")
        if str(running.pid) in entry.name.split("-")
    ]
    assert left == []


def inits_of(pid: int) -> list[str]:
    """The s6-svscan of each machine of a lab: the only children of its holders."""
    found = []
    for holder in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found += Path(f"/proc/{holder}/task/{holder}/children").read_text().split()
    return found
