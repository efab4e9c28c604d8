"""Verbs that are programs of their own: `frost VERB` runs `frost-VERB`, on both runtimes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.frost_command import DEADLINE, FROZEN, NAMES, ROOT, until

PRINTS = '#!/bin/sh\nfor word; do printf "<%s>" "$word"; done\necho " $MARK"\n'


class Called:
    """`frost` in a folder of its own, so that what lies beside it is the test's."""

    def __init__(self, runtime: str, folder: Path) -> None:
        self.beside = folder / "beside"
        self.by_path = folder / "path"
        self.beside.mkdir()
        self.by_path.mkdir()
        self.frost = self.beside / "frost"
        if runtime == "frozen":
            if not FROZEN.exists():
                pytest.skip(f"no {FROZEN.name}: make frozen")
            self.frost.symlink_to(FROZEN)
        else:
            start = "import sys; from agent.__main__ import run; sys.exit(run())"
            self.frost.write_text(f"#!{sys.executable}\n{start}\n")
            self.frost.chmod(0o755)
        path = f"{self.by_path}:{os.environ['PATH']}"
        self.environ = {**os.environ, "PATH": path, "MARK": "handed on", "PYTHONPATH": str(ROOT)}

    def program(self, folder: Path, name: str, text: str) -> None:
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)

    def __call__(self, *words: str | bytes) -> tuple[int, str, str]:
        done = subprocess.run(
            [str(self.frost), *words], capture_output=True, text=True, env=self.environ,
            timeout=DEADLINE,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr


@pytest.fixture(params=NAMES)
def called(request: pytest.FixtureRequest, tmp_path: Path) -> Called:
    return Called(request.param, tmp_path)


def test_arguments_and_environment_are_handed_on(called: Called) -> None:
    called.program(called.beside, "frost-hello", PRINTS)
    assert called("hello") == (0, " handed on\n", "")
    assert called("hello", "-x", "a b", "", "--") == (0, "<-x><a b><><--> handed on\n", "")
    done = subprocess.run([called.frost, "hello", b"\xff\n"], capture_output=True,
                          env=called.environ, timeout=DEADLINE)  # fmt: skip
    assert done.stdout == b"<\xff\n> handed on\n"


def test_the_exit_code_is_the_programs(called: Called) -> None:
    called.program(called.beside, "frost-fails", "#!/bin/sh\necho why >&2\nexit 99\n")
    assert called("fails") == (99, "", "why\n")
    called.program(called.beside, "frost-dies", "#!/bin/sh\nkill -KILL $$\n")
    assert called("dies") == (128 + signal.SIGKILL, "", "")


def test_the_program_beside_comes_before_path(called: Called) -> None:
    called.program(called.by_path, "frost-where", "#!/bin/sh\necho by path\n")
    assert called("where") == (0, "by path\n", "")
    called.program(called.beside, "frost-where", "#!/bin/sh\necho beside\n")
    assert called("where") == (0, "beside\n", "")


def test_own_verbs_daemons_and_strange_names_are_not_looked_for(called: Called) -> None:
    for name in ("frost-status", "frost-agent", "frost-oneshot", "frost-x y"):
        called.program(called.beside, name, "#!/bin/sh\necho wrong\n")
    assert "wrong" not in called("status")[1]
    for verb in ("agent", "oneshot", "x y", "../beside/frost-status", "-f", "", b"\xff"):
        code, out, err = called(verb)
        assert (code, out) == (100, ""), verb
        assert err.startswith("frost: expected a verb, got "), verb


def test_the_usage_names_it(called: Called) -> None:
    code, out, err = called("no-such-verb")
    assert (code, out) == (100, "")
    assert err.splitlines()[0] == 'frost: expected a verb, got "no-such-verb"'
    assert err.splitlines()[-1] == (
        "frost: usage: frost VERB ...   runs the program frost-VERB, as for firewall"
    )


def test_a_program_that_cannot_run_is_told(called: Called) -> None:
    (called.beside / "frost-plain").write_text(PRINTS)
    code, out, err = called("plain")
    assert (code, out) == (111, "")
    assert err == f'frost: "{called.beside}/frost-plain": Permission denied\n'


def test_what_ends_frost_ends_the_program(called: Called) -> None:
    called.program(called.beside, "frost-waits", "#!/bin/sh\necho $$\nexec sleep 1000\n")
    with subprocess.Popen([called.frost, "waits"], stdout=subprocess.PIPE, text=True,
                          env=called.environ) as running:  # fmt: skip
        assert running.stdout is not None
        pid = int(running.stdout.readline())
        running.terminate()
        assert running.wait(DEADLINE) == 128 + signal.SIGTERM
    until(lambda: not Path(f"/proc/{pid}").exists(), "the program has ended")
