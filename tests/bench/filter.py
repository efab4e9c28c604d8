"""The firewall's figures, taken inside a network namespace of their own: `python -m ... WHAT N`.

Run by tests.bench.firewall under `unshare --net`. Prints one JSON object.
"""

import errno
import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent import outputs
from firewall.loader.loader import Loader
from firewall.loader.tables import Tables
from firewall.ruleset import write
from firewall.ruleset.compose import compose
from firewall.ruleset.model import Firewall, Link, Rule, Rulegroup, Set, Zone
from firewall.stock.home_router import home_router
from tests.lab.router import FROZEN

NETLINK_NETFILTER = 12  # linux/netlink.h
NFNLGRP_NFTABLES = 7  # linux/netfilter/nfnetlink.h
SO_RCVBUFFORCE = 33  # asm-generic/socket.h
LARGE = 100_000
SETTLED = 0.1  # seconds


def seconds(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def nft(path: Path) -> None:
    subprocess.run(["nft", "-f", str(path)], check=True)


def loader_of(folder: Path) -> Loader:
    """The loader on CPython, in this process."""
    name = "firewall"
    return Loader(name, Tables(name), str(folder), str(folder.parent / "outputs"), False)


def render_and_load(firewall: Firewall, folder: Path, loader: Loader) -> None:
    """What a changed site costs: from the rulegroups to the kernel, by a loader that runs."""
    write.write(compose(firewall), folder)
    assert loader.load()


def frozen_start(folder: Path) -> float:
    """Seconds from the frozen loader's start to its readiness, which comes after the load. Its end
    is not in it: the kernel closes netfilter's sockets after a grace period (RCU, some 10 ms)."""
    argv = [str(FROZEN / "firewall"), "-d", "1", str(folder)]
    environment = {"FROST_OUTPUTS": str(folder.parent / "outputs"), "PATH": "/usr/sbin:/usr/bin"}
    begin = time.perf_counter()
    with subprocess.Popen(argv, stdout=subprocess.PIPE, env=environment) as loader:
        assert loader.stdout is not None
        assert loader.stdout.read(1) == b"\n"
        ready = time.perf_counter()
        loader.terminate()
    return ready - begin


def loads(root: Path, rounds: int) -> dict[str, list[float]]:
    """Whole loads beside `nft -f` of the same text, over a ruleset that is there already."""
    found: dict[str, list[float]] = {"nft": [], "cpython": [], "frozen": []}
    firewall, folder = home_router(), root / "home"
    write.write(compose(firewall), folder)
    loader = loader_of(folder)
    render_and_load(firewall, folder, loader)
    for _ in range(rounds):
        found["nft"].append(seconds(lambda: nft(folder / write.RULESET)))
        found["cpython"].append(seconds(lambda: render_and_load(firewall, folder, loader)))
        found["nft"].append(seconds(lambda: nft(folder / write.RULESET)))
        found["frozen"].append(frozen_start(folder))
    return found


def zones(root: Path, rounds: int) -> dict[str, list[float]]:
    """A zone's change and a reload by the same loader, each from its cause to the kernel's event.

    Each begins when the one before has settled: where something was taken out, nft(8) stays for the
    kernel's grace period (RCU, some 10 ms) after its transaction is in.
    """
    folder, published = root / "home", root / "outputs"
    write.write(compose(home_router()), folder)
    events = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    events.bind((0, 1 << (NFNLGRP_NFTABLES - 1)))
    # A load tells more than a socket keeps, and its end comes whole: the first word is enough.
    events.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
    environment = {"FROST_OUTPUTS": str(published), "PATH": "/usr/sbin:/usr/bin"}
    argv = {
        "frozen": [str(FROZEN / "firewall"), "-d", "1", str(folder)],
        "cpython": [sys.executable, "-m", "firewall.loader", "-d", "1", str(folder)],
    }
    found: dict[str, list[float]] = {}
    for runtime, words in argv.items():
        with subprocess.Popen(words, stdout=subprocess.PIPE, env=environment) as loader:
            assert loader.stdout is not None
            assert loader.stdout.read(1) == b"\n"

            def change(number: int) -> None:
                outputs.publish(str(published), "wan", {"ifname": f"ppp{number}"})

            def reload(_: int, loader: subprocess.Popen[bytes] = loader) -> None:
                loader.send_signal(signal.SIGHUP)

            try:
                for what, cause in ((runtime, change), (f"{runtime} reload", reload)):
                    found[what] = [until_event(events, cause, number) for number in range(rounds)]
            finally:
                loader.terminate()
    return found


def until_event(events: socket.socket, cause: Callable[[int], None], number: int) -> float:
    """Seconds from a cause to the first word of the kernel that the ruleset has changed."""
    time.sleep(SETTLED)
    drain(events)
    begin = time.perf_counter()
    cause(number)
    events.recv(65536)
    return time.perf_counter() - begin


def drain(events: socket.socket) -> None:
    """Throw away what waits, what was lost (ENOBUFS) included."""
    events.setblocking(False)
    while True:
        try:
            events.recv(65536)
        except BlockingIOError:
            break
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                raise
    events.settimeout(10)


def large(root: Path, rounds: int) -> dict[str, list[float]]:
    """A set of 100,000 elements from a file, beside nft's own load of the same."""
    file = root / "large.nft"
    hosts = ",\n".join(f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}" for i in range(LARGE))
    file.write_text(f"add element ip frost_ip blocked {{ {hosts} }}\n")
    blocked = Set("blocked", "ipv4_addr", "ip", file=str(file))
    rule = Rule("input", "drop", "ip saddr @blocked", family="ip", stage="deny")
    group = Rulegroup("blocklist", "blocklist", "what is blocked", (rule,), sets=(blocked,))
    firewall, folder = Firewall((Zone("lan", (Link("lan0"),)),), (group,)), root / "large"
    write.write(compose(firewall), folder)
    found: dict[str, list[float]] = {"nft": [], "cpython": [], "frozen": []}
    loader = loader_of(folder)
    render_and_load(firewall, folder, loader)
    for _ in range(rounds):
        found["nft"].append(seconds(lambda: nft(folder / write.RULESET)))
        found["cpython"].append(seconds(lambda: render_and_load(firewall, folder, loader)))
        found["frozen"].append(frozen_start(folder))
    return found


def main() -> None:
    what: dict[str, Callable[[Path, int], Any]] = {"loads": loads, "zones": zones, "large": large}
    with tempfile.TemporaryDirectory(prefix="fg-bench-", dir="/dev/shm") as name:
        print(json.dumps(what[sys.argv[1]](Path(name), int(sys.argv[2]))))


if __name__ == "__main__":
    main()
