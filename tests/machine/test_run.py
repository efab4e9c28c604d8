"""`frostgate run --isp` leaves nothing behind, however it ends. The machine is Debian's kernel
alone, which stops without a root: the command has to end it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from packager.isp import names, wait
from packager.targets import X86_64
from tests.machine import kernel
from tests.runtimes import ROOT

pytestmark = pytest.mark.root


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("image")
    try:
        found = kernel.fetched()
    except kernel.Missing as missing:
        pytest.skip(str(missing))
    (folder / "vmlinuz").symlink_to(found.image)
    boot = {"kernel": "vmlinuz", "words": "console=ttyS0 panic=0"}
    (folder / "image.json").write_text(json.dumps({"target": X86_64.name, "boot": boot}))
    return folder


class Command:
    """`frostgate run`, with what it tells so far in a file."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.log = folder / "told"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "packager", "run", *words],
                cwd=ROOT, env={**os.environ, "PYTHONPATH": "packaging"},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def await_machine(self) -> None:
        """QEMU runs: what the command does before it is done."""
        wait.until("QEMU runs", self.emulators, deadline_s=120.0, evidence=self.text)

    def emulators(self) -> list[int]:
        found = []
        for pid in self.session():
            with contextlib.suppress(OSError):
                if "qemu" in Path(f"/proc/{pid}/comm").read_text():
                    found.append(pid)
        return found

    def names(self) -> list[str]:
        return sorted(path.name for path in names.FOLDER.glob(f"fg-*-{self.process.pid}"))

    def session(self) -> list[int]:
        """What runs of the session: the command, QEMU, and the machines' inits are others."""
        found = []
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                row = path.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(row[3]) == self.process.pid and row[0] != "Z":
                found.append(int(path.parent.name))
        return found


@pytest.mark.parametrize("how", (signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
def test_a_signal_ends_all_of_it(how: signal.Signals, image: Path, tmp_path: Path) -> None:
    command = Command(tmp_path, str(image), "--isp")
    command.await_machine()
    pid = command.process.pid
    assert command.names() == [f"fg-isp-{pid}", f"fg-lan0-{pid}"]
    os.kill(pid, how)
    assert command.process.wait(60.0) == 130
    assert command.names() == []
    assert command.session() == []


def test_a_crash_ends_the_processes_and_the_next_start_removes_the_names(
    image: Path, tmp_path: Path
) -> None:
    command = Command(tmp_path, str(image), "--isp")
    command.await_machine()
    command.process.kill()
    command.process.wait()
    wait.until("QEMU has ended", command.session, lambda seen: seen == [])
    assert len(command.names()) == 2
    names.remove_stale()
    assert command.names() == []


def test_the_lan_is_entered_from_another_terminal(image: Path, tmp_path: Path) -> None:
    command = Command(tmp_path, str(image), "--isp", "--links", "3")
    try:
        command.await_machine()
        assert len(command.names()) == 3
        words = [sys.executable, "-m", "packager", "run", "--lan", "--", "ip", "-o", "link"]
        told = subprocess.run(
            words, cwd=ROOT, env={**os.environ, "PYTHONPATH": "packaging"},
            capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL,
        ).stdout  # fmt: skip
        assert [line.split(": ")[1] for line in told.splitlines()] == ["lo", "eth0"]
    finally:
        command.process.terminate()
        command.process.wait(60.0)


def test_links_end_in_sockets_for_other_machines(image: Path, tmp_path: Path) -> None:
    command = Command(tmp_path, str(image))
    try:
        command.await_machine()
        lines = [line for line in command.text().splitlines() if line.startswith("  link ")]
        paths = [Path(line.split()[1].rstrip(",")) for line in lines]
        wait.until("QEMU listens on both", lambda: [each.is_socket() for each in paths],
                   lambda seen: seen == [True, True])  # fmt: skip
    finally:
        command.process.terminate()
        command.process.wait(60.0)
    wait.until("the sockets' folder is gone", paths[0].parent.exists, lambda seen: not seen)
