"""A router and a LAN host in two namespaces, `ra` on the router, and the host's ears.

Used by the tests beside it. Outputs are published by the test itself, as a lease's hook and
lan_prefix would; the host is the kernel's own autoconfiguration.
"""

import json
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from scapy.layers.inet6 import ICMPv6ND_RA, ICMPv6ND_RS, ICMPv6NDOptSrcLLAddr, IPv6
from scapy.layers.l2 import Ether

from agent import outputs
from packager.isp import namespaces, wait
from tests.device.ra_world import SOURCE, lease, source
from tests.lab.sniffer import SO_TIMESTAMPNS

ROOT = Path(__file__).resolve().parents[3]
RUNTIMES = {
    "frozen": [str(ROOT / "build/x86_64/ra")],
    "cpython": [sys.executable, "-m", "services.ra"],
}
P1, P2 = "2001:db8:1::", "2001:db8:2::"
DAY = 86400.0
ALL_ROUTERS_MAC = "33:33:00:00:00:02"
ROUTER_MAC, HOST_MAC = "02:00:00:00:00:0a", "02:00:00:00:00:0b"
ROUTER, HOST = "fe80::ff:fe00:a", "fe80::ff:fe00:b"  # RFC 4291 appendix A
ETH_P_IPV6 = 0x86DD


class Heard:
    """One advertisement on the wire; `at`: when it came, seconds of CLOCK_MONOTONIC."""

    def __init__(self, at: float, frame: bytes) -> None:
        self.at = at
        self.ether = Ether(frame)
        self.ip = self.ether[IPv6]
        self.ra = self.ether[ICMPv6ND_RA]

    def options(self, name: str) -> list[Any]:
        """Its options of this scapy class name, in their order."""
        found = []
        layer = self.ra.payload
        while layer:
            if type(layer).__name__ == name:
                found.append(layer)
            layer = layer.payload
        return found

    def prefixes(self) -> list[tuple[str, int, int]]:
        """(prefix, preferred, valid), in their order."""
        return [
            (o.prefix, o.preferredlifetime, o.validlifetime)
            for o in self.options("ICMPv6NDOptPrefixInfo")
        ]


class Bench:
    """Two namespaces, for several tests; begin() and end() stand around each."""

    def __init__(self, runtime: str) -> None:
        self.argv = RUNTIMES[runtime]
        self.router = f"fg-ra-r-{os.getpid()}"
        self.host = f"fg-ra-h-{os.getpid()}"
        self.folder = Path()
        self.child: subprocess.Popen[bytes] | None = None
        self.heard: list[Heard] = []
        self.ears: socket.socket | None = None
        for name in (self.router, self.host):
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        run(*f"ip -n {self.router} link add wan0 type veth peer name isp0".split())
        run(*f"ip -n {self.router} link set wan0 up".split())
        run(*f"ip -n {self.router} link set isp0 up".split())

    def begin(self) -> None:
        """A new folder and a new cable: nothing is left of the test before."""
        self.folder = Path(tempfile.mkdtemp(prefix="fg-ra-"))
        self.root = str(self.folder / "outputs")
        self.state = self.folder / "state"
        self.stderr = self.folder / "stderr"
        self.heard = []
        self.in_router("sysctl", "-qw", "net.ipv6.conf.all.forwarding=1")
        self.make_lan()

    def make_lan(self) -> None:
        """The cable between lan0 (router) and eth0 (host)."""
        run(
            *f"ip link add lan0 netns {self.router} address {ROUTER_MAC} type veth".split(),
            *f"peer name eth0 netns {self.host} address {HOST_MAC}".split(),
        )
        # Without DAD both are ready at once; the delay before the host's own RS is random.
        run("ip", "netns", "exec", self.router, "sysctl", "-qw", "net.ipv6.conf.lan0.accept_dad=0")
        run("ip", "netns", "exec", self.host, "sysctl", "-qw", "net.ipv6.conf.eth0.accept_dad=0")
        run("ip", "-n", self.host, "link", "set", "eth0", "up")
        self.ears = self.listen()
        run("ip", "-n", self.router, "link", "set", "lan0", "up")

    def listen(self) -> socket.socket:
        """A packet socket on the host's link."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        away = os.open(f"/run/netns/{self.host}", os.O_RDONLY)
        try:
            namespaces.setns(away, namespaces.CLONE_NEWNET)
            ears = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IPV6))
            ears.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            ears.bind(("eth0", ETH_P_IPV6))
            return ears
        finally:
            namespaces.setns(home, namespaces.CLONE_NEWNET)
            os.close(home)
            os.close(away)

    def end(self) -> None:
        """What begin() made, and the program."""
        if self.child is not None and self.child.poll() is None:
            self.child.kill()
            self.child.wait()
        if self.ears is not None:
            self.ears.close()
        subprocess.run(["ip", "-n", self.host, "link", "delete", "eth0"], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def close(self) -> None:
        """The namespaces with all that is in them."""
        for name in (self.router, self.host):
            subprocess.run(["ip", "netns", "del", name], check=False)

    # --- the router's programs

    def in_router(self, *argv: str) -> str:
        return run("ip", "netns", "exec", self.router, *argv)

    def environment(self) -> dict[str, str]:
        return {**os.environ, "FROST_OUTPUTS": self.root, "FROST_STATE": str(self.state)}

    def command(self, *words: str) -> list[str]:
        return ["ip", "netns", "exec", self.router, *self.argv, "-l", "wan", "-p", SOURCE, *words]

    def start(self, *lans: str) -> None:
        """Run `ra` and wait for its readiness."""
        readable, writable = os.pipe()
        with self.stderr.open("ab") as sink:
            self.child = subprocess.Popen(
                self.command("-d", str(writable), *(lans or ("lan0",))),
                stderr=sink,
                cwd=ROOT,
                env=self.environment(),
                pass_fds=(writable,),
            )
        os.close(writable)
        ready = select.select([readable], [], [], 20.0)[0]
        told = os.read(readable, 10) if ready else b""
        os.close(readable)
        assert told == b"\n", f"ra did not become ready\n{self.said()}"

    def stop(self, number: signal.Signals) -> int:
        """Signal `ra` and wait for its end; its exit code."""
        assert self.child is not None
        self.child.send_signal(number)
        return self.child.wait(20.0)

    def said(self) -> str:
        """What it wrote to stderr."""
        return self.stderr.read_text()

    def publish_lease(self, **fields: Any) -> None:
        outputs.publish(self.root, "wan", lease(**fields))

    def publish_prefixes(self, *prefixes: tuple[str, float, float], delegated: Any = ()) -> None:
        """(prefix, preferred, valid) with seconds from now."""
        now = time.monotonic()
        listed = [(p, now + preferred, now + valid) for p, preferred, valid in prefixes]
        covers = [(p, length, now + valid) for p, length, valid in delegated]
        outputs.publish(self.root, SOURCE, source(listed, covers))

    # --- the host

    def read(self, timeout_s: float = 0.0) -> None:
        """Take in what arrived at the host, waiting at most so long for a first frame."""
        assert self.ears is not None
        while select.select([self.ears], [], [], timeout_s)[0]:
            frame, ancillary, _, _ = self.ears.recvmsg(65536, 64)
            layers = Ether(frame)
            if ICMPv6ND_RA in layers:
                # The kernel's stamp: a busy machine may read long after the packet came
                seconds, nanoseconds = struct.unpack("@ll", ancillary[0][2])
                age = time.time() - (seconds + nanoseconds / 1e9)
                self.heard.append(Heard(time.monotonic() - age, frame))
            timeout_s = 0.0

    def next_ra(self, sentence: str = "an advertisement", accept: Any = bool) -> Heard:
        """The next advertisement that is not yet read and that `accept` takes."""
        deadline = time.monotonic() + 20.0
        begin = len(self.heard)
        while time.monotonic() < deadline:
            self.read(0.1)
            for heard in self.heard[begin:]:
                if accept(heard):
                    return heard
            begin = len(self.heard)
        last = self.heard[-1].ether.show(dump=True) if self.heard else "nothing"
        raise wait.Unmet(f"waited 20 s for {sentence}; heard last: {last}\n{self.said()}")

    def settle(self) -> None:
        """Wait until the last multicast advertisement is 3 s old."""
        while True:
            self.read(0.02)
            sent = [heard.at for heard in self.heard if heard.ip.dst == "ff02::1"]
            if sent and time.monotonic() - sent[-1] > 3.05:
                return

    def send_from_host(self, frame: Any) -> None:
        assert self.ears is not None
        self.ears.send(bytes(frame))

    def host_ip(self, words: str) -> Any:
        return json.loads(run("ip", "-n", self.host, "-j", "-6", *words.split()) or "[]")

    def host_addresses(self) -> dict[str, bool]:
        """The host's global addresses: whether each is deprecated."""
        found = {}
        for link in self.host_ip("addr show dev eth0 scope global"):
            for info in link["addr_info"]:
                if "local" in info:  # iproute2 leaves an empty place for what it filtered out
                    found[info["local"]] = bool(info.get("deprecated"))
        return found

    def host_default(self) -> list[str]:
        """The gateways of the host's default routes."""
        return [r["gateway"] for r in self.host_ip("route show default")]


def run(*argv: str) -> str:
    return namespaces.run(list(argv))


def started(bench: Bench, *lans: str) -> None:
    """`ra` with a lease and the prefix P1; its first advertisement has been heard."""
    bench.publish_lease(dns="2001:db8::53", domains="isp.example")
    bench.publish_prefixes((P1, DAY, DAY), delegated=[("2001:db8::", 40, DAY)])
    bench.start(*lans)
    bench.next_ra("the first multicast advertisement", lambda h: h.ip.dst == "ff02::1")


def await_outputs(bench: Bench, expected: dict[str, str]) -> None:
    """Outputs are published after the packets have left."""
    wait.until(
        "the outputs of ra", lambda: outputs.read(bench.root, "ra"), lambda seen: seen == expected
    )


def solicitation(source: str = HOST, hop_limit: int = 255, option: bytes | None = None) -> Ether:
    """A router solicitation as a frame of the host's; `option` replaces the usual one."""
    packet = IPv6(src=source, dst="ff02::2", hlim=hop_limit) / ICMPv6ND_RS()
    if option is not None:
        packet = packet / option
    elif source != "::":
        packet = packet / ICMPv6NDOptSrcLLAddr(lladdr=HOST_MAC)
    return Ether(src=HOST_MAC, dst=ALL_ROUTERS_MAC) / packet
