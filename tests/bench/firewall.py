"""The firewall's part of the bench: loads, zone changes, large sets, and what a packet costs."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from firewall.ruleset import text
from firewall.ruleset.compose import compose
from firewall.ruleset.model import Link, Zone
from firewall.ruleset.rendered import Ruleset
from firewall.stock.home_router import home_router
from tests.bench.cost import build

# What somebody would write by hand for the same hosts: known flows, new ones from inside.
MINIMAL = """
table ip6 minimal {
    chain input {
        type filter hook input priority 0; policy drop;
        ct state established,related accept
        meta l4proto icmpv6 accept
    }
    chain forward {
        type filter hook forward priority 0; policy drop;
        ct state established,related accept
        iifname "lan" oifname "wan" accept
    }
}
"""
Line = Callable[..., None]
INSIDE, OUTSIDE = "2a00:0:0:1::", "2a00:0:0:2::"  # nobody's documentation: bogons are dropped
DATAGRAMS = 200_000
DROP = """
table ip6 t {
    chain c {
        type filter hook prerouting priority -400;
        udp dport 9 udp length > 9 drop
    }
}
"""
ECHO = [sys.executable, "-c", """
import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind(("::", 9))
while True:
    data, who = s.recvfrom(64)
    s.sendto(data, who)
"""]  # fmt: skip


def line_of(what: str, rounds: int) -> dict[str, list[float]]:
    argv = ["unshare", "--net", sys.executable, "-m", "tests.bench.filter", what, str(rounds)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    found: dict[str, list[float]] = json.loads(done.stdout)
    return found


def main(line: Line, count: int) -> None:
    """All figures; `line` prints one."""
    loads = line_of("loads", count)
    nft = median(loads["nft"])
    line("home router: nft -f of its text", nft * 1000, "ms")
    line("home router rendered and loaded to nft -f", median(loads["cpython"]) / nft, "", 1.15)
    line("home router loaded by the frozen loader to nft -f", median(loads["frozen"]) / nft, "")
    zones = line_of("zones", count)
    for runtime in ("frozen", "cpython"):
        change = median(zones[runtime])
        more = f" worst {max(zones[runtime]) * 1000:.3f} of {len(zones[runtime])}"
        line(f"zone change, {runtime}: output to kernel", change * 1000, "ms", 10, more)
        line(
            f"zone change, {runtime}, to a reload",
            change / median(zones[f"{runtime} reload"]),
            "",
            0.2,
        )
    large = line_of("large", max(3, count // 10))
    nft = median(large["nft"])
    line("set of 100,000 elements: nft's own load", nft * 1000, "ms")
    for runtime in ("cpython", "frozen"):
        line(f"set of 100,000 elements, {runtime} to nft", median(large[runtime]) / nft, "", 1.1)
    packets(line, count)


def packets(line: Line, count: int) -> None:
    """Forwarding between veths: the stock home router beside a minimal ruleset."""
    lan, wan = Zone("lan", (Link("lan"),)), Zone("wan", (Link("wan"),))
    ruleset = compose(home_router(wan, lan))
    stock, fill = text.text(ruleset), elements(ruleset)
    fill += f'add element ip6 frost_ip6 assigned {{ {INSIDE}/64 . "lan" }}\n'
    with tempfile.TemporaryDirectory(prefix="fg-bench-") as name:
        flood = build(Path(name), "flood.c")
        with road("a", stock + fill) as one, road("b", MINIMAL) as other, road("c", "") as none:
            took: dict[str, list[float]] = {one: [], other: [], none: []}
            for _ in range(max(10, count // 2)):
                for way in took:
                    took[way].append(send(flood, way))
    line("a forwarded datagram, no packet filter", median(took[none]) / 1000, "us")
    line("a forwarded datagram, minimal ruleset", median(took[other]) / 1000, "us")
    ratios = [a / b for a, b in zip(took[one], took[other], strict=True)]
    more = f" worst pair {max(ratios):.3f} of {len(ratios)}"
    line("a forwarded datagram, home router to minimal", median(ratios), "", 1.1, more)


def elements(ruleset: Ruleset) -> str:
    """What the loader would put into sets and maps for one link a zone, named as the zone."""
    found = []
    for table in ruleset.tables:
        owner = f"{table.family} {table.name}"
        for each in ruleset.firewall.zones:
            found.append(f'add element {owner} {each.name} {{ "{each.name}" }}')
        for dispatch in table.dispatches:
            for zone, chain in dispatch.chains:
                jump = f'"{zone}" : jump {chain}'
                found.append(f"add element {owner} {dispatch.map} {{ {jump} }}")
    return "".join(line + "\n" for line in found)


@contextmanager
def road(tag: str, ruleset: str) -> Iterator[str]:
    """host -- lan, router, wan -- host, in three namespaces; yields the sender's name."""
    names = [f"fg-bench-{os.getpid()}-{tag}{end}" for end in ("h", "r", "i")]
    stack = ExitStack()
    try:
        for name in names:
            run("ip", "netns", "add", name)
        host, router, isp = names
        for (a, link_a), (b, link_b), net in (
            ((router, "lan"), (host, "eth0"), INSIDE),
            ((router, "wan"), (isp, "eth0"), OUTSIDE),
        ):
            run("ip", "-n", a, "link", "add", link_a, "type", "veth", "peer", "name", link_b,
                "netns", b)  # fmt: skip
            for name, link, end in ((a, link_a, "1"), (b, link_b, "2")):
                run("ip", "-n", name, "addr", "add", f"{net}{end}/64", "dev", link, "nodad")
                run("ip", "-n", name, "link", "set", link, "up")
        for name, net in ((host, INSIDE), (isp, OUTSIDE)):
            run("ip", "-n", name, "route", "add", "default", "via", f"{net}1")
        # What arrives is dropped where it can be at once, but for the octets that want an echo.
        run("ip", "netns", "exec", isp, "nft", "-f", "-", text=DROP)
        echo = stack.enter_context(subprocess.Popen(["ip", "netns", "exec", isp, *ECHO]))
        stack.callback(echo.terminate)
        run("ip", "netns", "exec", router, "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1")
        if ruleset:
            run("ip", "netns", "exec", router, "nft", "-f", "-", text=ruleset)
        run("ip", "netns", "exec", host, "ping", "-6", "-c1", "-w10", f"{OUTSIDE}2")
        yield host
    finally:
        stack.close()
        for name in names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)


def send(flood: Path, name: str) -> float:
    """Nanoseconds a datagram."""
    argv = ["taskset", "-c", "0", str(flood), f"{OUTSIDE}2", "9", str(DATAGRAMS)]
    return float(run("ip", "netns", "exec", name, *argv))


def run(*argv: str, text: str | None = None) -> str:
    done = subprocess.run(argv, input=text, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"bench: {' '.join(argv)}: exit code {done.returncode}: {done.stderr}")
    return done.stdout
