"""Into the LAN of a router that another terminal runs: which one there is, and how to get in."""

import os
from pathlib import Path

from packager.isp import names

ROLE = "lan{}"


class NobodyHome(Exception):
    """There is no such LAN; one line for the user."""


def lan_pid(number: int = 0) -> int:
    """The init of the newest playground's computer on this LAN. Raises NobodyHome."""
    pattern = f"fg-{ROLE.format(number)}-*"
    found = sorted(names.FOLDER.glob(pattern)) if names.FOLDER.exists() else []
    alive = [path for path in found if Path(f"/proc/{path.name.split('-')[2]}").exists()]
    for path in sorted(alive, key=lambda each: each.stat().st_ctime, reverse=True):
        pid = _init(path)
        if pid:
            return pid
    raise NobodyHome(
        "expected a router that runs with a simulated ISP, found none: "
        "start `frostgate run IMAGE --isp` in another terminal"
    )


def argv(pid: int, command: list[str]) -> list[str]:
    """Run a command, or a shell, as that computer: its network, its files in /run and its pids."""
    shell = os.environ.get("SHELL", "/bin/sh")
    return ["nsenter", "-t", str(pid), "-n", "-m", "-p", "-r", "-w", "--", *(command or [shell])]


def _init(name: Path) -> int:
    """The process that is 1 inside, 0 without one. The name is a mount of its network's."""
    wanted = name.stat().st_ino
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if (entry / "ns" / "net").stat().st_ino != wanted:
                continue
            status = (entry / "status").read_text()
        except OSError:
            continue  # it has ended meanwhile
        pids = next(line.split()[1:] for line in status.split("\n") if line.startswith("NSpid:"))
        if len(pids) > 1 and pids[-1] == "1":
            return int(entry.name)
    return 0
