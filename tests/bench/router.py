"""A router's graph of 30 services whose programs are the lab's workers, and plain s6 beside it."""

import json
import os
import shutil
import struct
import subprocess
import time
from pathlib import Path
from typing import Any

from agent.graph import read
from agent.s6 import directory, install, paths
from agent.s6.status import TAI_EPOCH
from packager.isp import wait

# name: type, what it needs; uplinks first, then what stands on them
SERVICES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("sysctl", "oneshot", ()),
    ("modules", "oneshot", ()),
    ("loopback", "oneshot", ("sysctl",)),
    ("firewall-base", "oneshot", ("modules",)),
    ("wan-link", "oneshot", ("sysctl", "modules")),
    ("lan-link", "oneshot", ("sysctl", "modules")),
    ("bridge", "oneshot", ("lan-link",)),
    ("wlan-link", "oneshot", ("modules",)),
    ("syslog", "longrun", ()),
    ("udev", "longrun", ("modules",)),
    ("hotplug", "longrun", ("udev",)),
    ("ppp", "longrun", ("wan-link",)),
    ("dhcp6", "longrun", ("ppp",)),
    ("dhcp4", "longrun", ("wan-link",)),
    ("wan-address", "longrun", ("dhcp6",)),
    ("wan-route", "oneshot", ("ppp",)),
    ("zone-wan", "oneshot", ("ppp", "firewall-base")),
    ("zone-lan", "oneshot", ("bridge", "firewall-base")),
    ("lan-prefix", "longrun", ("dhcp6", "bridge")),
    ("ra", "longrun", ("lan-prefix",)),
    ("dhcp-server", "longrun", ("bridge",)),
    ("resolver", "longrun", ("loopback",)),
    ("dns-forwarder", "longrun", ("resolver", "dhcp6")),
    ("ntp", "longrun", ("resolver",)),
    ("hostapd", "longrun", ("wlan-link", "bridge")),
    ("ssh", "longrun", ("loopback",)),
    ("web", "longrun", ("loopback",)),
    ("upnp", "longrun", ("zone-wan", "zone-lan")),
    ("dyndns", "longrun", ("wan-address", "resolver")),
    ("monitor", "longrun", ("syslog",)),
)


def graph(worker: Path, top: Path) -> dict[str, Any]:
    """The graph's file. A longrun that others stand on has an output, which they are given."""
    made: dict[str, Any] = {}
    for name, kind, needs in SERVICES:
        made[name] = {"type": kind, "run": [str(worker), str(top), name, kind]}
        if kind == "longrun":
            made[name]["ready"] = "notify"
        conditions: list[dict[str, Any]] = [{"service": other} for other in needs]
        conditions.append({"link": "lo", "is": "present"})
        made[name]["needs"] = {"all": conditions}
    return {"frostgate-graph": 1, "services": made}


class Room:
    """A folder with a scan folder in it, and the s6-svscan that runs there."""

    def __init__(self, top: Path, programs: Path, worker: Path) -> None:
        self.top, self.scan, self.programs = top, top / "scan", programs
        for name in ("scan", "outputs", "run", "log", "locks", "violations", "behave"):
            (top / name).mkdir()
        text = graph(worker, top)
        (top / "graph.json").write_bytes(json.dumps(text).encode())
        self.graph = read.read((top / "graph.json").read_bytes(), "graph.json")
        self.paths = paths.find(str(self.scan), str(top / "outputs"), str(top / "log"))
        self.svscan: subprocess.Popen[bytes] | None = None
        self.start = 0.0

    def install(self, down: bool) -> None:
        """All service directories, with `down` files or without."""
        for name in self.graph.order:
            install.install(str(self.scan), self.graph.services[name], self.paths)
            if not down:
                (self.scan / name / "down").unlink()

    def install_agent(self) -> None:
        """The agent's own service directory."""
        environ = [("FROST_GRAPH", str(self.top / "graph.json")), ("FROST_RUN", f"{self.top}/run")]
        environ += [("FROST_LOG", f"{self.top}/log"), ("FROST_OUTPUTS", f"{self.top}/outputs")]
        rendered = directory.daemon(self.paths, [*environ, ("FROST_SCAN", str(self.scan))])
        install.put(str(self.scan), directory.DAEMON, rendered, "bench", [])

    def boot(self) -> None:
        """Start s6-svscan."""
        environ = {**os.environ, "PATH": f"{self.programs}:{os.environ['PATH']}"}
        self.start = time.time()
        with (self.top / "svscan.log").open("wb") as log:
            argv = ["s6-svscan", "-t0", str(self.scan)]
            self.svscan = subprocess.Popen(argv, env=environ, stderr=log)

    def ready_at(self) -> float:
        """Seconds from s6-svscan's start until the last of the services was ready, by s6's own
        stamps."""
        stamps = wait.until(
            "30 services are ready", self._stamps, lambda seen: None not in seen, deadline_s=60
        )
        return max(stamp for stamp in stamps if stamp is not None) - self.start

    def _stamps(self) -> list[float | None]:
        return [self._stamp(name) for name in self.graph.order]

    def _stamp(self, name: str) -> float | None:
        try:
            octets = (self.scan / name / "supervise" / "status").read_bytes()
        except FileNotFoundError:
            return None
        if not octets[-1] & 8:  # ready
            return None
        seconds, nanoseconds = struct.unpack_from(">QI", octets, 12)
        since: float = seconds - TAI_EPOCH + nanoseconds / 1e9
        return since

    def end(self) -> None:
        """End everything and remove the folder."""
        if self.svscan is not None:
            for name in (*self.graph.order, directory.DAEMON):
                subprocess.run(["s6-svc", "-dxk", str(self.scan / name)], capture_output=True)
            subprocess.run(["s6-svscanctl", "-t", str(self.scan)], check=True)
            self.svscan.wait(30)
        shutil.rmtree(self.top)
