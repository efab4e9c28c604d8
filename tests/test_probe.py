"""probe, as a program: on both runtimes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from packager.isp import wait
from tests.runtimes import ROOT

FROZEN = ROOT / "build" / "x86_64" / "probe"
RUNTIMES = {"cpython": [sys.executable, "-m", "services.health.probe"], "frozen": [str(FROZEN)]}


@pytest.fixture(params=list(RUNTIMES))
def probe(request: pytest.FixtureRequest) -> list[str]:
    if request.param == "frozen" and not FROZEN.exists():
        pytest.skip("no frozen build: make frozen TARGET=x86_64")
    return RUNTIMES[request.param]


def run(probe: list[str], *words: str, folder: Path) -> tuple[int, str]:
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "FROST_RUN": str(folder)}
    done = subprocess.run(
        [*probe, *words], env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == ""
    return done.returncode, done.stderr


def test_failures_in_a_row_end_it_with_what_the_command_said(
    probe: list[str], tmp_path: Path
) -> None:
    loud = "echo out; echo; echo 'no \"answer\"' >&2; exit 7"
    told = run(probe, "-f", "2", "-i", "1", "--", "sh", "-c", loud, folder=tmp_path)
    assert told == (
        1,
        'probe: 2 failures in a row, the last: exit code 7, "no \\"answer\\""\n',
    )
    told = run(probe, "-f", "1", "false", folder=tmp_path)
    assert told == (1, "probe: 1 failure in a row, the last: exit code 1, without a word\n")


def test_a_command_that_hangs_is_ended(probe: list[str], tmp_path: Path) -> None:
    # Without a word, and with its output closed
    for words in (("sleep", "1000"), ("sh", "-c", "exec sleep 1000 >&- 2>&-")):
        told = run(probe, "-f", "1", "-t", "1", *words, folder=tmp_path)
        assert told == (1, "probe: 1 failure in a row, the last: no end in time\n")


def test_the_service_is_restarted_by_the_agent_or_it_is_told_why_not(
    probe: list[str], tmp_path: Path
) -> None:
    code, said = run(probe, "-f", "1", "-r", "web", "false", folder=tmp_path)
    socket = tmp_path / "socket"
    assert code == 1
    assert said.splitlines()[1] == f"probe: web: expected to restart it, got {socket}"


def test_it_is_ready_with_the_first_success_and_ends_at_once_when_told(
    probe: list[str], tmp_path: Path
) -> None:
    reader, writer = os.pipe()
    good, count = tmp_path / "good", tmp_path / "count"
    command = f"echo x >>{count}; test -e {good}"
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "NOTIFY_FD": str(writer)}
    words = [*probe, "-f", "1000", "-i", "1", "sh", "-c", command]
    process = subprocess.Popen(words, env=environ, pass_fds=(writer,))
    try:
        os.close(writer)
        wait.until("it has failed once", count.exists)
        os.set_blocking(reader, False)
        with pytest.raises(BlockingIOError):
            os.read(reader, 1)
        good.touch()
        os.set_blocking(reader, True)
        assert os.read(reader, 2) == b"\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
        os.close(reader)


@pytest.mark.parametrize("words", [(), ("-f", "0", "true"), ("-x", "true"), ("-r", "a b", "true")])
def test_wrong_usage_is_told(probe: list[str], words: tuple[str, ...], tmp_path: Path) -> None:
    code, said = run(probe, *words, folder=tmp_path)
    assert code == 100
    assert said.splitlines()[-1].startswith("probe: usage: probe [-d FD] [-f FAILURES]")


def test_a_command_that_is_not_there_is_told(probe: list[str], tmp_path: Path) -> None:
    told = run(probe, "/nonesuch", folder=tmp_path)
    assert told == (111, 'probe: "/nonesuch": No such file or directory\n')
