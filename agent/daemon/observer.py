"""Turns what s6, the outputs, links, devices and the operator say into facts.

`look()` is everything as it is now. `changes()` says what may have changed since, and falls back
to a full look when something was lost: an overflow, an overrun, a folder that went. Facts are
levels, so one that is told twice does no harm (docs/agent.md lists them).
"""

import json

from agent import devices, link_states, outputs
from agent.daemon import instances, places, secrecy
from agent.graph.model import ONESHOT
from agent.port import files
from agent.port.devices import Devices
from agent.port.errno import ENOENT, ENOTDIR
from agent.port.records import (
    IN_CREATE,
    IN_IGNORED,
    IN_MOVED_TO,
    IN_ONLYDIR,
    IN_Q_OVERFLOW,
    Overrun,
)
from agent.s6 import control, install, values
from agent.s6.status import StatusError
from agent.view import View

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agent.daemon.places import Places
    from agent.graph.model import Graph

    Facts = dict[str, Any]

DEVICE, LINK, OUTPUT, S6 = "device ", "link ", "output ", "s6 "


class Observer:
    """Follows everything that the graph names. Take it, then look(): nothing falls between.

    `complaints` collects one line for each thing that could not be read; the caller takes them.
    """

    def __init__(self, graph: "Graph", where: "Places") -> None:
        self.where = where
        self.complaints: list[str] = []
        self.secrecy = secrecy.Secrecy(graph, where)
        self.instances = instances.Instances(where)
        self._folders = files.Watch()
        self._outputs = outputs.Watch(where.outputs)
        self._view: View | None = None
        self._devices: Devices | None = None
        self.follow(graph)

    def follow(self, graph: "Graph") -> None:
        """Take up another graph: its services, outputs, links and devices from now on."""
        self.graph = graph
        self.secrecy.follow(graph)
        self._paths: dict[str, list[str]] = {}  # service: the paths of its outputs that are named
        self._keys: list[str] = []  # of devices
        self._links: set[str] = set()
        for key in graph.watchers:
            what, _, rest = key.partition(" ")
            if what == "output":
                service, _, path = rest.partition("/")
                self._paths.setdefault(service, []).append(path)
            elif what == "device":
                self._keys.append(rest)
            elif what == "link":
                self._links.add(rest)
        self._watched: dict[int, str] = {}  # watch descriptor: service
        kinds = graph.services
        self.instances.oneshots = [name for name in graph.order if kinds[name].kind == ONESHOT]
        for name in graph.order:
            self._watch(name)
        if self._view is None and (self._links or graph.link_outputs):
            self._view = View(("link", "address"))
        if self._devices is None and self._keys:
            self._devices = Devices()

    def filenos(self) -> list[int]:
        """Readable when changes() has something to tell."""
        found = [self._folders.fileno(), self._outputs.fileno()]
        if self._view is not None:
            found.append(self._view.fileno())
        if self._devices is not None:
            found.append(self._devices.fileno())
        return found + self.instances.filenos()

    def look(self) -> "Facts":
        """Every fact as it is now."""
        facts: Facts = {}
        self.instances.look([name for name in self.graph.order if self._runs(name)])
        for name in self.graph.order:
            if self._runs(name):
                facts.update(self.service(name))
        for service in sorted(self._paths):
            facts.update(self.outputs(service))
        facts.update(self._read_links(facts))
        facts.update(self._read_devices(self._keys))
        facts.update(self._read_wishes())
        facts.update(self.installed())
        for name in self.graph.order:
            if self.graph.services[name].references:
                facts.update(self.used(name))
        return facts

    def changes(self, known: "Facts") -> "Facts":
        """The facts that may have changed since the last call. Never waits."""
        facts: Facts = {}
        for name in self._changed_services():
            facts.update(self.service(name))
        for name in self.instances.ended():
            facts.update(self.service(name))
        changed = self._outputs.read()
        for service in sorted(self._paths) if changed is None else changed:
            facts.update(self.outputs(service))
        if self._view is not None:
            moved = [True for _ in self._view.read()]
            named = [key for key in facts if key[len(OUTPUT) :] in self.graph.link_outputs]
            if moved or named:
                both = dict(known)
                both.update(facts)
                facts.update(self._read_links(both))
        facts.update(self._changed_devices())
        return facts

    def service(self, name: str) -> "Facts":
        """What s6 says of a service, with the orphan that it does not know of."""
        try:
            status = control.status(self.where.scan, name)
        except (StatusError, OSError) as error:
            self.complaints.append("%s: %s" % (name, error))
            return {}
        if status is None:
            return {S6 + name: None}
        stray = self.instances.see(name, status)
        told = [status.pid, status.stamp, status.ready, status.exit, status.ending, stray]
        return {S6 + name: told}

    def installed(self) -> "Facts":
        """Which version of which service directory is there; what the graph lacks among them."""
        found = install.installed(self.where.scan)
        names = set(found)
        names.update([name for name in self.graph.order if self._runs(name)])
        return {"installed " + name: found.get(name) or None for name in sorted(names)}

    def used(self, name: str) -> "Facts":
        """The values that the service directory holds."""
        found = values.read_values(self.where.scan, self.graph.services[name])
        return {"used " + name: self.secrecy.hide(name, found)}

    def close(self) -> None:
        """Stop following."""
        self._folders.close()
        self._outputs.close()
        if self._view is not None:
            self._view.close()
        if self._devices is not None:
            self._devices.close()

    def _runs(self, name: str) -> bool:
        return self.graph.services[name].kind != "bundle"

    def _watch(self, name: str) -> None:
        """Watch a service's supervise folder, or its directory until s6-supervise makes one."""
        folder = "%s/%s" % (self.where.scan, name)
        for _ in range(2):  # the folder may be made between the two
            for path in (folder + "/supervise", folder):
                try:
                    wd = self._folders.add(path, IN_MOVED_TO | IN_CREATE | IN_ONLYDIR)
                except OSError as error:
                    if error.errno not in (ENOENT, ENOTDIR):
                        raise
                    continue
                self._watched[wd] = name
                if path != folder:
                    return
                break

    def _changed_services(self) -> list[str]:
        names: set[str] = set()
        while True:
            events = self._folders.read()
            if not events:
                return sorted(names)
            for wd, mask, _, file in events:
                if mask & IN_Q_OVERFLOW:
                    names.update([name for name in self.graph.order if self._runs(name)])
                name = self._watched.get(wd, "")
                if name not in self.graph.services:
                    continue
                if mask & IN_IGNORED:
                    self._watched.pop(wd, None)
                if mask & IN_IGNORED or file == "supervise":
                    self._watch(name)
                    names.add(name)
                elif file == "status":
                    names.add(name)

    def installed_anew(self, name: str) -> None:
        """A service directory was made: follow it."""
        self._watch(name)

    def outputs(self, service: str) -> "Facts":
        """What a service has published, of what the graph names."""
        if service not in self._paths:
            return {}
        try:
            published = outputs.read(self.where.outputs, service) or {}
        except outputs.OutputsError as error:
            self.complaints.append("%s" % error)
            return {}
        facts = {}
        for path in self._paths[service]:
            output = "%s/%s" % (service, path)
            facts[OUTPUT + output] = self.secrecy.fact(output, value_of(published, path))
        return facts

    def _read_links(self, facts: "Facts") -> "Facts":
        if self._view is None:
            return {}
        names = set(self._links)
        for output in self.graph.link_outputs:
            names.add(facts.get(OUTPUT + output) or "")
        links = list(self._view.links.values())
        addresses = list(self._view.addresses.values())
        found = {}
        for name in names:
            if name:
                found[LINK + name] = link_states.standing(name, links, addresses)
        return found

    def _read_devices(self, keys: list[str]) -> "Facts":
        facts: Facts = {}
        for key in keys:
            facts[DEVICE + key] = True if devices.present(*_pattern(key)) else None
        return facts

    def _changed_devices(self) -> "Facts":
        if self._devices is None:
            return {}
        try:
            subsystems = {event.subsystem for event in self._devices.read()}
        except Overrun:
            return self._read_devices(self._keys)
        return self._read_devices([key for key in self._keys if _pattern(key)[0] in subsystems])

    def _read_wishes(self) -> "Facts":
        folder = places.wishes(self.where)
        facts: Facts = {"wish " + name: None for name in self.graph.order}
        if files.kind(folder) != "folder":
            return facts
        for name in files.listing(folder):
            text = files.read(folder + "/" + name)
            if name in self.graph.services and text in (b"up\n", b"down\n"):
                facts["wish " + name] = text.decode().strip()
        return facts


def _pattern(key: str) -> tuple[str, str, dict[str, str]]:
    """The subsystem, name pattern and attributes that a device condition's key stands for."""
    pattern = json.loads(key)
    return pattern["subsystem"], pattern["name"], pattern.get("attributes") or {}


def value_of(published: dict[str, str], path: str) -> str | None:
    """An output's value; a folder's is the sorted list of the names in it, one a line."""
    if path in published:
        return published[path]
    start = path + "/"
    inside = [other[len(start) :] for other in published if other.startswith(start)]
    names = {other.partition("/")[0] for other in inside}
    return "\n".join(sorted(names)) if names else None
