"""The names of the lab's network namespaces: for people (`ip netns exec NAME sh`), nothing more."""

import os
import subprocess
from pathlib import Path

FOLDER = Path("/run/netns")  # where ip-netns(8) keeps them
ROLES = ("isp", "router", "host0", "host1", "lan0", "lan1", "lan2")


def free(role: str) -> str:
    """fg-ROLE-PID, or with a number behind it while this process has several labs."""
    name, number = f"fg-{role}-{os.getpid()}", 1
    while (FOLDER / name).exists():
        number += 1
        name = f"fg-{role}-{os.getpid()}-{number}"
    return name


def remove_stale() -> list[str]:
    """Remove the names that a lab left which was killed with SIGKILL: those of dead processes."""
    removed = []
    for entry in sorted(FOLDER.glob("fg-*-*")) if FOLDER.exists() else []:
        _, role, pid, *_ = entry.name.split("-")
        if role in ROLES and pid.isdigit() and not Path(f"/proc/{pid}").exists():
            gone = subprocess.run(["ip", "netns", "del", entry.name], capture_output=True)
            # Another lab may be removing it as well, or its own, which ended just now.
            if gone.returncode == 0:
                removed.append(entry.name)
            elif entry.exists():
                raise OSError(gone.stderr.decode().strip())
    return removed
