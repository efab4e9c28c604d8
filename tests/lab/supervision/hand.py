"""The hand of a test inside the machine: reloads graphs, asks the agent, kills, publishes.

Everything here runs in the machine's namespaces (room.inside), so paths and pids are its own.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyroute2 import IPRoute
from pyroute2.netlink.exceptions import NetlinkError

from agent import outputs
from agent.graph import read
from agent.graph.model import BUNDLE, Graph
from agent.s6 import control, strays
from agent.s6.status import Status
from agent.view import View
from packager.isp import wait
from packager.isp.namespaces import SCAN
from tests.lab.supervision import graphs
from tests.lab.supervision.room import GRAPH, LOG, OUTPUTS, RUN, TOP

AGENT = "frost-agent"


class Refused(Exception):
    """The agent answered a request with an error."""


class Hand:
    """What a test does to the machine, and how it sees it."""

    def __init__(self) -> None:
        self.values: dict[str, dict[str, str]] = {}  # what each service publishes when it runs
        self.graph: Graph = read.read(Path(GRAPH).read_bytes(), GRAPH)
        self.route = IPRoute()
        self.view = View(("link", "address"))
        fifo = TOP + "/publisher"
        if not os.path.exists(fifo):
            os.mkfifo(fifo)
        self._publisher = os.open(fifo, os.O_RDWR)
        threading.Thread(target=self._publish_for, daemon=True).start()

    # --- the agent

    def ask(self, *words: str, deadline_s: float = 60.0) -> list[dict[str, Any]]:
        """The agent's answer without its end. OSError when it is not there or dies meanwhile."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(deadline_s)
            line.connect(RUN + "/socket")
            line.sendall(" ".join(words).encode() + b"\n")
            answer = b""
            while data := line.recv(65536):
                answer += data
        records: list[dict[str, Any]] = [json.loads(text) for text in answer.splitlines()]
        if not records or "end" not in records[-1]:
            raise ConnectionResetError("no end of the answer")
        if records[-1]["end"]:
            raise Refused(records[-1].get("error", ""))
        return records[:-1]

    def ask_surely(self, *words: str) -> list[dict[str, Any]]:
        """The same, again until an agent answers."""

        def attempt() -> list[dict[str, Any]] | None:
            with contextlib.suppress(OSError):
                return self.ask(*words)
            return None

        answer = wait.until(
            f"the agent answers {words}", attempt, lambda seen: seen is not None, evidence=self.log
        )
        assert answer is not None
        return answer

    def load(self, services: dict[str, Any]) -> None:
        """Make this the graph, and the agent take it up."""
        text = graphs.text_of(services)
        graph = read.read(text, GRAPH)
        Path(GRAPH + ".new").write_text(text)
        os.rename(GRAPH + ".new", GRAPH)
        self.ask_surely("reload")
        self.graph = graph

    def states(self) -> dict[str, str]:
        """What the agent says of each service."""
        return {row["name"]: row["state"] for row in self.ask_surely("status")}

    def log(self) -> str:
        """The end of the agent's own log."""
        path = Path(f"{LOG}/{AGENT}/current")
        return "\n".join(path.read_text().splitlines()[-20:]) if path.exists() else "no log"

    # --- services

    def names(self) -> list[str]:
        """The services of the graph that have a process."""
        found = self.graph.services
        return sorted(name for name in found if found[name].kind != BUNDLE)

    def status(self, name: str) -> Status | None:
        """What s6 says of a service."""
        return control.status(SCAN, name)

    def pid(self, name: str) -> int:
        """The pid of a service, 0 when it is down."""
        status = self.status(name)
        return status.pid if status else 0

    def is_up(self, name: str) -> bool:
        """It runs, and has said that it is ready if it says so. A bundle has nothing to run."""
        status, service = self.status(name), self.graph.services[name]
        if service.kind == BUNDLE:
            return True
        if status is None or not status.pid or not os.path.exists(f"/proc/{status.pid}"):
            return False
        return status.ready or (service.kind == "longrun" and not service.notify)

    def await_up(self, *names: str) -> None:
        """Until these are all up, for s6 and for the agent."""

        def missing() -> list[str]:
            states = self.states()
            return [n for n in names if not self.is_up(n) or states.get(n) != "up"]

        wait.until(f"up: {names}", missing, lambda seen: not seen, evidence=self.log)

    def await_other(self, name: str, old: int) -> None:
        """Until another process than `old` is the service's."""
        wait.until(
            f"another copy of {name} than {old}",
            lambda: self.pid(name),
            lambda pid: pid not in (0, old),
            evidence=self.log,
        )

    def kill(self, name: str, number: int = signal.SIGKILL) -> int:
        """A signal for a service's process; its pid, 0 when it was down."""
        pid = self.pid(name)
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        return pid

    def supervisor(self, name: str) -> int:
        """The pid of the s6-supervise of a service (or NAME/log), 0 when there is none."""
        for pid, argv in commands():
            if argv[:2] == ["s6-supervise", name]:
                return pid
        return 0

    def strays(self) -> dict[str, list[tuple[int, int]]]:
        """The orphans of all services."""
        return strays.find(SCAN, {name: self.pid(name) for name in self.names()})

    def behave(self, name: str, how: str) -> None:
        """How the service's program behaves from its next start on; "" as usual."""
        path = Path(TOP, "behave", name)
        if how:
            path.write_text(how)
        else:
            path.unlink(missing_ok=True)

    def violations(self) -> list[str]:
        """Copies that found another one of themselves alive."""
        return sorted(os.listdir(TOP + "/violations"))

    def journal(self) -> list[tuple[int, str, str, int]]:
        """What the programs wrote down: nanoseconds, word, name, pid."""
        path = Path(TOP, "journal")
        found = []
        for line in path.read_text().splitlines() if path.exists() else []:
            when, word, name, pid = line.split()
            found.append((int(when), word, name, int(pid)))
        return found

    # --- outputs

    def publish(self, name: str) -> None:
        """Publish what is in `values` for this service."""
        values = self.values.get(name)
        if values:
            outputs.publish(OUTPUTS, name, values)
        else:
            outputs.clear(OUTPUTS, name)

    def _publish_for(self) -> None:
        """Publishes for the services that ask for it, when they start."""
        left = b""
        while True:
            *lines, left = (left + os.read(self._publisher, 4096)).split(b"\n")
            for line in lines:
                if line.decode() in self.values:
                    self.publish(line.decode())

    # --- links

    def index(self, name: str) -> int:
        """The index of a link, 0 when there is none."""
        return next(iter(self.route.link_lookup(ifname=name)), 0)

    def add_link(self, name: str, up: bool = True) -> None:
        """A veth whose other end NAMEp is up."""
        self.route.link("add", ifname=name, kind="veth", peer={"ifname": name + "p"})
        self.route.link("set", index=self.index(name + "p"), state="up")
        if up:
            self.route.link("set", index=self.index(name), state="up")

    def remove_link(self, name: str) -> None:
        """Remove a link; it may be gone."""
        if index := self.index(name):
            with contextlib.suppress(NetlinkError):
                self.route.link("del", index=index)


def commands() -> Iterator[tuple[int, list[str]]]:
    """pid and command line of every process."""
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):
                words = Path(f"/proc/{entry}/cmdline").read_bytes().split(b"\0")
                yield int(entry), [word.decode() for word in words[:-1]]


def is_alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def run(*argv: str) -> str:
    """Run a command; its stdout."""
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    return done.stdout


def milliseconds(since: float) -> float:
    """Since that moment of time.monotonic()."""
    return (time.monotonic() - since) * 1000
