"""The agent's figures: `python -m tests.bench.agent`, as root; `make bench` prints them too.

Each ratio's two sides are measured in turns in one run; medians decide.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from agent.s6 import control
from packager.isp import wait
from tests import runtimes
from tests.bench.router import Room
from tests.lab.router import FROZEN
from tests.lab.supervision import room

TMPFS = "/dev/shm"
SMALL, LARGE = "30", "1000"
EVENTS = os.environ.get("FROST_BENCH_EVENTS", "500000")  # each is two decisions
ROUNDS = 5
IDLE_S = 5.0
PPP_DEATHS = 20

Line = Callable[..., None]


def decisions(line: Line) -> None:
    """What an event that touches three services costs with 1,000 services and with 30."""
    for runtime in runtimes.NAMES:
        for recorded, limit in (("no", None), ("yes", 2.0)):
            seconds: dict[str, list[float]] = {SMALL: [], LARGE: []}
            for _ in range(ROUNDS):
                for count in (SMALL, LARGE):
                    words = ("tests.device.agent_cost", "cost", count, "1000", recorded)
                    seconds[count].append(float(runtimes.run(runtime, *words)))
            small, large = median(seconds[SMALL]), median(seconds[LARGE])
            what = "decision" if recorded == "no" else "decision and record"
            more = f" {small * 1e6:.0f} and {large * 1e6:.0f} us"
            text = f"{what}, {LARGE} to {SMALL} services, {runtime}"
            line(text, large / small, "", limit, more)


def growth(line: Line) -> None:
    """The heap of the frozen agent before and after a million decisions."""
    words = ("tests.device.agent_cost", "growth", SMALL, EVENTS)
    before, after = map(int, runtimes.run("frozen", *words).split())
    decided = 2 * int(EVENTS)
    line(f"heap in use after {decided} decisions: more by", (after - before) / 1000, "kB", 1.0)


def boots(folder: Path, worker: Path, line: Line) -> None:
    """s6-svscan to 30 services ready: with the agent and conditions, and plain."""
    seconds: dict[str, list[float]] = {"plain": [], "agent": [], "cold": []}
    for number in range(ROUNDS):
        for kind in seconds:
            made = folder / f"{kind}{number}"
            made.mkdir()
            here = Room(made, FROZEN, worker)
            try:
                if kind != "cold":
                    here.install(down=kind == "agent")
                if kind != "plain":
                    here.install_agent()
                here.boot()
                seconds[kind].append(here.ready_at())
                if kind == "cold" and number == ROUNDS - 1:
                    _resident(here, line)
            finally:
                here.end()
    plain = median(seconds["plain"])
    line("s6-svscan to 30 services ready, plain s6", plain * 1000, "ms")
    for kind, what in (("agent", "folders there"), ("cold", "folders made by it")):
        line(f"the same with the agent, {what}", median(seconds[kind]) * 1000, "ms")
        line(f"with the agent to plain, {what}", median(seconds[kind]) / plain, "", 1.5)


def _resident(here: Room, line: Line) -> None:
    """The agent beside its 30 services: memory, and wake-ups while nothing happens."""
    found = control.status(str(here.scan), "frost-agent")
    assert found is not None
    status = Path(f"/proc/{found.pid}/status")

    def field(name: str) -> int:
        rows = status.read_text().splitlines()
        return int(next(row for row in rows if row.startswith(name + ":")).split()[1])

    wait.until("the agent rests", lambda: _is_quiet(field), deadline_s=30)
    line("agent with 30 services, frozen: resident", field("VmRSS") / 1000, "MB", 1.5)
    line("   of it its own, not the binary's file", field("RssAnon") / 1000, "MB")
    before = field("voluntary_ctxt_switches")
    time.sleep(IDLE_S)
    woken = field("voluntary_ctxt_switches") - before
    line(f"agent's wake-ups in {IDLE_S:g} idle seconds", woken, "", 0.0)


def _is_quiet(field: Callable[[str], int]) -> bool:
    before = field("voluntary_ctxt_switches")
    time.sleep(0.3)
    return field("voluntary_ctxt_switches") == before


def following(folder: Path, line: Line) -> None:
    """A pppd-like service dies and returns: until route, address and firewall zone have
    followed."""
    for runtime in runtimes.NAMES:
        made = folder / f"ppp-{runtime}"
        made.mkdir()
        with room.running(runtime, made) as machine:
            times = json.loads(room.inside(machine, "field", "ppp", str(PPP_DEATHS)))
        more = f" worst {max(times):.3f} of {len(times)}"
        line(f"outputs to route, address, zone, {runtime}: median", median(times), "ms", 50, more)


def main(line: Line) -> int:
    """Print all figures."""
    with tempfile.TemporaryDirectory(prefix="fg-bench-agent-", dir=TMPFS) as name:
        folder = Path(name)
        os.chmod(folder, 0o755)
        worker = room.build_worker(folder)
        decisions(line)
        boots(folder, worker, line)
        following(folder, line)
        growth(line)
    return 0


if __name__ == "__main__":
    from tests.bench.bench import line as printed

    sys.exit(main(printed))
