"""One namespace with the loader in it: folders, outputs, the kernel's switches and tables."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from agent import outputs
from packager.isp import wait
from tests import runtimes
from tests.device import firewall_specs

SWITCHES = ("net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding")


def program(runtime: str) -> list[str]:
    """The command that is the loader."""
    if runtime == "cpython":
        return [sys.executable, "-m", "firewall.loader"]
    return [str(runtimes.FROST_CHECK.parent / "firewall")]


class Room:
    """A network namespace, a folder of the ruleset, an outputs tree; close() ends them."""

    def __init__(self, base: Path, runtime: str) -> None:
        self.base, self.runtime = base, runtime
        self.name = f"fg-fw-{os.getpid()}"
        self.folder, self.outputs = base / "firewall", base / "outputs"
        self.log = base / "log"
        self.loader: subprocess.Popen[bytes] | None = None
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        self.write(*firewall_specs.folder())

    def close(self) -> None:
        self.end(signal.SIGKILL)
        subprocess.run(["ip", "netns", "del", self.name], check=True)

    # --- what the loader reads

    def write(self, text: str, spec: dict[str, Any]) -> None:
        """The folder, with this ruleset and its spec."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / "ruleset.nft").write_text(text)
        (self.folder / "follow.json").write_text(json.dumps(spec))

    def publish(self, service: str, values: dict[str, str] | None) -> None:
        """A service's outputs; None for none."""
        if values is None:
            outputs.clear(str(self.outputs), service)
        else:
            outputs.publish(str(self.outputs), service, values)

    # --- the loader

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "FROST_OUTPUTS": str(self.outputs),
            "FROST_FIREWALL": str(self.folder),
            "PYTHONPATH": str(runtimes.ROOT),
        }

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the loader to its end."""
        command = ["ip", "netns", "exec", self.name, *program(self.runtime), *words]
        return subprocess.run(
            command, env=self.environment(), capture_output=True, text=True, timeout=60
        )

    def start(self, *words: str, ready: bool = True) -> None:
        """Start the loader, and wait until it is ready."""
        reader, writer = os.pipe()
        command = ["ip", "netns", "exec", self.name, *program(self.runtime), *words]
        with self.log.open("ab") as log:
            self.loader = subprocess.Popen(
                [*command, "-d", str(writer)],
                env=self.environment(),
                stderr=log,
                pass_fds=(writer,),
            )
        os.close(writer)
        if ready:
            told = os.read(reader, 1)
            assert told == b"\n", self.said()
        os.close(reader)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; the exit code."""
        if self.loader is None:
            return 0
        self.loader.send_signal(number)
        code = self.loader.wait(30)
        self.loader = None
        return code

    def reload(self) -> None:
        assert self.loader is not None
        self.loader.send_signal(signal.SIGHUP)

    def said(self) -> list[str]:
        """The lines that the loader has written so far."""
        return self.log.read_text().splitlines() if self.log.exists() else []

    def wait_said(self, what: str, count: int = 1) -> str:
        """The last line that holds this, once so many do."""
        found = wait.until(
            f"the loader says {what!r}",
            lambda: [line for line in self.said() if what in line],
            lambda lines: len(lines) >= count,
            evidence=lambda: "\n".join(self.said()),
        )
        return found[-1]

    # --- the kernel

    def inside(self, *words: str, text: str | None = None) -> str:
        """Run a command in the namespace; it must succeed."""
        done = subprocess.run(
            ["ip", "netns", "exec", self.name, *words],
            input=text, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def nft(self, text: str) -> None:
        self.inside("nft", "-f", "-", text=text)

    def ruleset(self) -> str:
        """All tables without counts, chains and sets in order: what must not change."""
        text = self.inside("nft", "-s", "list", "ruleset")
        tables = [each + "\n}\n" for each in text.split("\n}\n") if each]
        return "".join(sorted(_ordered(table) for table in tables))

    def elements(self, name: str, family: str = "ip6") -> list[str]:
        """What a set or map of ours holds, as nft's text, sorted."""
        kind = "map" if name in ("forward_from", "icmp_limits") else "set"
        text = self.inside("nft", "list", kind, family, f"frost_{family}", name)
        _, mark, rest = text.partition("elements = {")
        if not mark:
            return []
        return sorted(" ".join(each.split()) for each in rest.partition("}")[0].split(","))

    def wait_elements(self, name: str, expected: list[str], family: str = "ip6") -> None:
        wait.until(
            f"{name} holds {expected}",
            lambda: self.elements(name, family),
            lambda found: found == expected,
            evidence=lambda: "\n".join(self.said()[-20:]),
        )

    def switches(self) -> list[str]:
        """The forwarding switches, IPv4 first."""
        return [self.inside("cat", f"/proc/sys/{path}").strip() for path in SWITCHES]

    def switch(self, value: str) -> None:
        for path in SWITCHES:
            self.inside("sh", "-c", f"echo {value} > /proc/sys/{path}")

    def cable(self, link: str) -> None:
        """A link that is up, with its peer of the same name and `-far` behind."""
        self.inside("ip", "link", "add", link, "type", "veth", "peer", "name", link + "-far")
        for each in (link, link + "-far"):
            self.inside("ip", "link", "set", each, "up")

    def inject(self, link: str, frame: bytes) -> None:
        """Send a frame from the far end of a cable."""
        script = (
            "import socket, sys; s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); "
            f"s.bind(('{link}-far', 0)); s.send(bytes.fromhex('{frame.hex()}'))"
        )
        self.inside(sys.executable, "-c", script)

    def mac(self, link: str) -> bytes:
        text = self.inside("cat", f"/sys/class/net/{link}/address").strip()
        return bytes.fromhex(text.replace(":", ""))


def _ordered(table: str) -> str:
    """A table's text with what is in it sorted: nft lists by age."""
    head, _, rest = table.partition("{\n")
    return head + "{\n" + "\n".join(sorted(rest.removesuffix("\n}\n").split("\n\n"))) + "\n}\n"


def packet6(mac: bytes, source: str, to: str, kind: int, payload: bytes) -> bytes:
    """An Ethernet frame with an IPv6 packet."""
    head = bytes.fromhex("60000000") + len(payload).to_bytes(2, "big") + bytes([kind, 64])
    ends = socket.inet_pton(socket.AF_INET6, source) + socket.inet_pton(socket.AF_INET6, to)
    return mac + bytes(6) + b"\x86\xdd" + head + ends + payload
