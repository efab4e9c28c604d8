"""`frost log` and the logs that s6-log keeps, on both runtimes."""

import json
import selectors
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent import outputs
from tests.frost_command import DEADLINE, NAMES, Frost

SECOND = "2026-11-24 00:10:2"


@pytest.fixture(params=NAMES)
def frost(request: pytest.FixtureRequest, tmp_path: Path) -> Frost:
    frost = Frost(request.param, tmp_path)
    frost.log.mkdir()
    return frost


def stamped(name: str, second: int, text: str) -> str:
    return f"{SECOND}{second}.607593410  {name}: {text}\n"


def write(frost: Frost, name: str, file: str, *texts: str) -> None:
    (frost.log / name).mkdir(exist_ok=True)
    with (frost.log / name / file).open("a") as log:
        log.write("".join(texts))


def test_all_logs_are_merged_by_time(frost: Frost) -> None:
    write(frost, "a", "@400000006b04d6162a9395e7.s", stamped("a", 1, "first"))
    write(frost, "a", "current", stamped("a", 4, "last"), "half a li")
    write(frost, "b", "current", stamped("b", 2, "second"), stamped("b", 2, "third"))
    write(frost, "b", "lock")
    (frost.log / ".hidden").mkdir()
    assert frost("log") == (
        0,
        f"{SECOND}1.607 a: first\n{SECOND}2.607 b: second\n"
        f"{SECOND}2.607 b: third\n{SECOND}4.607 a: last\n",
        "",
    )
    assert frost("log", "-N", "2") == (
        0,
        f"{SECOND}2.607 b: third\n{SECOND}4.607 a: last\n",
        "",
    )
    assert frost("log", "a", "-N2")[1] == f"{SECOND}1.607 a: first\n{SECOND}4.607 a: last\n"
    assert frost("log", "-N", "0") == (0, "", "")
    out = frost("log", "-j", "-N", "1", "a")[1]
    assert json.loads(out) == {"service": "a", "text": "last", "time": f"{SECOND}4.607593410"}


def test_strange_lines_are_escaped(frost: Frost) -> None:
    line = SECOND.encode() + b"1.607593410  a: \x1b[31mred\xff\t\xc2\x9b\n"
    (frost.log / "a").mkdir()
    (frost.log / "a" / "current").write_bytes(line)
    shown = f"{SECOND}1.607 a: \\x1b[31mred\\xff\\x09\\xc2\\x9b\n"
    assert frost("log") == (0, shown, "")
    assert "\x1b" not in frost("log", "-j")[1]


def test_a_service_without_a_log_is_named(frost: Frost) -> None:
    write(frost, "dns", "current", "")
    text = f'frost: dsn: expected a log in {frost.log}, got none; did you mean "dns"?\n'
    assert frost("log", "dsn") == (1, "", text)
    assert frost("log", "../x")[0] == 100
    assert frost("log", "-N", "many")[0] == 100


def test_declared_secrets_are_hidden(frost: Frost) -> None:
    service = {"type": "longrun", "run": ["x"], "outputs": ["key"], "secrets": ["key"]}
    frost.graph.write_text(json.dumps({"frostgate-graph": 1, "services": {"wan": service}}))
    outputs.publish(str(frost.outputs), "wan", {"key": "hunter2 is it"})
    write(frost, "wan", "current", stamped("wan", 1, "login with hunter2 is it, all right"))
    assert frost("log")[1] == f"{SECOND}1.607 wan: login with <secret>, all right\n"
    assert json.loads(frost("log", "-j")[1])["text"] == "login with <secret>, all right"
    assert frost("outputs")[1] == "wan/key: <secret>\n"


def test_nothing_is_shown_when_it_is_not_known_what_is_secret(frost: Frost) -> None:
    frost.graph.write_text("{")
    write(frost, "wan", "current", stamped("wan", 1, "text"))
    code, out, err = frost("log")
    assert (code, out) == (1, "")
    assert err.startswith(f"frost: {frost.graph}: ")
    assert err.endswith("; which outputs are secret is not known\n")


def test_a_pipe_that_is_closed_is_standard_outputs_fault(frost: Frost) -> None:
    write(frost, "a", "current", *[stamped("a", 1, "x" * 1000) for _ in range(500)])
    with frost.start("log", "-N", "1000") as running:
        assert running.stdout is not None and running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == "frost: standard output: Broken pipe\n"
        assert running.wait(DEADLINE) == 111
    with open("/dev/full", "w") as full, frost.start("log", stdout=full.fileno()) as running:
        assert running.stderr is not None
        assert running.stderr.read() == "frost: standard output: No space left on device\n"
        assert running.wait(DEADLINE) == 111


def lines_of(running: "subprocess.Popen[str]", count: int) -> list[str]:
    """The next lines that a follower prints."""
    assert running.stdout is not None
    selector = selectors.DefaultSelector()
    selector.register(running.stdout, selectors.EVENT_READ)
    found = ""
    limit = time.monotonic() + DEADLINE
    while found.count("\n") < count:
        assert selector.select(limit - time.monotonic()), f"{count} lines expected, got {found!r}"
        data = running.stdout.buffer.raw.read(65536)  # type: ignore[attr-defined]
        assert data, f"{count} lines expected, it ended after {found!r}"
        found += data.decode()
    return found.splitlines()


@pytest.fixture
def follower(frost: Frost) -> Iterator["subprocess.Popen[str]"]:
    write(frost, "a", "current", stamped("a", 0, "before"), stamped("a", 0, "seen"))
    running = frost.start("log", "-f", "-N1")
    yield running
    running.kill()
    running.communicate()


def test_following_goes_on_over_rotations_and_new_services(
    frost: Frost, follower: "subprocess.Popen[str]"
) -> None:
    assert lines_of(follower, 1) == [f"{SECOND}0.607 a: seen"]
    write(frost, "a", "current", stamped("a", 1, "one"), f"{SECOND}2.60759")
    assert lines_of(follower, 1) == [f"{SECOND}1.607 a: one"]
    folder = frost.log / "a"
    write(frost, "a", "current", "3410  a: two\n")
    assert lines_of(follower, 1) == [f"{SECOND}2.607 a: two"]
    # As s6-log rotates
    (folder / "current").rename(folder / "previous")
    write(frost, "a", "current", stamped("a", 3, "three"))
    (folder / "previous").rename(folder / "@400000006b04d6162a9395e7.s")
    assert lines_of(follower, 1) == [f"{SECOND}3.607 a: three"]
    write(frost, "b", "current", stamped("b", 4, "four"))
    assert lines_of(follower, 1) == [f"{SECOND}4.607 b: four"]


def test_following_what_s6_log_writes_loses_and_repeats_nothing(frost: Frost) -> None:
    (frost.log / "x").mkdir()
    count = 4000  # several rotations
    words = ["s6-log", "-b", "s8192", "n100", "px:", "T", str(frost.log / "x")]
    running = frost.start("log", "-f", "-N100000", "x")
    try:
        with subprocess.Popen(words, stdin=subprocess.PIPE, text=True) as logger:
            assert logger.stdin is not None
            for i in range(count):
                logger.stdin.write(f"line {i}\n")
                if i % 100 == 0:
                    logger.stdin.flush()
        got = [line.rpartition(": ")[2] for line in lines_of(running, count)]
    finally:
        running.kill()
        running.communicate()
    assert got == [f"line {i}" for i in range(count)]
    assert len(list((frost.log / "x").glob("@*"))) > 3
