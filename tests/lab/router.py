"""The lab's router: the frozen programs under s6-svscan, and a real DHCPv6 client.

The client is Debian's dhcpcd, told to configure nothing itself, or odhcp6c where $ODHCP6C names
one. Every run script is execline. What the router knows of the ISP comes by packets alone.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from agent import outputs
from packager.isp import wait
from packager.isp.namespaces import SCAN, Machine

PROJECT = Path(__file__).resolve().parents[2]
FROZEN = PROJECT / "build" / "x86_64"
PROGRAMS = (
    "ifwait",
    "odhcp_script",
    "dhcpcd_script",
    "wan_address",
    "lan_prefix",
    "ra",
)
OUTPUTS = "/run/services/outputs"
STATE = "/run/frostgate"
LEASE = "dhcp6"  # the service that publishes the lease
DELEGATION = "lan_prefix"  # the service that publishes the LANs' prefixes

ENVIRONMENT = {"FROST_OUTPUTS": OUTPUTS, "FROST_STATE": STATE}

# nodev: no udevd runs in here to say that a link is ready. persistent and no `release`:
# no RELEASE when the client ends (RFC 9096 WPD-9). `env` reaches the hook, nothing else does.
# dhcp6_pd_exclude is not asked for: docs/prefixes.md, "Prefix exclude".
DHCPCD_CONF = f"""nodev
duid
persistent
env SERVICE={LEASE}
env FROST_OUTPUTS={OUTPUTS}
env FROST_STATE={STATE}
option %s
allowinterfaces wan
interface wan
    ipv6rs
    ia_na 1
    ia_pd 2
"""


def execline(argv: Iterable[str], *, service: str, before: str = "") -> str:
    """A run script: stderr to the log, a clean environment, then the program."""
    exports = "".join(f"export {name} {value}\n" for name, value in sorted(ENVIRONMENT.items()))
    return (
        f"#!/usr/bin/execlineb -P\nfdmove -c 1 2\n{before}emptyenv -p\n"
        f"{exports}export SERVICE {service}\n{' '.join(argv)}\n"
    )


class Router:
    """The router machine: `wan` towards the ISP, `lan0`, `lan1`... towards the hosts."""

    def __init__(self, machine: Machine, lans: tuple[str, ...], programs: Path = FROZEN) -> None:
        self.machine = machine
        self.lans = lans
        self.programs = programs
        self.options = ["dhcp6_name_servers", "dhcp6_domain_search"]  # that dhcpcd asks for
        missing = [name for name in PROGRAMS if not (programs / name).exists()]
        if missing:
            raise FileNotFoundError(
                f"lab: {programs.name}: expected the frozen programs, got no {' '.join(missing)}\n"
                "  hint: make frozen TARGET=x86_64"
            )

    def start(self, *, client: bool = True) -> None:
        """Kernel settings and the long-running programs; the client too, unless told otherwise."""
        self.machine.sysctl(all__forwarding=1)
        for name, argv in self.longruns():
            script = execline([str(self.programs / argv[0]), *argv[1:]], service=name)
            self.machine.add_service(name, script, notification_fd=3)
        if client:
            self.start_client()

    def longruns(self) -> list[tuple[str, list[str]]]:
        """The frozen long-running programs: service name and argv."""
        numbered = [f"{lan},id={number}" for number, lan in enumerate(self.lans, 1)]
        return [
            ("wan_address", ["wan_address", "-d", "3", LEASE]),
            (DELEGATION, ["lan_prefix", "-d", "3", LEASE, *numbered]),
            ("ra", ["ra", "-d", "3", "-l", LEASE, "-p", DELEGATION, *self.lans]),
        ]

    def start_client(self) -> None:
        """The DHCPv6 client, once the WAN has its carrier (ifwait sees to it)."""
        odhcp6c = os.environ.get("ODHCP6C", "")
        if odhcp6c:
            if not os.access(odhcp6c, os.X_OK):
                raise FileNotFoundError(f"lab: ODHCP6C: expected a program, got {odhcp6c}")
            hook = str(self.programs / "odhcp_script")
            argv = [odhcp6c, "-s", hook, "-N", "try", "-P", "56", "-k", "-v", "wan"]
        else:
            self.machine.write("/run/dhcpcd.conf", DHCPCD_CONF % ", ".join(self.options))
            hook = str(self.programs / "dhcpcd_script")
            argv = [
                "dhcpcd",
                "-B",
                "-6",
                "--noconfigure",
                "-c",
                hook,
                "-f",
                "/run/dhcpcd.conf",
            ]
        # A dhcpcd that ends late, on the link that came anew, left it without link-local address.
        before = (
            f"if {{ {self.programs}/ifwait wan running }}\n"
            "if { redirfd -w 1 /proc/sys/net/ipv6/conf/wan/addr_gen_mode echo 0 }\n"
        )
        self.machine.add_service(LEASE, execline(argv, service=LEASE, before=before))
        self.machine.add_service("wan_watch", self.restart_with_the_link())

    def restart_with_the_link(self) -> str:
        """A run script that restarts the client when the WAN link has gone.

        dhcpcd switches the kernel's link-local addresses off on links that it takes over
        (addr_gen_mode) and with --noconfigure adds none of its own, so on a link that came anew
        it waits for one for ever. Started after the link's return, it finds the kernel's. A
        SIGTERM that comes while dhcpcd is busy with the departed link is sometimes lost: again
        until it has restarted.
        """
        ifwait = f"{self.programs}/ifwait"
        return (
            "#!/usr/bin/execlineb -P\nfdmove -c 1 2\n"
            f"if {{ {ifwait} wan present }}\nif {{ {ifwait} wan absent }}\n"
            f"loopwhilex -n s6-svc -wr -T 2000 -r {SCAN}/{LEASE}\n"
        )

    # --- what the router holds

    def outputs(self, service: str) -> dict[str, str]:
        """One consistent snapshot of a service's outputs; {} while it has published nothing."""
        return outputs.read(str(self.machine.path(OUTPUTS)), service) or {}

    def prefixes(self) -> set[str]:
        """The delegated prefixes of the lease that have not been withdrawn, as text."""
        lease = self.outputs(LEASE)
        return {
            f"{lease[f'prefix/{key}/prefix']}/{lease[f'prefix/{key}/length']}"
            for key in entries(lease, "prefix")
            if lease[f"prefix/{key}/valid"] != "0"
        }

    def lan_prefixes(self, lan: str) -> set[str]:
        """The prefixes that lan_prefix says this LAN has now."""
        published = self.outputs(DELEGATION)
        return {
            f"{published[f'lan/{lan}/{key}/prefix']}/{published[f'lan/{lan}/{key}/length']}"
            for key in entries(published, f"lan/{lan}")
        }

    def global_addresses(self, link: str) -> list[dict[str, Any]]:
        """The kernel's global addresses of one link, as `ip -j` tells them; [] without the link."""
        links = self.machine.ip("address", "show", "scope", "global")
        return [
            info
            for entry in links
            if entry.get("ifname") == link
            for info in entry["addr_info"]
            if info.get("scope") == "global"
        ]

    def routes(self) -> list[dict[str, Any]]:
        """The kernel's main table."""
        return list(self.machine.ip("route", "show"))

    def gateways(self) -> list[str]:
        """The gateways of the default routes."""
        return [route["gateway"] for route in self.routes() if route["dst"] == "default"]

    def service_start(self, name: str) -> str:
        """Which process of a service runs: pid and start, "-1 ..." for none."""
        return self.machine.run("s6-svstat", "-o", "pid,updownsince", f"{SCAN}/{name}").strip()

    def restart(self, name: str, how: str) -> None:
        """End a service's process by s6-svc's option `how`; wait until s6 has started it anew."""
        before = self.service_start(name)
        self.machine.svc(name, how)
        wait.until(
            f"s6 has restarted {name}",
            lambda: self.service_start(name),
            lambda seen: seen != before and not seen.startswith("-1"),
            evidence=self.machine.tail,
        )

    def await_lease(self, deadline_s: float = 30.0) -> set[str]:
        """Wait for the first delegated prefix."""
        return wait.until(
            "the lease has a delegated prefix",
            self.prefixes,
            deadline_s=deadline_s,
            evidence=self.machine.tail,
        )

    def await_lan_prefix(self, lan: str, start: str, deadline_s: float = 30.0) -> str:
        """Wait until lan_prefix has given this LAN a prefix that begins so; return it."""
        held = wait.until(
            f"{lan} has a prefix that begins {start}",
            lambda: sorted(self.lan_prefixes(lan)),
            lambda seen: any(prefix.startswith(start) for prefix in seen),
            deadline_s=deadline_s,
            evidence=self.machine.tail,
        )
        return next(prefix for prefix in held if prefix.startswith(start))

    def await_address(self, link: str, start: str, deadline_s: float = 30.0) -> str:
        """Wait until this link has a global address that begins so; return it."""
        held: list[str] = wait.until(
            f"{link} has an address that begins {start}",
            lambda: [info["local"] for info in self.global_addresses(link)],
            lambda seen: any(address.startswith(start) for address in seen),
            deadline_s=deadline_s,
            evidence=self.machine.tail,
        )
        return next(address for address in held if address.startswith(start))


def entries(values: dict[str, str], kind: str) -> list[str]:
    """The keys under one kind of entry: entries(lease, "prefix") of prefix/KEY/valid."""
    start = kind + "/"
    return sorted({name[len(start) :].split("/")[0] for name in values if name.startswith(start)})
