"""`python -m tests.bench.s6`, as root: what docs/s6.md says about s6's files, memory and the log.

Both sides of a ratio run one after the other on the same machine; medians of several rounds.
"""

import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from agent.s6 import control, paths
from packager.isp import wait
from tests import runtimes
from tests.device import s6_room
from tests.device.s6_services import oneshot, service

MODULE = "tests.device.s6_calls"
ROUNDS = 7
COUNT = 200
LOGGERS, LINES = 8, 2000


@contextmanager
def room() -> Iterator[s6_room.Room]:
    """A scan folder with s6-svscan, ended at the end."""
    with tempfile.TemporaryDirectory(prefix="fg-bench-s6-") as top:
        os.chmod(top, 0o755)
        os.mkdir(top + "/scan")
        svscan = subprocess.Popen(["s6-svscan", "-t0", top + "/scan"])
        try:
            wait.until("s6-svscan reads", lambda: control.rescan(top + "/scan"))
            holder = str(runtimes.FROST_CHECK.parent / "frost-oneshot")
            yield s6_room.Room(top, (holder,))
        finally:
            control.rescan(top + "/scan", "t")
            svscan.wait(20)


def of_program(argv: list[str]) -> float:
    """Seconds for one run of a program, started by posix_spawn."""
    rounds = []
    null = os.open("/dev/null", os.O_WRONLY)
    for _ in range(ROUNDS):
        start = time.monotonic()
        for _ in range(20):
            actions = [(os.POSIX_SPAWN_DUP2, null, 1)]
            pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=actions)
            os.waitpid(pid, 0)
        rounds.append((time.monotonic() - start) / 20)
    os.close(null)
    return median(rounds)


def of_function(runtime: str, function: str, scan: str, count: int = COUNT) -> float:
    """Seconds for one call of a function on a runtime."""
    words = (MODULE, function, scan, "web", str(count))
    return median(float(runtimes.run(runtime, *words)) for _ in range(ROUNDS))


def memory(what: str, pid: int) -> None:
    """Show a process's memory: all of it, shared pages by their share, and its own pages alone."""
    found = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, size = line.split()[:2]
        found[name.rstrip(":")] = int(size)
    text = f"{found['Pss']:9} KiB, {found['Pss_Anon']} of them its own, Rss {found['Rss']}"
    print(f"{what:52} {text}", flush=True)


def broken_lines(loggers: int) -> tuple[int, int]:
    """(broken lines, all lines) when several s6-log write to one FIFO that is read slowly."""
    with tempfile.TemporaryDirectory(prefix="fg-bench-s6-") as folder:
        fifo = folder + "/fifo"
        os.mkfifo(fifo)
        reader = os.open(fifo, os.O_RDWR)
        redirect = [paths.find("", "", "").execline + "/redirfd", "-u", "1", fifo]
        started = [
            subprocess.Popen(
                [*redirect, "s6-log", "-b", "-l", "2000", f"p{n}:", "1"], stdin=subprocess.PIPE
            )
            for n in range(loggers)
        ]
        for n, process in enumerate(started):
            threading.Thread(target=feed, args=(process, n)).start()
        data = b""
        while any(process.poll() is None for process in started):
            time.sleep(0.0005)
            data += os.read(reader, 20000)
        while len(part := os.read(reader, 65536)) == 65536:
            data += part
        os.close(reader)
    lines = (data + part).splitlines()
    return sum(not is_whole(line) for line in lines), len(lines)


def feed(process: "subprocess.Popen[bytes]", number: int) -> None:
    """Lines of one letter each, of various lengths."""
    draw = random.Random(number)
    assert process.stdin is not None
    for _ in range(LINES):
        process.stdin.write(b"%c" % (97 + number) * draw.choice([1, 10, 100, 500, 1500]) + b"\n")
    process.stdin.close()


def is_whole(line: bytes) -> bool:
    """Whether prefix and letters belong to one logger."""
    prefix, _, text = line.partition(b": ")
    return prefix.isdigit() and set(text) == {97 + int(prefix)}


def show(what: str, figure: float, unit: str, against: float = 0.0) -> None:
    """One line, with the ratio of the other figure to this one."""
    ratio = f"   1/{against / figure:.0f}" if against else ""
    print(f"{what:52} {figure:9.3f} {unit}{ratio}", flush=True)


def ratios(scan: str) -> None:
    """Files read and written directly beside s6's programs."""
    pairs: list[tuple[str, str, list[str]]] = [
        ("status", "time_status", ["s6-svstat", f"{scan}/web"]),
        ("command", "time_command", ["s6-svc", "-c", f"{scan}/web"]),
    ]
    for what, function, argv in pairs:
        program = of_program(argv)
        show(f"{argv[0]}, one process", program * 1000, "ms")
        for runtime in runtimes.NAMES:
            seconds = of_function(runtime, function, scan)
            show(f"control.{what}, {runtime}", seconds * 1000, "ms", program * 1000)
    processes = sum(entry.isdigit() for entry in os.listdir("/proc"))
    for runtime in runtimes.NAMES:
        seconds = of_function(runtime, "time_strays", scan, 20)
        show(f"strays.find, {runtime}, {processes} processes", seconds * 1000, "ms")


def resident(here: s6_room.Room) -> None:
    """What a service costs besides its program."""
    here.add(oneshot("held", run=("true",)))
    here.add(oneshot("held2", run=("true",)))
    sleepers = [subprocess.Popen(["sleep", "infinity"]) for _ in range(2)]
    pids = [here.start(name, True).pid for name in ("held", "held2")]
    memory("a oneshot's holder (frost-oneshot)", pids[0])
    memory("sleep infinity", sleepers[0].pid)
    for name in ("web", "web/log"):
        with open(f"/proc/{here.status(name).pid}/stat") as file:
            parent = int(file.read().split()[3])
        memory(f"s6-supervise {name}", parent)
    memory("s6-log", here.status("web/log").pid)
    for sleeper in sleepers:
        sleeper.kill()
        sleeper.wait()
    for name in ("held", "held2"):
        control.command(here.scan, name, "d")
        here.end(name)


def starts() -> None:
    """Debian's execlineb, a wrapper, beside the program itself."""
    folder = paths.find("", "", "").execline
    direct = of_program([folder + "/execlineb", "-Pc", "/bin/true"])
    show("execlineb -Pc /bin/true", direct * 1000, "ms")
    wrapped = of_program(["/usr/bin/execlineb", "-Pc", "/bin/true"])
    show("/usr/bin/execlineb -Pc /bin/true", wrapped * 1000, "ms")


def main() -> int:
    """Print all figures."""
    with room() as here:
        here.add(service("web"))
        here.start("web")
        steps: list[Callable[[], None]] = [lambda: ratios(here.scan), lambda: resident(here)]
        for step in [*steps, starts]:
            step()
        control.command(here.scan, "web", "d")
        here.end("web")
    broken, lines = broken_lines(LOGGERS)
    show(f"{LOGGERS} s6-log into one FIFO: broken lines", 100 * broken / lines, "%")
    return 0


if __name__ == "__main__":
    sys.exit(main())
