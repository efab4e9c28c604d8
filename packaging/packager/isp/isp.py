"""The simulated ISP: Kea delegates prefixes and leases addresses, radvd is the default router.

Both are real daemons under the ISP machine's s6-svscan. `renumber()` makes Kea come back with
another subnet and another pool and its leases kept: the answer to a Renew then carries the old
prefix with lifetimes 0/0 and a new one.
"""

import ipaddress
import json
from dataclasses import dataclass
from typing import Any

from packager.isp import wait
from packager.isp.namespaces import Machine, link_local

ISP_MAC = "02:00:5e:00:53:01"
LINE_MAC = "02:00:5e:00:53:03"  # of the switch's port
ROUTER_MAC = "02:00:5e:00:53:02"
# The first 32 bits of every address. The lab's are documentation's (RFC 3849), which firewalls
# drop as bogons. The others pass for real ones and are nobody's yet: IANA keeps 2e00::/7 back.
DOCUMENTATION = "2001:db8"
PLAUSIBLE = "2e00:db8"
INTERNET = f"{DOCUMENTATION}:ffff::1"  # what the lab's hosts ping
DNS = f"{DOCUMENTATION}:ffff::53"
DELEGATED_LENGTH = 56


@dataclass(frozen=True)
class Lifetimes:
    """What the ISP promises, in seconds. interval: the longest between two of its advertisements
    (RFC 4861 6.2.1: 600 by default); 4 is the shortest that radvd takes."""

    renew: int = 4
    rebind: int = 14
    preferred: int = 24
    valid: int = 30
    router: int = 30
    interval: int = 4


@dataclass(frozen=True)
class Numbering:
    """One plan of the ISP: its WAN subnet and the pool it delegates from."""

    subnet: str
    router: str
    pool: str
    delegated: str  # a /40

    @property
    def start(self) -> str:
        """How the text of every prefix and address begins that comes from this pool."""
        return self.delegated.removesuffix("00::")


def numbering(n: int, base: str = DOCUMENTATION) -> Numbering:
    """The n-th plan, n from 1 to 9."""
    return Numbering(
        subnet=f"{base}:0:{n}::/64",
        router=f"{base}:0:{n}::1",
        pool=f"{base}:0:{n}::1000-{base}:0:{n}::1fff",
        delegated=f"{base}:{n}000::",
    )


def kea_config(
    plan: Numbering,
    subnet_id: int,
    times: Lifetimes,
    excluded: str = "",
    dns: str = DNS,
    ntp: str = "",
) -> dict[str, Any]:
    """kea-dhcp6's configuration for one plan (Kea ARM, chapter 9).

    `ntp`: a time server, told as option 56 (RFC 5908).
    `excluded`: a /64 of the pool; of each delegated prefix the one with the same subnet id is
    excluded (RFC 6603). Kea tells it to those that ask for option 67.
    """
    pool: dict[str, Any] = {
        "prefix": plan.delegated,
        "prefix-len": 40,
        "delegated-len": DELEGATED_LENGTH,
    }
    if excluded:
        pool.update({"excluded-prefix": excluded, "excluded-prefix-len": 64})
    options: list[dict[str, Any]] = [
        {"name": "dns-servers", "data": dns},
        {"name": "domain-search", "data": "isp.example"},
    ]
    if ntp:  # Kea has no name for it: suboption 1, 16 octets, the address
        address = ipaddress.IPv6Address(ntp).packed.hex()
        options.append({"code": 56, "csv-format": False, "data": f"00010010{address}"})
    subnet = {
        "id": subnet_id,
        "subnet": plan.subnet,
        "interface": "wan0",
        "pools": [{"pool": plan.pool}],
        "pd-pools": [pool],
        "rapid-commit": True,  # for those that ask for it (RFC 9915 section 18.3.1)
    }
    return {
        "Dhcp6": {
            "data-directory": "/run/kea",
            "interfaces-config": {"interfaces": ["wan0"]},
            "lease-database": {
                "type": "memfile",
                "persist": True,
                "name": "/run/kea/leases",
            },
            "renew-timer": times.renew,
            "rebind-timer": times.rebind,
            "preferred-lifetime": times.preferred,
            "valid-lifetime": times.valid,
            "option-data": options,
            "subnet6": [subnet],
            "loggers": [
                {
                    "name": "kea-dhcp6",
                    "severity": "WARN",
                    "output_options": [{"output": "stderr"}],
                }
            ],
        }
    }


KEA_RUN = """#!/usr/bin/execlineb -P
export KEA_PIDFILE_DIR /run/kea
export KEA_LOCKFILE_DIR /run/kea
kea-dhcp6 -c /run/kea/kea.json
"""

RADVD_RUN = """#!/usr/bin/execlineb -P
radvd -n -m stderr -C /run/radvd.conf -p /run/radvd.pid
"""


def radvd_config(times: Lifetimes) -> str:
    """A default router without prefixes, M and O set: addresses come by DHCPv6 alone."""
    return f"""interface wan0 {{
    AdvSendAdvert on;
    AdvManagedFlag on;
    AdvOtherConfigFlag on;
    MinRtrAdvInterval {max(3, times.interval // 3)};
    MaxRtrAdvInterval {times.interval};
    AdvDefaultLifetime {times.router};
}};
"""


class Isp:
    """The ISP machine. The router hangs at `line`, a port of the switch `wan0`.

    The switch has a second port, so that `wan0` keeps its carrier, its addresses and its daemons
    when the router's line is cut.
    """

    def __init__(self, machine: Machine, times: Lifetimes, base: str = DOCUMENTATION) -> None:
        self.machine = machine
        self.times = times
        self.base = base
        self.excluded = self.ntp = ""  # set before start(): see kea_config()
        self.number = 0

    def start(self) -> None:
        """Addresses, forwarding, then the daemons. The cable must be there and its far end up."""
        self.machine.sysctl(all__forwarding=1)
        self.machine.ip("address", "add", f"{self.internet}/128", "dev", "lo")
        self.machine.ip("address", "add", f"{self.dns}/128", "dev", "lo")
        self._raise_switch()
        self.machine.path("/run/kea").mkdir()
        self._take_numbering(1)
        self.machine.write("/run/radvd.conf", radvd_config(self.times))
        self.machine.add_service("kea", KEA_RUN)
        self.machine.add_service("radvd", RADVD_RUN)
        self.await_kea()

    def _raise_switch(self) -> None:
        """The switch up, its link-local address usable: before that Kea listens on nothing."""
        ip = self.machine.ip
        ip("link", "add", "wan0", "address", ISP_MAC, "type", "bridge", "mcast_snooping", "0")
        ip("link", "add", "port0", "master", "wan0", "type", "veth", "peer", "name", "stub0")
        for link in ("port0", "stub0", "wan0"):
            ip("link", "set", link, "up")
        self.mend()
        show = ("address", "show", "dev", "wan0", "scope", "link", "-tentative")
        wait.until(
            "the ISP's link-local address is no longer tentative",
            lambda: ip(*show),
            lambda seen: any(link.get("addr_info") for link in seen),
        )

    def _take_numbering(self, number: int) -> None:
        """Routes and Kea's configuration of one plan; Kea itself is (re)started by the caller."""
        ip = self.machine.ip
        if self.number:
            old = numbering(self.number, self.base)
            ip("address", "del", f"{old.router}/64", "dev", "wan0")
            ip("route", "del", f"{old.delegated}/40")
        self.number = number
        plan = self.plan
        ip("address", "add", f"{plan.router}/64", "dev", "wan0", "nodad")
        # Kea installs no routes for what it delegates.
        ip("route", "add", f"{plan.delegated}/40", "via", link_local(ROUTER_MAC), "dev", "wan0")
        config = kea_config(plan, number, self.times, self.excluded, self.dns, self.ntp)
        self.machine.write("/run/kea/kea.json", json.dumps(config, indent=2))

    def await_kea(self) -> None:
        """Kea listens on the WAN link (UDP port 547)."""
        wait.until(
            "Kea listens on port 547",
            lambda: self.machine.run("ss", "-Hlun6", "sport = :547"),
            lambda seen: "ff02::1:2" in seen or "%wan0" in seen,
            evidence=self.machine.tail,
        )

    @property
    def internet(self) -> str:
        """What is on the far side and answers."""
        return f"{self.base}:ffff::1"

    @property
    def dns(self) -> str:
        """The resolver that clients are told."""
        return f"{self.base}:ffff::53"

    @property
    def plan(self) -> Numbering:
        return numbering(self.number, self.base)

    def renumber(self) -> Numbering:
        """Another subnet and pool from now on; clients learn it at their next Renew."""
        self._take_numbering(self.number + 1)
        self.machine.svc("kea", "-wd", "-T5000", "-d")
        self.machine.svc("kea", "-u")
        self.await_kea()
        return self.plan

    def die(self) -> None:
        """Every daemon of the ISP is gone, without a word on the wire. The link stays up."""
        for name in ("radvd", "kea"):
            # SIGKILL, and not restarted: on SIGTERM radvd would say goodbye (lifetime 0).
            self.machine.svc(name, "-wd", "-T5000", "-Ok")

    def revive(self) -> None:
        """The daemons come back as they were, leases kept."""
        for name in ("kea", "radvd"):
            self.machine.svc(name, "-u")
        self.await_kea()

    def cut(self) -> None:
        """The router loses its carrier, as with a pulled cable."""
        self.machine.ip("link", "set", "line", "down")

    def mend(self) -> None:
        """The carrier is back."""
        self.machine.ip("link", "set", "line", "master", "wan0", "up")
