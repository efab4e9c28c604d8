"""The demo: the lab tells its story in plain lines, each with the time of its step.

`python -m tests.lab.demo`, as root. Needs no terminal. Exit codes: 0 the story came to its end,
1 a step did not happen, 111 the lab could not be made, 128 + N ended by signal N. However it ends,
nothing of the lab stays behind.
"""

import os
import signal
import subprocess
import sys
import time

from packager.isp import wait
from packager.isp.interruption import Stopped
from packager.isp.isp import INTERNET, Lifetimes
from packager.isp.namespaces import CommandFailed
from tests.lab import table
from tests.lab.lab import LANS, Lab, running
from tests.lab.router import LEASE
from tests.lab.sniffer import Sniffer

TIMES = Lifetimes(renew=6, rebind=40, preferred=50, valid=60, router=60)


class Story:
    """Prints each step with the time since the begin, and since what caused it."""

    def __init__(self) -> None:
        self.begin = time.monotonic()
        self.cause = self.begin
        self.of = ""

    def chapter(self, title: str) -> None:
        """A heading. What follows has no cause until caused() names one."""
        self.of = ""
        print(f"\n{title}", flush=True)

    def caused(self, of: str) -> None:
        """The steps from here on follow from what has just happened."""
        self.cause, self.of = time.monotonic(), of

    def tell(self, text: str) -> None:
        """One step, seen just now."""
        now = time.monotonic()
        since = f", {(now - self.cause) * 1000:.0f} ms after {self.of}" if self.of else ""
        print(f"[{now - self.begin:7.3f} s] {text}{since}", flush=True)


def machines(story: Story, lab: Lab) -> None:
    """Namespaces, the ISP's daemons and the router's programs."""
    story.chapter("The machines")
    for role, machine in sorted(lab.machines.items()):
        story.tell(f"{role}: namespace {machine.name}, s6-svscan is its init")
    lab.isp.start()
    story.tell("isp: Kea (DHCPv6) and radvd (default router) run")
    lab.router.start(client=False)
    for name, argv in lab.router.longruns():
        story.tell(f"router: s6 runs {name}: {' '.join(argv)}")


def first_lease(story: Story, lab: Lab) -> None:
    """From the client's start to the first ping."""
    story.chapter("The lease")
    lab.router.start_client()
    story.tell(f"router: s6 runs the DHCPv6 client as {LEASE}")
    story.caused("the client's start")
    prefixes = lab.router.await_lease()
    story.tell(f"router: the ISP delegated {' '.join(sorted(prefixes))}")
    story.caused("the lease")
    follow(story, lab)


def follow(story: Story, lab: Lab) -> None:
    """The WAN and the LANs take what the lease says now: each step told as it is seen."""
    router, start = lab.router, lab.isp.plan.start
    address = router.await_address("wan", lab.isp.plan.subnet.removesuffix(":/64"))
    story.tell(f"router: wan has {address}")
    await_wan(lab)
    story.tell(f"router: default route via {router.gateways()[0]} dev wan")
    for lan in LANS:
        held = router.await_lan_prefix(lan, start)
        address = router.await_address(lan, start)
        story.tell(f"router: {lan} has {held}, the router is {address} there")
    for number, host in enumerate(lab.hosts):
        story.tell(f"host{number}: has {host.await_usable(start)} by router advertisement")
    for number, host in enumerate(lab.hosts):
        host.await_ping(host.usable(start)[0])
        story.tell(f"host{number}: {INTERNET} on the ISP's side answers its ping")


def renumbering(story: Story, lab: Lab) -> None:
    """The ISP switches to another subnet and pool; the LAN follows."""
    story.chapter("The ISP renumbers")
    old = lab.isp.plan
    new = lab.isp.renumber()
    story.tell(f"isp: Kea is back with {new.subnet} and {new.delegated}/40 instead")
    story.caused("the ISP's change")
    prefixes = wait.until(
        "the lease has a prefix of the new pool",
        lab.router.prefixes,
        lambda seen: any(prefix.startswith(new.start) for prefix in seen),
        evidence=lab.router.machine.tail,
    )
    story.tell(f"router: the Renew brought {' '.join(sorted(prefixes))}")
    story.caused("the new lease")
    for number, host in enumerate(lab.hosts):
        story.tell(f"host{number}: {host.await_deprecated(old.start)} is deprecated")
    follow(story, lab)


def await_wan(lab: Lab) -> None:
    """Wait until the lease is bound and the router has its default route."""
    wait.until(
        "the lease is bound and has a default route",
        lambda: (lab.router.outputs(LEASE).get("state"), lab.router.gateways()),
        lambda seen: seen[0] == "bound" and seen[1],
        deadline_s=40.0,  # the client's and radvd's own pace decide
        evidence=lab.router.machine.tail,
    )


def link_cut(story: Story, lab: Lab) -> None:
    """A carrier loss shorter than the hold-down: no default router meanwhile, same prefixes."""
    story.chapter("The link to the ISP is cut and restored")
    before = {lan: lab.router.lan_prefixes(lan) for lan in LANS}
    addresses = [host.usable(lab.isp.plan.start) for host in lab.hosts]
    with Sniffer(lab.hosts[0].machine, "eth0") as sniffer:
        cut = time.time()
        lab.isp.cut()
        story.caused("the cut")
        story.tell("isp: the link is down")
        sniffer.await_one("has router lifetime 0", lambda ra: ra.router_lifetime == 0, after=cut)
        story.tell("host0: hears router lifetime 0")
        for number, host in enumerate(lab.hosts):
            host.await_no_default_router()
            story.tell(f"host{number}: has no default router, and its address still in use")
        lab.isp.mend()
        story.caused("the link's return")
        story.tell("isp: the link is up")
        await_wan(lab)
        story.tell("router: the lease is back, with the default route")
        for number, host in enumerate(lab.hosts):
            host.await_ping()
            story.tell(f"host{number}: {INTERNET} answers again")
        start = lab.isp.plan.start
        heard = [pair for ra in sniffer.read() for pair in ra.prefixes.items()]
        withdrawn = [p for p, option in heard if p.startswith(start) and not option.preferred]
    if {lan: lab.router.lan_prefixes(lan) for lan in LANS} != before or withdrawn:
        raise wait.Unmet(f"the LANs' prefixes were to stay {before}; withdrawn: {withdrawn}")
    if [host.usable(lab.isp.plan.start) for host in lab.hosts] != addresses:
        raise wait.Unmet(f"the hosts' addresses were to stay {addresses}")
    story.tell("hosts: the same addresses as before, never deprecated")


def tell() -> None:
    """The whole story, once."""
    story = Story()
    with running(TIMES, isp=False, router=False) as lab:
        machines(story, lab)
        first_lease(story, lab)
        renumbering(story, lab)
        link_cut(story, lab)
        story.chapter("What every side holds")
        print(table.render(lab), flush=True)
        story.chapter("The end")
    story.tell("everything is removed")


def main() -> int:
    """Tell the story; returns the exit code."""
    if os.geteuid() != 0:
        print("demo: expected to run as root, got another user", file=sys.stderr)
        return 111
    try:
        tell()
    except KeyboardInterrupt as stop:
        print("demo: interrupted; everything is removed", file=sys.stderr)
        return 128 + (stop.args[0] if isinstance(stop, Stopped) else signal.SIGINT)
    except wait.Unmet as unmet:
        print(f"demo: {unmet}", file=sys.stderr)
        return 1
    except (OSError, CommandFailed, subprocess.TimeoutExpired) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 111
    return 0


if __name__ == "__main__":
    sys.exit(main())
