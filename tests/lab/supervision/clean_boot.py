"""The state of a clean boot with the facts of now, and how the machine differs from it.

What a clean boot brings up is told by the simulated s6 of tests/device/supervision_world.py, with
the kernel's links, the operator's wishes and what the programs publish.
"""

import json
import os
from pathlib import Path
from typing import Any

from agent import devices, link_states, outputs
from agent.graph.model import ENV, RESTART
from agent.s6 import values
from packager.isp.namespaces import SCAN
from tests.device.supervision_world import World
from tests.lab.supervision import graphs
from tests.lab.supervision.hand import AGENT, Hand, commands
from tests.lab.supervision.room import OUTPUTS, RUN


class CleanBoot:
    """One comparison at the end of a round."""

    def __init__(self, hand: Hand) -> None:
        self.hand = hand
        self.facts: dict[str, Any] | None = None
        self.expected: dict[str, dict[str, str]] = {}

    def _facts(self) -> dict[str, Any]:
        """Links, the device and wishes as they are now: the kernel settles some time after us."""
        list(self.hand.view.read())
        links = list(self.hand.view.links.values())
        addresses = list(self.hand.view.addresses.values())
        facts: dict[str, Any] = {}
        for name in graphs.LINKS:
            facts["link " + name] = link_states.standing(name, links, addresses)
        for key in self.hand.graph.watchers:
            if key.startswith("device "):
                there = devices.present("net", graphs.DEVICE["name"], {})
                facts[key] = True if there else None
        folder = Path(RUN, "wishes")
        for wish in folder.iterdir() if folder.exists() else ():
            if wish.name in self.hand.graph.services:
                facts["wish " + wish.name] = wish.read_text().strip()
        return {key: fact for key, fact in facts.items() if fact is not None}

    def _clean_boot(self) -> dict[str, dict[str, str]]:
        """What a clean boot with the facts of now would bring up, with which values."""
        facts = self._facts()
        if facts == self.facts:
            return self.expected
        world = World(self.hand.graph, check=False)
        for name, process in world.processes.items():
            process.publishes = dict(self.hand.values.get(name, {}))
        world.facts = dict(facts)
        world.begin()
        world.rest()
        assert world.broken == [], world.broken
        self.facts, self.expected = facts, world.up()
        return self.expected

    def differences(self) -> list[str]:
        expected = self._clean_boot()
        found = []
        for name in self.hand.names():
            if name in expected:
                found += self._up_differences(name, expected[name])
            else:
                found += self._down_differences(name)
        gone = [n for n in os.listdir(SCAN) if n[0] != "." and n != AGENT]
        found += [f"{n} is still there" for n in gone if n not in self.hand.graph.services]
        if not found:
            found += [f"stray {stray}" for stray in self.hand.strays().items()]
            found += self.hand.violations()
            found += self._told_differences(expected)
        return found

    def _up_differences(self, name: str, used: dict[str, str]) -> list[str]:
        if not self.hand.is_up(name):
            return [f"{name} is not up: {self.hand.status(name)}"]
        found = []
        service = self.hand.graph.services[name]
        given = values.read_values(SCAN, service)
        for reference in service.references:
            if reference.change == "ignore":
                given.pop(f"{reference.place} {reference.name}", None)
        if given != used:
            found.append(f"{name} has {given}, not {used}")
        found += self._environment_differences(name, used)
        published = outputs.read(OUTPUTS, name) or {}
        if published != self.hand.values[name]:
            found.append(f"{name} published {published}, not {self.hand.values[name]}")
        return found

    def _environment_differences(self, name: str, used: dict[str, str]) -> list[str]:
        """What the process itself was given, where a change is to restart it."""
        path = Path(f"/proc/{self.hand.pid(name)}/environ")
        try:
            words = path.read_bytes().decode().split("\0")
        except OSError:
            return [f"{name} has just ended"]
        environ = dict(word.split("=", 1) for word in words if word)
        found = []
        for reference in self.hand.graph.services[name].references:
            if reference.place == ENV and reference.change == RESTART:
                given, wanted = environ.get(reference.name), used.get("env " + reference.name)
                if given != wanted:
                    found.append(f"{name} runs with {reference.name}={given}, not {wanted}")
        return found

    def _down_differences(self, name: str) -> list[str]:
        status = self.hand.status(name)
        if status is not None and (status.pid or status.ending):
            return [f"{name} is not down: {status}"]
        published = outputs.read(OUTPUTS, name) or {}
        named = [p for p in published if f"output {name}/{p}" in self.hand.graph.watchers]
        return [f"{name} is down and has outputs {published}"] if named else []

    def _told_differences(self, expected: dict[str, dict[str, str]]) -> list[str]:
        """What the agent says."""
        states = self.hand.states()
        found = [f"{n} is told to be {s}" for n, s in states.items() if s not in ("up", "down")]
        for name in self.hand.names():
            if (states.get(name) == "up") != (name in expected):
                found.append(f"{name} is told to be {states.get(name)}")
        return found

    def explanation(self) -> str:
        """What the agent says of the services that are not as expected, and its last decisions."""
        expected = self._clean_boot()
        states = self.hand.states()
        found = [n for n in self.hand.names() if (states.get(n) == "up") != (n in expected)]
        lines = [json.dumps(line) for name in found for line in self.hand.ask_surely("why", name)]
        told = self.hand.ask_surely("events")
        lines += [json.dumps(line) for line in told if line.get("facts") != {}][-60:]
        lines += [f"{pid} {' '.join(argv)}" for pid, argv in commands()]
        return "\n".join([f"{self.facts}\nclean boot: {expected}", *lines, self.hand.log()])
