"""The whole lab: an ISP, the router and one host on each LAN, cabled and started.

`with running() as lab:` is all that a test or the demo needs. However the block ends, by an
exception or a signal too, nothing of the lab stays behind.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from packager.isp import interruption, names, namespaces, wait
from packager.isp.isp import LINE_MAC, ROUTER_MAC, Isp, Lifetimes
from packager.isp.namespaces import Machine
from tests.lab.host import Host
from tests.lab.router import FROZEN, Router

LANS = ("lan0", "lan1")


class Lab:
    """Three kinds of machines and the cables between them. Made by running()."""

    def __init__(self, machines: dict[str, Machine], times: Lifetimes, programs: Path) -> None:
        self.machines = machines
        self.router = Router(machines["router"], LANS, programs)
        self.isp = Isp(machines["isp"], times)
        self.hosts = [Host(machines[f"host{i}"]) for i in range(len(LANS))]

    def cable_wan(self) -> None:
        """The cable between ISP and router; the router's end is up, the ISP's end down."""
        macs = (LINE_MAC, ROUTER_MAC)
        namespaces.cable(self.isp.machine, "line", self.router.machine, "wan", macs)
        self.router.machine.sysctl(wan__accept_ra=0)
        self.router.machine.ip("link", "set", "wan", "up")

    def replace_wan(self) -> None:
        """The WAN's veth is deleted and made anew, under the same names and other indexes."""
        self.isp.machine.ip("link", "del", "line")
        self.cable_wan()
        self.isp.mend()

    def cable_lan(self, number: int) -> None:
        """The cable between the router and one host, both ends up."""
        macs = (
            f"02:00:5e:00:53:{0x10 + number:02x}",
            f"02:00:5e:00:53:{0x20 + number:02x}",
        )
        host = self.hosts[number]
        namespaces.cable(self.router.machine, LANS[number], host.machine, "eth0", macs)
        self.router.machine.sysctl(**{f"{LANS[number]}__accept_ra": 0})
        self.router.machine.ip("link", "set", LANS[number], "up")
        host.start()

    def settle(self, start: str) -> None:
        """Wait until the router and every host hold a prefix that begins so, and hosts reach the
        internet side with it."""
        wait.until(
            f"the lease has a prefix that begins {start}",
            self.router.prefixes,
            lambda seen: any(prefix.startswith(start) for prefix in seen),
            deadline_s=40.0,
            evidence=self.router.machine.tail,
        )
        for name in LANS:
            self.router.await_address(name, start)
        for host in self.hosts:
            host.await_ping(host.await_usable(start))


@contextlib.contextmanager
def running(
    times: Lifetimes | None = None,
    *,
    programs: Path = FROZEN,
    lans: tuple[int, ...] = (0, 1),
    isp: bool = True,
    router: bool = True,
) -> Iterator[Lab]:
    """A lab with its cables; `lans` are the LANs cabled at once, the caller may add the rest.

    isp=False or router=False leave that machine without daemons or programs, for tests that
    start them later. Raises FileNotFoundError when the frozen programs have not been built.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"fg-lab-{os.getpid()}-"))
    machines: dict[str, Machine] = {}
    names.remove_stale()
    with interruption.unwinding_signals():
        try:
            for role in ("isp", "router", *(f"host{i}" for i in range(len(LANS)))):
                machines[role] = Machine(role, folder / f"{role}.log")
                machines[role].boot()
            lab = Lab(machines, times or Lifetimes(), programs)
            lab.cable_wan()
            for number in lans:
                lab.cable_lan(number)
            if isp:
                lab.isp.start()
            if router:
                lab.router.start()
            yield lab
        finally:
            with interruption.undisturbed():
                for machine in machines.values():
                    machine.close()
                shutil.rmtree(folder)
