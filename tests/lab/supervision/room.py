"""A machine whose s6-svscan runs the agent, for tests that act from inside it.

The host's side: boot, wait for the agent, run a module of this folder in the machine's namespaces.
The agent is a service of its own scan folder, with a graph that holds nothing yet.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from agent.s6 import directory, install, paths
from packager.freeze import zig_binary
from packager.isp import namespaces, wait
from tests import runtimes

SOURCE = Path(__file__).with_name("worker.c")
TOP = "/run/lab"
OUTPUTS, RUN, LOG = "/run/services/outputs", "/run/frost", "/run/log/frost"
GRAPH = TOP + "/graph.json"
EMPTY = '{"frostgate-graph": 1, "services": {}}\n'
PLACES = {
    "FROST_GRAPH": GRAPH,
    "FROST_SCAN": namespaces.SCAN,
    "FROST_OUTPUTS": OUTPUTS,
    "FROST_RUN": RUN,
    "FROST_LOG": LOG,
}
FROZEN = runtimes.FROST_CHECK.parent
MODULES = {"frost-agent": "agent.daemon", "frost-oneshot": "agent.s6.oneshot"}


def build_worker(folder: Path) -> Path:
    """Compile worker.c into this folder; returns the program."""
    program = folder / "worker"
    target = f"{os.uname().machine}-linux-musl"
    argv = [str(zig_binary()), "cc", "-target", target, "-static", "-O2", "-o", str(program)]
    subprocess.run([*argv, str(SOURCE)], check=True)
    return program


def programs(runtime: str, folder: Path) -> str:
    """The folder of the agent's programs of a runtime; made here for CPython."""
    if runtime == "frozen":
        return str(FROZEN)
    for name, module in MODULES.items():
        text = f'#!/bin/sh\nPYTHONPATH={runtimes.ROOT} exec {sys.executable} -m {module} "$@"\n'
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return str(folder)


@contextlib.contextmanager
def path_first(folder: str) -> Iterator[None]:
    """This process's PATH begins with a folder inside the block."""
    before = os.environ["PATH"]
    os.environ["PATH"] = f"{folder}:{before}"
    try:
        yield
    finally:
        os.environ["PATH"] = before


@contextlib.contextmanager
def running(runtime: str, folder: Path) -> Iterator[namespaces.Machine]:
    """The machine, with the agent ready; all of it ends with the block."""
    machine = namespaces.Machine("router", folder / "machine.log")
    worker = build_worker(folder)
    try:
        with path_first(programs(runtime, folder)):
            machine.boot()
        for made in ("locks", "violations", "behave", "bin"):
            machine.path(f"{TOP}/{made}").mkdir(parents=True)
        machine.path(f"{TOP}/bin/worker").write_bytes(worker.read_bytes())
        machine.path(f"{TOP}/bin/worker").chmod(0o755)
        machine.write(GRAPH, EMPTY)
        add_agent(machine)
        yield machine
    finally:
        machine.close()


def add_agent(machine: namespaces.Machine) -> None:
    """Put the agent's own service directory there and wait until the agent is ready."""
    found = paths.find(namespaces.SCAN, OUTPUTS, LOG)
    rendered = directory.daemon(found, sorted(PLACES.items()))
    outside = str(machine.path(namespaces.SCAN))
    machine.path(LOG).mkdir(parents=True)
    install.put(outside, directory.DAEMON, rendered, "lab", [])
    machine.run("s6-svscanctl", "-a", namespaces.SCAN)
    status = machine.path(f"{namespaces.SCAN}/{directory.DAEMON}/supervise/status")
    wait.until("s6-supervise runs the agent", status.exists)
    machine.await_ready(directory.DAEMON)


def inside(machine: namespaces.Machine, module: str, *words: str, timeout_s: float = 600) -> str:
    """Run a module of this folder inside; its stdout. Its failure is an AssertionError with all
    that it said and the log's end."""
    argv = machine.enter("env", f"PYTHONPATH={runtimes.ROOT}:{runtimes.ROOT}/packaging")
    argv += [sys.executable, "-m", f"tests.lab.supervision.{module}", *words]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=timeout_s)
    said = f"{done.stdout[-20000:]}{done.stderr[-40000:]}\n{machine.tail()}"
    assert done.returncode == 0, f"{module} {' '.join(words)}: {said}"
    return done.stdout
