"""`frost` and the real agent under a real s6-svscan, from setup to shutdown, on both runtimes."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent import outputs
from agent.s6 import control
from tests.frost_command import DEADLINE, FROZEN, NAMES, Frost, until

GRAPH = {
    "frostgate-graph": 1,
    "services": {
        "wan": {
            "type": "longrun",
            "run": ["sleep", "1000"],
            "outputs": ["dns", "key"],
            "secrets": ["key"],
        },
        "dns": {
            "type": "longrun",
            "run": ["sh", "-c", 'echo "asks $DNS with $(cat data/key)"; exec sleep 1000'],
            "env": {"DNS": {"output": "wan/dns"}},
            "files": {"key": {"output": "wan/key"}},
        },
        "job": {"type": "oneshot", "run": ["sh", "-c", "echo done"], "wanted": "demand"},
        "bad": {"type": "oneshot", "run": ["sh", "-c", "echo no; exit 3"], "wanted": "demand"},
    },
}


@pytest.fixture(params=NAMES)
def frost(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Frost]:
    """The command beside an s6-svscan in whose folder `frost setup` has put the agent."""
    if not (FROZEN.parent / "frost-agent").exists():
        pytest.skip(f"no frost-agent: make frozen TARGET={FROZEN.parent.name}")
    frost = Frost(request.param, tmp_path)
    frost.graph.write_text(json.dumps(GRAPH))
    frost.scan.mkdir()
    assert frost("setup")[0] == 0
    environ = {**os.environ, "PATH": f"{FROZEN.parent}:{os.environ['PATH']}"}
    scan = str(frost.scan)
    running = subprocess.Popen(["s6-svscan", scan], env=environ, start_new_session=True)
    try:
        until(lambda: is_ready(scan), "the agent is ready")
        yield frost
        frost("shutdown", "-t", "20")
    finally:
        subprocess.run(["s6-svscanctl", "-t", scan], check=True)
        running.wait(DEADLINE)


def is_ready(scan: str) -> bool:
    found = control.status(scan, "frost-agent")
    return found is not None and found.ready


def test_services_wait_run_fail_and_end(frost: Frost) -> None:
    assert frost("wait", "-t", "20", "wan") == (0, "", "")
    assert frost("wait", "-t", "0.1", "dns") == (
        99,
        "",
        "frost: dns: expected it up within 0.1 s; it waits: output wan/dns is missing\n",
    )
    values = {"dns": "2001:db8::1", "key": "hunter2 indeed"}
    outputs.publish(str(frost.outputs), "wan", values)
    assert frost("wait", "-t", "20", "dns") == (0, "", "")
    assert frost("outputs")[1] == "wan/dns: 2001:db8::1\nwan/key: <secret>\n"
    following = frost.start("log", "-f", "dns")
    assert following.stdout is not None
    assert following.stdout.readline().endswith("dns: asks 2001:db8::1 with <secret>\n")
    following.kill()
    following.communicate()
    assert frost("up-once", "-t", "20", "job") == (0, "", "")
    assert frost("up-once", "-t", "20", "job") == (0, "", "")
    code, out, err = frost("up-once", "-t", "20", "bad")
    assert (code, out, err) == (1, "", "frost: bad: no\nfrost: bad: exit code 3\n")
    assert frost("stop", "bad") == (0, "", "")
    rows = [json.loads(line) for line in frost("status", "-j")[1].splitlines()]
    states = {row["name"]: row["state"] for row in rows}
    assert states == {"wan": "up", "dns": "up", "job": "up", "bad": "down"}
    assert frost("health") == (0, "healthy\n", "")


def test_a_record_of_events_replays_and_holds_no_secret(frost: Frost, tmp_path: Path) -> None:
    # What somebody publishes for a service that is down is cleared.
    assert frost("wait", "-t", "20", "wan")[0] == 0
    values = {"dns": "2001:db8::1", "key": "hunter2 indeed"}
    outputs.publish(str(frost.outputs), "wan", values)
    assert frost("wait", "-t", "20", "dns")[0] == 0
    assert frost("restart", "wan")[0] == 0
    assert frost("wait", "-t", "20", "wan")[0] == 0
    assert frost("reload") == (0, "", "")
    outputs.publish(str(frost.outputs), "wan", values)
    assert frost("wait", "-t", "20", "dns")[0] == 0
    code, out, err = frost("events", "-j")
    assert (code, err) == (0, "")
    assert "hunter2" not in out and "hunter2" not in frost("events")[1]
    assert '"start", "dns"' in out
    (tmp_path / "record").write_text(out)
    assert frost("replay", str(tmp_path / "record")) == (0, "", "")
    (tmp_path / "record").write_text(out.replace('"start", "dns"', '"start", "job"'))
    code, out, err = frost("replay", str(tmp_path / "record"))
    assert (code, err) == (1, "")
    assert "actions: recorded" in out


def test_a_wish_can_be_taken_back(frost: Frost) -> None:
    assert frost("wait", "-t", "20", "wan")[0] == 0
    assert frost("stop", "wan") == (0, "", "")
    assert frost("wait", "-t", "0.1", "wan")[0] == 99
    assert frost("release", "wan") == (0, "", "")
    assert frost("wait", "-t", "20", "wan") == (0, "", "")
    assert frost("start", "job") == (0, "", "")
    assert frost("wait", "-t", "20", "job") == (0, "", "")
    assert frost("release", "job") == (0, "", "")
    until(lambda: frost("status", "job")[1].split()[2] == "down", "nothing needs job any more")


def test_shutdown_ends_everything(frost: Frost) -> None:
    assert frost("wait", "-t", "20", "wan")[0] == 0
    assert frost("shutdown", "-t", "20") == (0, "", "")
    rows = [json.loads(line) for line in frost("status", "--json")[1].splitlines()]
    assert {row["state"] for row in rows} == {"down"}
    assert frost("status", "wan")[1].split()[:3] == ["wan", "longrun", "down"]


def test_who_has_left_is_not_taken_for_the_next(frost: Frost) -> None:
    """An answer that came too late for one client must not reach the one with its descriptor."""
    assert frost("wait", "-t", "20", "wan")[0] == 0
    for _ in range(5):
        assert frost("stop", "wan") == (0, "", "")
        assert frost("wait", "-t", "0.05", "wan")[0] == 99
        assert frost("start", "wan") == (0, "", "")
        code, out, err = frost("status", "wan")
        assert (code, out.split()[0], err) == (0, "wan", "")
        assert frost("wait", "-t", "20", "wan") == (0, "", "")
