"""A namespace with a WAN and two LANs for one applier: events in, the kernel's facts out."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent import outputs
from agent.port import clock
from packager.isp import wait
from tests.device.dhcp6_model import lease_values

PROJECT = Path(__file__).resolve().parents[2]
FROZEN = PROJECT / "build" / "x86_64"
LEASE = "dhcp6"


def programs() -> list[str]:
    """The runtimes to try: CPython, and the frozen binary when it is built."""
    return ["cpython"] + (["frozen"] if (FROZEN / "lan_prefix").exists() else [])


class Room:
    """`program` runs inside with `operands` after LEASE; every path is this room's own."""

    def __init__(self, name: str, folder: str, runtime: str, program: str, *operands: str) -> None:
        self.name, self.folder = name, folder
        self.root = folder + "/outputs"
        self.program = program
        if runtime == "frozen":
            self.argv = [str(FROZEN / program)]
        else:
            self.argv = [sys.executable, "-m", "services.dhcp6." + program]
        self.operands = [LEASE, *operands]
        self.process: subprocess.Popen[bytes] | None = None
        self.stderr = Path(folder) / "stderr"
        self.stdout = Path(folder) / "stdout"

    def command(self, *options: str) -> list[str]:
        return ["ip", "netns", "exec", self.name, *self.argv, *options, *self.operands]

    def environ(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return {**kept, "FROST_OUTPUTS": self.root, "PYTHONPATH": str(PROJECT)}

    def start(self, *options: str) -> None:
        with self.stderr.open("ab") as log, self.stdout.open("ab") as out:
            self.process = subprocess.Popen(
                self.command("-v", *options),
                env=self.environ(),
                stdout=out,
                stderr=log,
                cwd=self.folder,
            )

    def kill(self, number: int = signal.SIGKILL) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(timeout=10)
        self.process = None
        return code

    def once(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Run the program with -n or -c, to its end."""
        return subprocess.run(
            self.command(*options),
            env=self.environ(),
            capture_output=True,
            text=True,
            timeout=30,
            cwd=self.folder,
        )

    def ip(self, words: str) -> str:
        argv = ["ip", "-n", self.name, *words.split()]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout

    def sysctl(self, name: str, value: int) -> None:
        argv = ["ip", "netns", "exec", self.name, "sysctl", "-qw", f"{name}={value}"]
        subprocess.run(argv, check=True)

    def try_ip(self, words: str) -> None:
        """An ip command whose failure does not matter: what it is about may be gone."""
        subprocess.run(["ip", "-n", self.name, *words.split()], capture_output=True)

    def publish(self, told: list[Any] | None) -> None:
        """The lease from now on, as dhcp6_model.lease_values takes it."""
        values = lease_values(told, clock.monotonic())
        if values is None:
            outputs.clear(self.root, LEASE)
        else:
            outputs.publish(self.root, LEASE, values)

    def add_link(self, name: str) -> None:
        self.try_ip(f"link add {name} type veth peer name far-{name}")
        self.try_ip(f"link set far-{name} up")
        self.try_ip(f"link set {name} up")

    def addresses(self) -> dict[str, tuple[int, int]]:
        """{"lan0 2001:db8::1/64": (preferred, valid)} of global scope."""
        found = {}
        for link in json.loads(self.ip("-j -6 address show scope global")):
            # Older versions of ip leave an empty object for what `scope` filtered out.
            for info in [info for info in link.get("addr_info", []) if info]:
                key = f"{link['ifname']} {info['local']}/{info['prefixlen']}"
                found[key] = (info["preferred_life_time"], info["valid_life_time"])
        return found

    def routes(self) -> list[str]:
        """Routes but the kernel's own: "unreachable 2001:db8::/56", "2001:db8::/64 dev lan0"."""
        found = []
        for route in json.loads(self.ip("-j -6 route show")):
            if route["protocol"] == "kernel":
                continue
            kind = "" if route.get("type", "unicast") == "unicast" else route["type"] + " "
            gateway = f" via {route['gateway']}" if "gateway" in route else ""
            where = "" if kind else f" dev {route['dev']}"
            found.append(f"{kind}{route['dst']}{gateway}{where}")
        return sorted(found)

    def on_link(self) -> dict[str, float]:
        """{"2001:db8::/64 dev lan0": seconds until it expires} of what is on-link, in our table."""
        return {
            f"{route['dst']} dev {route['dev']}": route.get("expires", float("inf"))
            for route in json.loads(self.ip("-j -6 route show proto 118"))
            if route.get("type", "unicast") == "unicast"
        }

    def facts(self) -> tuple[list[str], list[str]]:
        return sorted(self.addresses()), self.routes()

    def await_facts(self, addresses: list[str], routes: list[str] | None = None) -> None:
        wait.until(
            f"addresses {addresses} and routes {routes}",
            self.facts,
            lambda seen: seen[0] == addresses and (routes is None or seen[1] == routes),
            evidence=lambda: self.stderr.read_text() if self.stderr.exists() else "",
        )


@contextlib.contextmanager
def room(runtime: str, program: str, *operands: str) -> Iterator[Room]:
    """A room with wan, lan0 and lan1 up; gone afterwards, whatever happened."""
    name = f"fg-dhcp6-{os.getpid()}-{os.urandom(3).hex()}"
    with tempfile.TemporaryDirectory(prefix="fg-dhcp6-") as folder:
        subprocess.run(["ip", "netns", "add", name], check=True)
        made = Room(name, folder, runtime, program, *operands)
        try:
            made.ip("link set lo up")
            for link in ("wan", "lan0", "lan1"):
                made.add_link(link)
            yield made
        finally:
            if made.process is not None:
                made.process.kill()
                made.process.wait()
            subprocess.run(["ip", "netns", "del", name], check=True)
