"""`frost` as a user runs it, on both runtimes, with all its places in one temporary folder."""

import os
import platform
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import pytest

ROOT = Path(__file__).resolve().parent.parent
FROZEN = ROOT / "build" / platform.machine() / "frost"
NAMES = ("cpython", "frozen")
DEADLINE = 30.0  # seconds


def command(runtime: str) -> list[str]:
    """The program's command line on that runtime."""
    if runtime == "cpython":
        return [sys.executable, "-m", "agent"]
    if not FROZEN.exists():
        pytest.skip(f"no {FROZEN.name}: make frozen TARGET={platform.machine()}")
    return [str(FROZEN)]


def until(holds: Callable[[], object], what: str) -> None:
    """Wait until `holds()` does."""
    limit = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < limit, f"not within {DEADLINE} s: {what}"
        os.sched_yield()


class Frost:
    """The command with its places below one folder."""

    def __init__(self, runtime: str, folder: Path) -> None:
        self.argv = command(runtime)
        self.folder = folder
        self.graph = folder / "graph.json"
        self.scan = folder / "scan"
        self.outputs = folder / "outputs"
        self.run_folder = folder / "run"
        self.log = folder / "log"
        self.socket = self.run_folder / "socket"
        self.environ = {
            **os.environ,
            "FROST_GRAPH": str(self.graph),
            "FROST_SCAN": str(self.scan),
            "FROST_OUTPUTS": str(self.outputs),
            "FROST_RUN": str(self.run_folder),
            "FROST_LOG": str(self.log),
            "NO_COLOR": "1",
        }

    def __call__(self, *words: str) -> tuple[int, str, str]:
        """Exit code, standard output, standard error of `frost WORDS`."""
        done = subprocess.run(
            [*self.argv, *words],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=self.environ,
            timeout=DEADLINE,
        )
        return done.returncode, done.stdout, done.stderr

    def start(self, *words: str, stdout: int = subprocess.PIPE) -> "subprocess.Popen[str]":
        """The same in the background."""
        return subprocess.Popen(
            [*self.argv, *words],
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=self.environ,
        )


class Agent:
    """Listens where the agent would and answers each request as `answer` says.

    answer(request) -> the octets to send; None: say nothing and keep the connection,
    which `keep` does after every answer.
    """

    def __init__(
        self, path: Path, answer: Callable[[str], bytes | None], keep: bool = False
    ) -> None:
        self.requests: list[str] = []
        self._answer = answer
        self._keep = keep
        self._kept: list[socket.socket] = []
        path.parent.mkdir(exist_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "Agent":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(DEADLINE)
        self._listener.close()
        for connection in self._kept:
            connection.close()

    def _serve(self) -> None:
        while True:
            try:
                connection = self._listener.accept()[0]
            except OSError:
                return
            request = b""
            while not request.endswith(b"\n"):
                request += connection.recv(4096)
            self.requests.append(request.decode()[:-1])
            answer = self._answer(self.requests[-1])
            try:
                connection.sendall(answer or b"")
            except OSError:
                pass  # it did not want all of it
            if answer is None or self._keep:
                self._kept.append(connection)
            else:
                connection.close()
