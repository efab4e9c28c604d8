"""`frost` without an agent: s6, the outputs and the graph answer, on both runtimes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent import outputs
from agent.graph import read
from agent.s6 import control, install, paths
from tests.frost_command import DEADLINE, NAMES, ROOT, Frost, until

NOTICE = "frost: the agent is not running; this is what s6 and the outputs say\n"
GRAPH = {
    "frostgate-graph": 1,
    "services": {
        "router": {"type": "bundle", "contents": ["dns", "ntp"]},
        "wan": {"type": "longrun", "run": ["sleep", "1000"], "outputs": ["dns"]},
        "dns": {
            "type": "longrun",
            "run": ["sleep", "1000"],
            "needs": {"all": [{"output": "wan/dns"}, {"service": "wan"}]},
        },
        "ntp": {"type": "longrun", "run": ["sh", "-c", "echo no server; exit 3"]},
    },
}


@pytest.fixture(params=NAMES)
def frost(request: pytest.FixtureRequest, tmp_path: Path) -> Frost:
    frost = Frost(request.param, tmp_path)
    frost.graph.write_text(json.dumps(GRAPH))
    frost.scan.mkdir()
    return frost


@pytest.fixture
def svscan(frost: Frost) -> Iterator[None]:
    """A real s6-svscan with the graph's service directories; wan is up, ntp has failed."""
    graph = read.read(frost.graph.read_bytes(), "graph")
    scan = str(frost.scan)
    found = paths.find(scan, str(frost.outputs), str(frost.log), os.environ["PATH"])
    names = ("wan", "dns", "ntp")
    for name in names:
        install.install(scan, graph.services[name], found)
    running = subprocess.Popen(["s6-svscan", scan], start_new_session=True)
    try:
        until(lambda: all(control.status(scan, name) for name in names), "all supervised")
        for name in ("wan", "ntp"):
            assert control.command(scan, name, "o")
        until(lambda: control.status(scan, "wan").pid, "wan up")  # type: ignore[union-attr]
        until(lambda: has_ended(scan, "ntp"), "ntp ended")
        until(lambda: b"no server" in log_of(frost, "ntp"), "ntp's log")
        yield
    finally:
        subprocess.run(["s6-svscanctl", "-t", scan], check=True)
        running.wait(DEADLINE)


def has_ended(scan: str, name: str) -> bool:
    found = control.status(scan, name)
    return found is not None and found.exit == 3 and not found.ending


def log_of(frost: Frost, name: str) -> bytes:
    current = frost.log / name / "current"
    return current.read_bytes() if current.exists() else b""


def words(text: str) -> list[str]:
    """Lines as words with single spaces, numbers and units left out."""
    units = ("s", "min", "s:")
    lines = [line.split() for line in text.splitlines()]
    return [" ".join(w for w in line if w not in units and not w[:1].isdigit()) for line in lines]


@pytest.mark.usefixtures("svscan")
def test_status_and_why_look_for_themselves(frost: Frost) -> None:
    outputs.publish(str(frost.outputs), "wan", {"dns": "2001:db8::1"})
    code, out, err = frost("status")
    assert (code, err) == (0, NOTICE)
    assert words(out) == [
        "router bundle down service dns is down",
        "dns longrun down only the agent would start it",
        "wan longrun up",
        "ntp longrun failed exit code only the agent would start it",
    ]
    code, out, err = frost("status", "-j", "ntp")
    record = json.loads(out)
    assert (record["state"], record["reason"], record["pid"]) == ("failed", "exit code 3", None)
    assert 0 <= record["since"] < DEADLINE
    code, out, err = frost("why", "ntp")
    assert (code, err) == (0, NOTICE)
    assert words(out) == [
        "ntp is failed for exit code",
        "| no server",
        "only the agent would start it",
    ]
    outputs.clear(str(frost.outputs), "wan")
    out = frost("why", "dns")[1]
    assert words(out) == ["dns is down for", "output wan/dns is missing"]
    assert frost("why", "dsn") == (
        1,
        "",
        f'{NOTICE}frost: {frost.graph}: expected the name of a service, got "dsn"; '
        'did you mean "dns"?\n',
    )


def test_looking_changes_nothing_that_runs(frost: Frost, svscan: None) -> None:
    before = [control.status(str(frost.scan), name) for name in ("wan", "dns", "ntp")]
    frost("status")
    frost("why", "router")
    assert [control.status(str(frost.scan), name) for name in ("wan", "dns", "ntp")] == before


def test_a_missing_scan_folder_is_named(frost: Frost) -> None:
    frost.scan.rmdir()
    text = f"frost: {frost.scan}: expected the scan folder of s6-svscan, got nothing; "
    assert frost("status") == (111, "", f"{NOTICE}{text}start it, or set FROST_SCAN\n")
    assert frost("setup")[0] == 111


def test_a_missing_graph_is_named(frost: Frost) -> None:
    frost.graph.unlink()
    text = f"frost: {frost.graph}: No such file or directory\n"
    assert frost("status") == (111, "", NOTICE + text)
    assert frost("replay", "/dev/null") == (111, "", text)


def test_check_tells_all_errors(frost: Frost) -> None:
    assert frost("check", str(frost.graph)) == (0, f"{frost.graph}: 4 services, no errors\n", "")
    assert frost("check", "-j", str(frost.graph)) == (0, '{"services": 4}\n', "")
    services = {"a": {"type": "longrum", "run": ["a"]}, "b": {"type": "oneshot"}}
    frost.graph.write_text(json.dumps({"frostgate-graph": 1, "services": services}))
    code, out, err = frost("check", str(frost.graph))
    assert (code, out, len(err.splitlines())) == (1, "", 2)
    assert all(line.startswith(f"frost: {frost.graph}: services.") for line in err.splitlines())
    code, out, _ = frost("check", "-j", str(frost.graph))
    assert (code, [list(json.loads(line)) for line in out.splitlines()]) == (1, [["error"]] * 2)


def test_a_record_that_is_none_is_refused(frost: Frost, tmp_path: Path) -> None:
    record = tmp_path / "record"
    for text in ("", "[1]\n", '{"t": 1, "facts": {}}\n'):
        record.write_text(text)
        assert frost("replay", str(record)) == (
            1,
            "",
            f"frost: {record}: expected the lines of `frost events -j`, got none to begin from\n",
        )
    record.write_text('{"state": {"x": 1}}\n')
    assert frost("replay", str(record))[0] == 1


@pytest.mark.usefixtures("svscan")
def test_setup_makes_the_agent_a_service(frost: Frost, tmp_path: Path) -> None:
    service = frost.scan / "frost-agent"
    assert frost("setup") == (0, f"{service}: s6-svscan was told\n", "")
    assert (service / "env" / "FROST_GRAPH").read_text() == f"{frost.graph}\n"
    until(lambda: (service / "supervise" / "status").exists(), "the agent supervised")
    assert frost("setup") == (0, f"{service}: s6-svscan was told\n", "")


def test_setup_before_s6_svscan_is_fine(frost: Frost) -> None:
    assert frost("setup") == (
        0,
        f"{frost.scan}/frost-agent: is ready\n",
        f"frost: {frost.scan}: no s6-svscan runs there yet; it will start the agent\n",
    )
    assert (frost.scan / "frost-agent" / "log" / "run").exists()


def test_colours_are_for_terminals(frost: Frost) -> None:
    del frost.environ["NO_COLOR"]
    frost.environ["TERM"] = "linux"
    assert "\x1b" not in frost("status")[1]
    for more, coloured in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
        ours, theirs = os.openpty()
        subprocess.run(
            [*frost.argv, "status"],
            stdout=theirs,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={**frost.environ, **more},
            check=True,
        )
        shown = os.read(ours, 65536)
        os.close(ours)
        os.close(theirs)
        assert (b"\x1b[1mrouter" in shown) is coloured, (more, shown, sys.argv[0])
