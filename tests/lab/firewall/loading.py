"""The loader on the room's router, as the agent would run it."""

import hashlib
import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from firewall.ruleset import follow, text
from firewall.ruleset.rendered import Ruleset
from firewall.ruleset.write import FOLLOW, RULESET, write
from packager.isp import wait
from tests.lab.firewall.ears import LoaderEar
from tests.lab.firewall.room import Room
from tests.runtimes import ROOT

FROZEN = ROOT / "build" / os.uname().machine / "firewall"
DEADLINE_S = 20.0


class NotReady(AssertionError):
    """The loader did not become ready."""


class Loading:
    """A loader that may be started, told to reload, killed and started again."""

    def __init__(self, room: Room, runtime: str = "cpython") -> None:
        self.room = room
        self.folder = Path(room.folder.name, "firewall")
        self.program = [sys.executable, "-m", "firewall.loader"]
        if runtime == "frozen":
            self.program = [str(FROZEN)]
        self.process: subprocess.Popen[bytes] | None = None
        self.ear: LoaderEar | None = None
        self.before: list[str] = []  # what earlier ones told

    def write(self, ruleset: Ruleset) -> None:
        """Put a ruleset into the folder that the loader reads."""
        write(ruleset, self.folder)

    def write_broken(self, ruleset: Ruleset, how: str) -> None:
        """Put a folder there that it must refuse: a text that is not the digest's, or not nft's."""
        wrong = text.text(ruleset).replace("counter accept", "counter acept", 1)
        digest = hashlib.sha256(wrong.encode()).hexdigest() if how == "syntax" else "0" * 64
        folder = self.folder.with_name("broken")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / RULESET).write_text(wrong)
        (folder / FOLLOW).write_text(follow.as_json(ruleset, digest))
        shutil.rmtree(self.folder)
        folder.rename(self.folder)

    def start(self, deadline_s: float = DEADLINE_S) -> LoaderEar:
        """Start it; return when it is ready."""
        readable, writable = os.pipe()
        argv = self.room.router.enter(*self.program, "-d", str(writable), str(self.folder))
        environ = {
            **os.environ,
            "FROST_OUTPUTS": str(self.room.outputs),
            "PYTHONPATH": str(ROOT),
        }
        self.process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=(writable, self.room.router.fileno),
            env=environ,
        )
        os.close(writable)
        assert self.process.stderr
        self.ear = LoaderEar(self.process.stderr)
        ready = select.select([readable], [], [], deadline_s)[0]
        told = os.read(readable, 1) if ready else b""
        os.close(readable)
        if told != b"\n":
            self.ear.read({})
            raise NotReady(f"{' '.join(argv)}: not ready\n" + "\n".join(self.ear.others))
        wait.until("the loader hears of denials", self._has_ears)
        return self.ear

    def _has_ears(self) -> bool:
        """Whether somebody listens to nflog: that is taken up just after readiness."""
        with self.room.router.inside():
            with open("/proc/thread-self/net/netfilter/nfnetlink_log") as file:
                return bool(file.read().strip())

    def send(self, number: int) -> None:
        """Send it a signal."""
        if self.process:
            self.process.send_signal(number)

    def reload(self) -> None:
        """SIGHUP: read the folder anew."""
        self.send(signal.SIGHUP)

    def end(self, number: int = signal.SIGTERM) -> None:
        """End it: politely, or with SIGKILL. The ruleset stays."""
        if self.process:
            self.process.send_signal(number)
            try:
                self.process.wait(DEADLINE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise NotReady("the loader did not end on a signal") from None
            if self.ear:
                self.ear.read({})
                self.before += self.ear.others
            assert self.process.stderr
            self.process.stderr.close()
            self.process, self.ear = None, None

    def told(self) -> list[str]:
        """Its lines other than denials, so far."""
        return self.before + (self.ear.others if self.ear else [])
