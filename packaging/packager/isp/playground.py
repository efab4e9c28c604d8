"""An ISP and the computers on the router's LANs, each link's far end a tap: a router in QEMU hangs
between them. `with running() as playground:`; however the block ends, nothing of it stays.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from packager.isp import client, interruption, names, services4
from packager.isp.isp import PLAUSIBLE, Isp, Lifetimes
from packager.isp.namespaces import Machine
from packager.isp.taps import open_tap

MOST_LANS = 3


class Playground:
    """The ISP, the hosts, and the taps' descriptors: the WAN's first, then each LAN's."""

    def __init__(self, isp: Isp, hosts: list[Machine]) -> None:
        self.isp = isp
        self.hosts = hosts
        self.taps: list[int] = []

    def start(self) -> None:
        """Make the taps, then the daemons."""
        self.taps.append(open_tap("line", self.isp.machine))
        self.isp.start()
        services4.start(self.isp)
        for host in self.hosts:
            self.taps.append(open_tap(client.LINK, host))
            client.start(host)

    def tail(self) -> str:
        """The ends of all logs, for messages about failures."""
        return "\n".join(each.tail() for each in (self.isp.machine, *self.hosts))


@contextlib.contextmanager
def running(
    lans: int = 1, times: Lifetimes | None = None, base: str = PLAUSIBLE
) -> Iterator[Playground]:
    """An ISP and one host on each of `lans` LANs, 1 to MOST_LANS; needs root.

    SIGTERM and SIGHUP unwind the block as SIGINT does. What a killed run left is removed first:
    its processes ended with it, its namespaces' names did not.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"fg-isp-{os.getpid()}-"))
    machines: list[Machine] = []
    playground = None
    names.remove_stale()
    with interruption.unwinding_signals():
        try:
            for role in ("isp", *(f"lan{number}" for number in range(lans))):
                machines.append(Machine(role, folder / f"{role}.log"))
                machines[-1].boot()
            isp = Isp(machines[0], times or Lifetimes(), base)
            playground = Playground(isp, machines[1:])
            playground.start()
            yield playground
        finally:
            with interruption.undisturbed():
                for fileno in playground.taps if playground else ():
                    os.close(fileno)
                for machine in machines:
                    machine.close()
                shutil.rmtree(folder)
