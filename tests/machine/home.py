"""A home whose router is the image under test: the ISP, the computers, and what people notice.

The site is examples/home_router.py with a key to log in, as a newcomer would change it. All is
seen from outside: by packets on the links, by ssh, and on the console.
"""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from packager import bootable
from packager.isp import client, playground, services4, wait
from packager.isp.isp import Lifetimes
from packager.isp.namespaces import Machine
from packager.qemu import Boot
from tests.lab.sniffer import Advertisement, Sniffer
from tests.machine import clients, login
from tests.machine.emulated import BOOT_S, Emulated
from tests.runtimes import ROOT

EXAMPLE = ROOT / "examples" / "home_router.py"
ROUTER4 = "192.168.1.1"
LANS = 1
# Renewals happen during a test, and nothing expires while an emulated machine is busy. The ISP
# advertises as seldom as RFC 4861's defaults: each time costs a slow machine work.
TIMES = Lifetimes(renew=60, rebind=120, preferred=300, valid=600, router=1800, interval=600)
# The kernel's words when it starts process 1; `quiet` would keep them to itself.
FIRST = r"Run /\S+ as init process"
WORDS = "loglevel=7"


# Of root on the console. The hash is `openssl passwd -6 -salt frostgate`'s.
PASSWORD = "tests only"
HASH = (
    "$6$frostgate$MgJXOWhS4HUgEymp/0QERYRqWXd7Qo5KWAyeOrVg6vwE1T7Lami."
    "FoW2OpuM5BkGpzJhGrtIyvE1SleGWHaDp0"
)
KEY = {"keys=()": 'keys=("{key}",)'}
LOGIN = {
    "keys=()": f'keys=("{{key}}",), password="{HASH}"',
    "home.services, ssh)": "home.services, ssh, Console())",
    "from services.link": "from services.console.definition import Console\nfrom services.link",
}


def site(folder: Path, source: Path = EXAMPLE) -> Path:
    """The site's file, with our key in it; the example's with a login on the console, too."""
    changed = source.read_text()
    for old, new in (LOGIN if source == EXAMPLE else KEY).items():
        assert changed.count(old) == 1, f"{source}: expected {old} in it once, to put ours there"
        changed = changed.replace(old, new.replace("{key}", login.public_key()))
    path = folder / source.name
    path.write_text(changed)
    return path


@dataclass
class Started:
    """A start as seen from outside: seconds from process 1 to what people notice."""

    advertised_s: float = 0.0
    through_s: float = 0.0


class Home:
    """The router `machine` and who is around it."""

    def __init__(self, world: playground.Playground, machine: Emulated, folder: Path) -> None:
        self.world = world
        self.machine = machine
        self.isp = world.isp
        self.host = world.hosts[0]
        self.login = login.Login(self.host, ROUTER4, folder)
        self.started = Started()

    # --- from power to a LAN that works

    def boot(self) -> None:
        """Switch it on, wait until hosts reach the internet."""
        with Sniffer(self.host, client.LINK) as sniffer:
            self.machine.start()
            self.started = self._await_start(0, sniffer)

    def reboot(self, how: str) -> Started:
        """Boot again, by "ctrl-alt-del" or a command over ssh."""
        with Sniffer(self.host, client.LINK) as sniffer:
            told = len(self.machine.lines)
            if how == "ctrl-alt-del":
                assert self.machine.control
                self.machine.control.ctrl_alt_delete()
            else:
                self.order(how)
            self.login.close()
            if not keeps(self.machine.boot):
                self.login.forget()  # the router will make itself new host keys
            return self._await_start(told, sniffer)

    def order(self, command: str) -> None:
        """A command that ends the machine, a moment after ssh has its answer."""
        self.login.ask(f"(sleep 0.2; {command}) >/dev/null 2>&1 &")

    def _await_start(self, told: int, sniffer: Sniffer) -> Started:
        first = self.machine.await_line(FIRST, since=told)
        advertisement = self.await_advertisement(sniffer, first.time_s)
        prefix = next(iter(advertisement.prefixes)).partition("::")[0]
        wait.until(
            f"{self.isp.internet} answers the LAN",
            lambda: clients.ping(self.host, self.isp.internet),
            deadline_s=BOOT_S,
            evidence=self.evidence,
        )
        through_s = time.time()
        assert any(address.startswith(prefix) for address in self.addresses6()), self.evidence()
        self.ask_again()
        return Started(advertisement.time - first.time_s, through_s - first.time_s)

    def await_advertisement(self, sniffer: Sniffer, after: float) -> Advertisement:
        """The first one with a prefix that hosts may use."""

        def look() -> Advertisement | None:
            self.machine.check_alive()
            usable = [
                seen for seen in sniffer.read()
                if seen.time > after and seen.router_lifetime
                and any(each.preferred for each in seen.prefixes.values())
            ]  # fmt: skip
            return usable[0] if usable else None

        found = wait.until(
            "the LAN hears an advertisement with a prefix", look,
            deadline_s=BOOT_S, evidence=self.evidence,
        )  # fmt: skip
        assert found
        return found

    def ask_again(self) -> None:
        """A DHCP client whose questions nobody answered waits up to a minute before the next: as
        if its cable had been pulled."""
        self.host.svc("dhcpcd", "-r")

    # --- what people notice

    def addresses6(self) -> list[str]:
        """The LAN computer's global IPv6 addresses in use."""
        links = self.host.ip("address", "show", "dev", client.LINK, "scope", "global")
        infos = [info for link in links for info in link.get("addr_info", [])]
        return [
            info["local"] for info in infos
            if "local" in info and not info.get("deprecated") and not info.get("tentative")
        ]  # fmt: skip

    def addresses4(self) -> list[str]:
        """Its IPv4 addresses, link-local ones aside."""
        text = self.host.run("ip", "-4", "-o", "address", "show", "dev", client.LINK)
        words = [line.split() for line in text.splitlines()]
        return [row[row.index("inet") + 1].partition("/")[0] for row in words]

    def resolvers(self) -> list[str]:
        """The name servers that the LAN's computer has been told."""
        lines = self.host.path("/etc/resolv.conf").read_text().splitlines()
        return [line.split()[1] for line in lines if line.startswith("nameserver")]

    def works(self) -> dict[str, bool]:
        """What a home calls the internet: both families and names."""
        names = clients.resolve(self.host, ROUTER4, services4.NAME, "AAAA")
        return {
            "IPv6": clients.ping(self.host, self.isp.internet),
            "IPv4": clients.ping(self.host, services4.INTERNET4),
            "names": names == [self.isp.internet],
        }

    def await_works(self, deadline_s: float = 120.0) -> None:
        """Wait until all of it does."""
        wait.until(
            "the LAN has IPv6, IPv4 and names", self.works, lambda seen: all(seen.values()),
            deadline_s=deadline_s, evidence=self.evidence,
        )  # fmt: skip

    def evidence(self) -> str:
        """For failures: what everybody says."""
        return f"{self.machine.tail()}\n{self.world.tail()}\n{addresses(self.host)}"


def addresses(machine: Machine) -> str:
    """A computer's addresses and routes, as text."""
    return machine.run("sh", "-c", "ip address; ip route; ip -6 route", check=False)


def keeps(boot: Boot) -> bool:
    """Whether what the machine writes outlives a reboot."""
    return any(disk.path.suffix == ".ext4" for disk in boot.disks)


def kept(boot: Boot, folder: Path) -> Boot:
    """The same with copies of the disks, which may be written to."""
    disks = []
    for disk in boot.disks:
        copy = folder / disk.path.name
        subprocess.run(["cp", "--sparse=always", str(disk.path), str(copy)], check=True)
        disks.append(replace(disk, path=copy))
    return replace(boot, disks=tuple(disks))


@contextmanager
def running(image: Path, folder: Path, words: str = "") -> Iterator[Home]:
    """The home with this image's router, not booted yet. words: more for the kernel."""
    found = bootable.bootable(image)
    boot = kept(found.boot(is_kept=True, words=f"{WORDS} {words}".strip()), folder)
    with playground.running(LANS, TIMES) as world:
        with Emulated(found.target, boot, folder, tuple(world.taps)) as machine:
            yield Home(world, machine, folder)
