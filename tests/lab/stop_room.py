"""A site's machine in which one service after the other is started and stopped again.

Every service is held down by the operator's wish first; then, providers before users, each is let
go, stopped, compared with what was there before it, and let go again for those that need it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent.graph import read
from agent.graph.model import BUNDLE
from packager import compiled
from packager.gathered import units_of
from packager.isp import namespaces, services4, wait
from packager.isp.isp import LINE_MAC, PLAUSIBLE, ROUTER_MAC, Isp, Lifetimes
from packager.isp.namespaces import Machine
from services.model import Resource, Secret, Service, Site
from services.site import places
from services.site.described import Described, parameters
from services.site.outputs import Ref
from tests.lab import leavings
from tests.lab.box import Box
from tests.runtimes import ROOT

FROZEN = ROOT / "build" / "x86_64"
UPLINK = "eth0"  # leads to the ISP, in all examples
# chronyd would set the clock of the machine that the lab runs on; with -x it never does.
CHRONYD = '#!/bin/sh\nexec /usr/sbin/chronyd -x "$@"\n'


def order(site: Site) -> list[str]:
    """The units, providers before users; of those that don't need each other the site's order, in
    which a lease comes before those that apply it; the firewall first, for leases pass it."""
    graph = read.read(compiled.compile(site).graph, "graph")
    found: list[str] = []

    def add(name: str) -> None:
        if name not in found:
            for provider in graph.needs[name]:
                add(provider)
            if name not in found and graph.services[name].kind != BUNDLE:
                found.append(name)

    add(compiled.LOOPBACK)
    closed = [each for each in site.services if any(unit.early for unit in units_of(each))]
    for service in (*closed, *site.services):
        for unit in units_of(service):
            add(unit.name)
    return found


def mentions(value: object, wanted: set[str]) -> bool:
    """Whether a service is of one of these classes, or refers to one that is."""
    if isinstance(value, tuple):
        return any(mentions(item, wanted) for item in value)
    if isinstance(value, Ref):
        return mentions(value.service, wanted)
    if not isinstance(value, Described):
        return False
    named = type(value).__name__ in wanted
    return named or any(mentions(getattr(value, p.name), wanted) for p in parameters(type(value)))


class StopRoom:
    """The machine of one site, an ISP at its uplink and a neighbour at every other port."""

    def __init__(self, folder: Path, machines: dict[str, Machine], site: Site) -> None:
        self.site = site
        self.box = Box(machines["router"], compiled.compile(site), FROZEN)
        self.isp = Isp(machines["isp"], Lifetimes(), PLAUSIBLE)
        self.neighbour = machines["neighbour"]
        self.order = order(site)
        self.graph = read.read(self.box.compiled.graph, "graph")

    def boot(self) -> None:
        """Cabled and with its agent, and nothing of the site runs yet."""
        machine = self.box.machine
        self.isp.machine.boot()
        self.neighbour.boot()
        self.box.boot()
        for number, name in enumerate(self._ports()):
            if name == UPLINK:
                macs = (LINE_MAC, ROUTER_MAC)
                namespaces.cable(self.isp.machine, "line", machine, UPLINK, macs)
            else:
                macs = (
                    f"02:00:5e:00:53:{0x60 + number:02x}",
                    f"02:00:5e:00:53:{0x80 + number:02x}",
                )
                namespaces.cable(self.neighbour, f"port{number}", machine, name, macs)
                self.neighbour.ip("link", "set", f"port{number}", "up")
        machine.write(f"{places.PROGRAMS}/chronyd", CHRONYD, 0o755)
        for secret in self._secrets():
            machine.write(f"{places.SECRETS}/{secret}", "correct horse battery\n", 0o600)
        for name in self.order:
            machine.write(f"{places.RUN}/wishes/{name}", "down\n")
        # An image has none before a service writes it; the lab's boot makes one.
        machine.path("/run/resolv.conf").unlink()
        self.isp.start()
        services4.start(self.isp)
        self.box.start()

    def _resources(self) -> Iterator[Resource]:
        for service in self.site.services:
            yield from service.resources()

    def _ports(self) -> list[str]:
        claims = self.box.compiled.claims
        return sorted(
            {UPLINK} | {each.what for each in claims if each.kind == "link" and not each.makes}
        )

    def _secrets(self) -> set[str]:
        return {each.name for each in self.site.secrets} | {
            getattr(service, each.name).name
            for service in self.site.services
            for each in parameters(type(service))
            if isinstance(getattr(service, each.name), Secret)
        }

    def impossible(self, absent: set[str]) -> set[str]:
        """The units that can't come up without these definitions' units."""
        found: set[str] = set()
        for service in self.site.services:
            if mentions(service, absent):
                found |= {unit.name for unit in units_of(service)}
        for name in self.order:  # providers come first
            if found & set(self.graph.needs[name]):
                found.add(name)
        return found

    # --- one service

    def state(self, name: str) -> dict[str, Any]:
        """What `frost status` says of it."""
        found: dict[str, Any] = json.loads(self.box.frost("status", "-j", name))
        return found

    def await_state(self, name: str, *wanted: str) -> None:
        """Wait until it is in one of these states."""
        wait.until(
            f"{name} is {' or '.join(wanted)}",
            lambda: self.state(name)["state"],
            lambda seen: seen in wanted,
            evidence=lambda: self.box.machine.run("frost", "why", name) + self.box.log(),
        )

    def start(self, name: str, comes_up: bool) -> leavings.Snapshot:
        """Let it go until all that it does is done; what is there then."""
        self.box.frost("release", name)
        if comes_up:
            self.await_state(name, "up")
        return self.settled()

    def stop(self, name: str) -> leavings.Snapshot:
        """Hold it down; what is there then."""
        self.box.frost("stop", name)
        self.await_state(name, "down")
        return self.settled()

    def settled(self) -> leavings.Snapshot:
        """What is there once two looks see the same."""
        seen: list[leavings.Snapshot] = []

        def look() -> list[str]:
            seen.append(leavings.snapshot(self.box.machine))
            return leavings.difference(seen[-2], seen[-1]) if len(seen) > 1 else ["nothing yet"]

        wait.until("nothing changes any more", look, lambda lines: not lines)
        return seen[-1]


def classes(services: tuple[Service, ...]) -> set[str]:
    """The definitions that these are made of."""
    return {type(service).__name__ for service in services}
