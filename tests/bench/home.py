"""The home router's own programs together: memory, and wake-ups while nothing happens.

`python -m tests.bench.home`, as root, after `make frozen TARGET=x86_64`; `make bench` prints it
too. It is examples/home_router.py with its real daemons in the lab, all up, a host on the LAN.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from packager.isp import wait
from packager.isp.isp import Lifetimes
from packager.isp.namespaces import Machine
from tests.lab import test_home_router as lab

# Nothing of the lease is due while we look.
LEASE = Lifetimes(renew=1800, rebind=2700, preferred=3600, valid=7200, router=1800)
QUIET_S = 20.0
IDLE_S = 30.0

Line = Callable[..., None]


@contextmanager
def home(folder: Path) -> Iterator[lab.World]:
    """The router with everything up; the ISP's own periodic advertisements have stopped."""
    machines = {role: Machine(role, folder / f"{role}.log") for role in ("isp", "router", "host")}
    try:
        world = lab.World(folder, machines, lab.lab_site(()))
        world.isp.times = LEASE
        world.start()
        world.host.await_usable(world.isp.plan.start)
        world.box.await_states(firewall="up", dns="up", wan4_address="up", wan6_prefixes="up")
        world.isp.machine.svc("radvd", "-p")  # SIGSTOP
        yield world
    finally:
        for machine in machines.values():
            machine.close()


def ours(router: Machine) -> dict[str, list[Path]]:
    """The processes of our frozen binary in the router: folders below /proc, by program."""
    space = os.stat(f"/proc/{router.pid}/ns/mnt")
    found: dict[str, list[Path]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.path.samestat(os.stat(entry / "ns" / "mnt"), space):
                if os.readlink(entry / "exe").endswith("/frost"):
                    argv = (entry / "cmdline").read_bytes().split(b"\0")
                    found.setdefault(os.path.basename(argv[0]).decode(), []).append(entry)
        except OSError:
            continue  # it has ended meanwhile, or is a kernel thread
    return found


def field(process: Path, file: str, name: str) -> int:
    """A number of a process, as /proc tells it; 0 when the process has ended."""
    try:
        rows = (process / file).read_text().splitlines()
    except OSError:
        return 0
    return int(next(row for row in rows if row.startswith(name + ":")).split()[1])


def woken(router: Machine) -> dict[str, int]:
    """How often each program has given up its processor: it sleeps as often as it wakes."""
    return {
        name: sum(field(each, "status", "voluntary_ctxt_switches") for each in processes)
        for name, processes in ours(router).items()
    }


def main(line: Line) -> None:
    """Print all figures."""
    with tempfile.TemporaryDirectory(prefix="fg-bench-home-") as name, home(Path(name)) as world:
        router = world.box.machine
        wait.until("our programs rest", lambda: _is_quiet(router), deadline_s=240)
        before = woken(router)
        time.sleep(IDLE_S)
        after = woken(router)
        total = 0.0
        for program, processes in sorted(ours(router).items()):
            memory = sum(field(each, "smaps_rollup", "Pss") for each in processes) / 1000
            more = f" {len(processes)} of them" if len(processes) > 1 else ""
            line(f"   {program}: memory (PSS)", memory, "MB", None, more)
            total += memory
        line("home router: our programs' memory together (PSS)", total, "MB", 8.0)
        count = sum(after.get(each, 0) - before[each] for each in before)
        rest = [each for each in before if after.get(each) != before[each]]
        line(f"home router: wake-ups in {IDLE_S:g} idle seconds", count, "", 0.0, " ".join(rest))


def _is_quiet(router: Machine) -> bool:
    before = woken(router)
    time.sleep(QUIET_S)
    return woken(router) == before


if __name__ == "__main__":
    from tests.bench.bench import line as printed

    main(printed)
