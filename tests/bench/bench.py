"""The bench: every figure that the project promises, measured in one run, beside its limit.

Ratios come from interleaved runs of both sides on the same machine at the same time; medians
decide. Nothing here is asserted: a busy machine shows in the figures, not in a test's result.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from packager.freeze import freeze
from tests.bench import agent, firewall, home, latency
from tests.bench.cost import Command, Cost, build_spawner, measure
from tests.home_programs import home_programs
from tests.lab.router import FROZEN, PROJECT

PATH = ((b"PATH", b"/usr/sbin:/usr/bin:/sbin:/bin"),)
TMPFS = "/dev/shm"  # the outputs of a router are in a tmpfs too (/run)
GROUND = ("ifwait", "odhcp_script", "dhcpcd_script", "wan_address", "lan_prefix", "ra")
AGENT = ("frost", "frost-agent", "frost-oneshot")
CAPTURE = PROJECT / "tests" / "captures" / "renumber.json"


def line(what: str, figure: float, unit: str, limit: float | None = None, more: str = "") -> None:
    """One figure: what, how much, the limit, and whether it keeps within."""
    verdict = "" if limit is None else f"at most {limit:g} {unit}".rstrip()
    state = "" if limit is None else ("ok" if figure <= limit else "OVER")
    print(f"{what:58} {figure:9.3f} {unit:3} {verdict:16} {state:5}{more}".rstrip(), flush=True)


def sizes(folder: Path) -> None:
    """The frozen binary as it is and in a squashfs with xz: of some programs and of all."""
    build = PROJECT / "build"
    for what, only, limits in (
        ("the ground floor", GROUND, (600, 270)),
        ("and the agent", (*GROUND, *AGENT), (600, 270)),
        ("the home router's", home_programs(), (None, 300)),
        ("all programs", (), (None, None)),
    ):
        made = freeze("x86_64", build, quiet=True, only=only)
        binary, image = (made / "frost").resolve(), folder / "frost.squashfs"
        argv = [
            "mksquashfs",
            str(binary),
            str(image),
            "-comp",
            "xz",
            "-noappend",
            "-nopad",
            "-quiet",
        ]
        subprocess.run([*argv, "-no-progress"], check=True, stdout=subprocess.DEVNULL)
        line(f"frozen binary, {what}", binary.stat().st_size / 1000, "kB", limits[0])
        line("... as squashfs-xz", image.stat().st_size / 1000, "kB", limits[1])


def ifwait(folder: Path, spawner: Path, rounds: int) -> None:
    """`ifwait lo present` beside `ip link show lo` and beside the CPython port."""
    python = (*PATH, (b"PYTHONPATH", os.fsencode(PROJECT)))
    commands = [
        Command((str(FROZEN / "ifwait"), "lo", "present"), PATH),
        Command(("/usr/sbin/ip", "link", "show", "lo"), PATH),
    ]
    frozen, ip = measure(spawner, folder, commands, rounds)
    line("ifwait lo present: wall time", frozen.median * 1000, "ms")
    line("ip link show lo: wall time", ip.median * 1000, "ms")
    line("ifwait to ip link: wall time", frozen.median / ip.median, "", 0.6, pairs(frozen, ip))
    line("ifwait lo present: resident", frozen.resident / 1e6, "MB", 1.0)
    line("ip link show lo: resident", ip.resident / 1e6, "MB")
    commands[1] = Command((sys.executable, "-m", "ifwait", "lo", "present"), python)
    frozen, port = measure(spawner, folder, commands, max(3, rounds // 20))
    line("ifwait on CPython: wall time", port.median * 1000, "ms")
    line("ifwait on CPython: resident", port.resident / 1e6, "MB")
    line("ifwait frozen to CPython: wall time", frozen.median / port.median, "")


def pairs(one: Cost, other: Cost) -> str:
    """The middle and the worst of the ratios of each pair of neighbours."""
    ratios = [a / b for a, b in zip(one.seconds, other.seconds, strict=True)]
    return f" pairs: median {median(ratios):.3f}, worst {max(ratios):.3f} of {len(ratios)}"


def hook(folder: Path, spawner: Path, rounds: int) -> None:
    """odhcp_script on two calls of a capture in turn, so that every call is a change."""
    calls = json.loads(CAPTURE.read_text())
    bound = next(call for call in calls if call["args"][1] == "bound")
    updated = [call for call in calls if call["args"][1] == "updated"][-1]
    frozen: list[Command] = []
    port: list[Command] = []
    for call in (bound, updated):
        ifname, state = call["args"]
        base = [(os.fsencode(k), os.fsencode(v)) for k, v in sorted(call["env"].items())]
        for commands, name, argv in (
            (frozen, "frozen", (str(FROZEN / "odhcp_script"),)),
            (port, "cpython", (sys.executable, "-m", "odhcp_script")),
        ):
            ours = [(b"SERVICE", b"dhcp6"), (b"PYTHONPATH", os.fsencode(PROJECT))]
            ours.append((b"FROST_OUTPUTS", os.fsencode(folder / name)))
            commands.append(Command((*argv, ifname, state), (*base, *ours)))
    costs = measure(spawner, folder, frozen, rounds)
    both = Cost((*costs[0].seconds, *costs[1].seconds), max(cost.resident for cost in costs))
    more = f" worst {max(both.seconds) * 1000:.3f} of {len(both.seconds)}"
    line("hook run: wall time", both.median * 1000, "ms", 5.0, more)
    line("hook run: resident", both.resident / 1e6, "MB")
    beside = measure(
        spawner, folder, [frozen[0], port[0], frozen[1], port[1]], max(3, rounds // 20)
    )
    line("hook on CPython: wall time", beside[1].median * 1000, "ms")
    line("hook on CPython: resident", beside[1].resident / 1e6, "MB")
    line("hook frozen to CPython: wall time", beside[0].median / beside[1].median, "")


def latencies(count: int) -> None:
    """Hook start to the address on the LAN and to the advertisement."""
    measured = latency.measure(count)
    for what, seconds, limit in (
        ("hook start to the address on the LAN", [one.address for one in measured], 10.0),
        ("hook start to the advertisement", [one.advertisement for one in measured], 20.0),
    ):
        more = f" worst {max(seconds) * 1000:.3f} of {len(seconds)}"
        line(what + ": median", median(seconds) * 1000, "ms", limit, more)


def main() -> int:
    """Run everything. FROST_BENCH_COUNT: rounds of the latency part, 50 unless set."""
    if os.geteuid() != 0:
        print("bench: expected to run as root, got another user", file=sys.stderr)
        return 111
    count = int(os.environ.get("FROST_BENCH_COUNT", "50"))
    print(f"{count} calls for each latency, {count * 8} rounds for each program", flush=True)
    with tempfile.TemporaryDirectory(prefix="fg-bench-", dir=TMPFS) as name:
        folder = Path(name)
        spawner = build_spawner(folder)
        sizes(folder)
        ifwait(folder, spawner, count * 8)
        hook(folder, spawner, count * 8)
    latencies(count)
    firewall.main(line, count)
    home.main(line)
    return agent.main(line)
