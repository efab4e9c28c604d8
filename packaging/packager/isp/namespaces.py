"""Machines made of namespaces: network, mount and pid, with s6-svscan as the init.

The lab's builders (isp, router, host) stand on this. The one rule: everything that a machine
holds dies with its init, and its init dies with us, so nothing outlives the lab however it ends.
/run, /proc, /sys and /etc/resolv.conf are the machine's own; the rest of the tree is shared.
"""

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent import ip
from packager.isp import names, wait

CLONE_NEWNS = 0x00020000  # sched.h
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

SCAN = "/run/service"

# The init's first steps, inside. $1 is the descriptor that takes s6-svscan's readiness.
BOOT = """
set -e
mount -t tmpfs -o mode=755 tmpfs /run
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mkdir -p /run/service /run/lock /run/log
: > /run/resolv.conf
if [ -e /etc/resolv.conf ]; then mount --bind /run/resolv.conf /etc/resolv.conf; fi
for state in /var/lib/dhcpcd /var/lib/dhcpcd5; do
    if [ -d $state ]; then mount -t tmpfs -o mode=755 tmpfs $state; fi
done
ip link set lo up
exec s6-svscan -d "$1" -- /run/service
"""


class CommandFailed(Exception):
    """A command of the lab's own (ip, s6-svc...) ended with something other than 0."""


def setns(fileno: int, kind: int) -> None:
    """Move this thread into a namespace (setns(2)); Python has it from 3.12 only."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(fileno, kind) != 0:
        raise OSError(ctypes.get_errno(), f"setns: {os.strerror(ctypes.get_errno())}")


class Machine:
    """One namespace machine. `pid` is its init's, as the host sees it."""

    def __init__(self, role: str, log: Path) -> None:
        """A machine that does not run yet: boot() starts it, close() ends it at any time."""
        self.role = role
        self.log = log
        self.name = ""
        self.pid = 0
        self.services: list[str] = []
        self.holder: subprocess.Popen[bytes] | None = None

    def boot(self) -> None:
        """Start the init; return when it is ready. Unmet when it is not in time."""
        readable, writable = os.pipe()
        argv = ["setpriv", "--pdeathsig", "KILL", "unshare", "--net", "--mount", "--pid", "--fork"]
        argv += ["--kill-child=KILL", "--", "sh", "-c", BOOT, "boot", str(writable)]
        try:
            with self.log.open("ab") as sink:
                self.holder = subprocess.Popen(
                    argv,
                    stdin=subprocess.DEVNULL,
                    stdout=sink,
                    stderr=sink,
                    pass_fds=(writable,),
                    start_new_session=True,  # a terminal's SIGINT is ours to handle, not theirs
                )
            os.close(writable)
            self._await_boot(readable)
        finally:
            os.close(readable)
        self.pid = int(self._children()[0])
        self.name = names.free(self.role)
        run(["ip", "netns", "attach", self.name, str(self.pid)])

    def _children(self) -> list[str]:
        pid = self.holder.pid if self.holder else 0
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()

    def _await_boot(self, readable: int) -> None:
        ready = wait.until(
            f"{self.role}: s6-svscan is ready",
            lambda: select.select([readable], [], [], 1.0)[0],
            evidence=self.tail,
        )
        if os.read(ready[0], 1) != b"\n":
            raise wait.Unmet(f"{self.role}: s6-svscan ended\n{self.tail()}")

    def tail(self, lines: int = 30) -> str:
        """The end of this machine's log, for failure messages."""
        text = self.log.read_text(errors="replace").splitlines()[-lines:]
        return "\n".join(f"  {self.role}: {line}" for line in text)

    def close(self) -> None:
        """End the init, and with it every process inside; then the name. Safe to repeat."""
        while self.holder and self.holder.poll() is None:
            # With its init the kernel ends the whole pid namespace; unshare, the init's parent,
            # reaps it and ends too. Again while there is none yet: unshare may be about to fork.
            for child in self._children():
                os.kill(int(child), signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.holder.wait(1.0)
        if self.name and (names.FOLDER / self.name).exists():
            run(["ip", "netns", "del", self.name])

    # --- commands inside

    def enter(self, *argv: str) -> list[str]:
        """The argv that runs `argv` in all of this machine's namespaces."""
        return ["nsenter", "-t", str(self.pid), "-n", "-m", "-p", "-r", "--", *argv]

    def run(self, *argv: str, check: bool = True, timeout_s: float = 30.0) -> str:
        """Run a command inside and return its stdout; CommandFailed unless it ends with 0."""
        return run(self.enter(*argv), check=check, timeout_s=timeout_s)

    def ip(self, *argv: str) -> Any:
        """`ip -j ...` inside, decoded. The network namespace alone: half the cost of run()."""
        text = run(["nsenter", f"--net=/proc/{self.pid}/ns/net", "ip", "-j", "-6", *argv])
        return json.loads(text or "[]")

    def sysctl(self, **values: int | str) -> None:
        """Write net.ipv6.conf settings, e.g. sysctl(all__forwarding=1): `__` for `/`."""
        for name, value in sorted(values.items()):
            key = name.replace("__", "/")
            self.run("sh", "-c", f"echo {value} > /proc/sys/net/ipv6/conf/{key}")

    def path(self, inside: str) -> Path:
        """Where the host finds a file of this machine (proc(5), /proc/PID/root)."""
        return Path(f"/proc/{self.pid}/root{inside}")

    @contextlib.contextmanager
    def network(self) -> Iterator[None]:
        """This thread is in the machine's network inside the block: for opening sockets there."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        away = os.open(f"/proc/{self.pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            setns(away, CLONE_NEWNET)
            yield
        finally:
            setns(home, CLONE_NEWNET)
            os.close(away)
            os.close(home)

    def join(self) -> None:
        """Move this process inside for good: its network, its mounts, and its children's pids."""
        kinds = (("net", CLONE_NEWNET), ("pid", CLONE_NEWPID), ("mnt", CLONE_NEWNS))
        filenos = [os.open(f"/proc/{self.pid}/ns/{name}", os.O_RDONLY) for name, _ in kinds]
        for fileno, (_, kind) in zip(filenos, kinds, strict=True):
            setns(fileno, kind)
            os.close(fileno)

    # --- services under s6

    def write(self, inside: str, text: str, mode: int = 0o644) -> None:
        """Write a file inside, with the folders above it, in one step (x.new, rename)."""
        target = self.path(inside)
        target.parent.mkdir(parents=True, exist_ok=True)
        new = target.with_name(target.name + ".new")
        new.write_text(text)
        new.chmod(mode)
        new.rename(target)

    def add_service(self, name: str, run_script: str, *, notification_fd: int = 0) -> None:
        """A longrun under this machine's s6-svscan, started at once."""
        staged = f"/run/staged/{name}"
        self.write(f"{staged}/run", run_script, 0o755)
        if notification_fd:
            self.write(f"{staged}/notification-fd", f"{notification_fd}\n")
        self.path(staged).rename(self.path(f"{SCAN}/{name}"))  # seen whole or not at all
        self.run("s6-svscanctl", "-a", SCAN)
        self.services.append(name)
        wait.until(
            f"{self.name}: s6-supervise runs {name}",
            lambda: self.path(f"{SCAN}/{name}/supervise/status").exists(),
        )

    def svc(self, name: str, *options: str) -> None:
        """s6-svc on one of this machine's services."""
        self.run("s6-svc", *options, f"{SCAN}/{name}")

    def service_pid(self, name: str) -> int:
        """The service's pid inside, or -1 while it is down (s6-svstat -o pid)."""
        return int(self.run("s6-svstat", "-o", "pid", f"{SCAN}/{name}"))

    def await_ready(self, name: str, deadline_s: float = 30.0) -> None:
        """Wait for s6 readiness of one service."""
        wait.until(
            f"{self.name}: {name} is ready",
            lambda: self.run("s6-svstat", "-o", "up,ready", f"{SCAN}/{name}").split(),
            lambda seen: seen == ["true", "true"],
            deadline_s=deadline_s,
            evidence=self.tail,
        )


def run(argv: list[str], *, check: bool = True, timeout_s: float = 30.0) -> str:
    """Run a command, return its stdout. CommandFailed names it with what it wrote to stderr."""
    done = subprocess.run(
        argv,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout_s,
    )
    if check and done.returncode != 0:
        error = done.stderr.strip() or done.stdout.strip()
        raise CommandFailed(f"{' '.join(argv)}: exit code {done.returncode}: {error}")
    return done.stdout


def cable(one: Machine, name: str, other: Machine, peer: str, macs: tuple[str, str]) -> None:
    """A veth between two machines, both ends down. Documentation MACs make fixed link-locals."""
    run(
        [
            "ip",
            "link",
            "add",
            name,
            "netns",
            str(one.pid),
            "address",
            macs[0],
            "type",
            "veth",
        ]
        + ["peer", "name", peer, "netns", str(other.pid), "address", macs[1]]
    )


def link_local(mac: str) -> str:
    """The modified EUI-64 link-local address of a MAC (RFC 4291 appendix A), canonical."""
    octets = [int(part, 16) for part in mac.split(":")]
    octets[0] ^= 2
    host = int.from_bytes([*octets[:3], 0xFF, 0xFE, *octets[3:]], "big")
    return ip.format6(0xFE80 << 112 | host)
