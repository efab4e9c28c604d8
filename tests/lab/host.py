"""A host on one of the router's LANs: the plain kernel, which takes its addresses from RAs."""

from typing import Any

from packager.isp import wait
from packager.isp.isp import INTERNET
from packager.isp.namespaces import CommandFailed, Machine


class Host:
    """The host at the far end of one LAN. Its link is `eth0`."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def start(self) -> None:
        """SLAAC, default router and route information, as hosts do (RFC 4191 type C)."""
        self.machine.sysctl(eth0__accept_ra=1, eth0__accept_ra_rt_info_max_plen=64)
        self.machine.ip("link", "set", "eth0", "up")

    def addresses(self) -> list[dict[str, Any]]:
        """The global addresses, as `ip -j` tells them."""
        links = self.machine.ip("address", "show", "dev", "eth0", "scope", "global")
        infos = [info for link in links for info in link.get("addr_info", [])]
        return [info for info in infos if "local" in info]  # ip leaves {} for what it filtered

    def usable(self, prefix: str) -> list[str]:
        """Addresses of a prefix (text up to the host part) that new connections may use."""
        return [
            info["local"]
            for info in self.addresses()
            if info["local"].startswith(prefix)
            and not info.get("tentative")
            and not info.get("deprecated")
        ]

    def deprecated(self, prefix: str) -> list[str]:
        """Addresses of a prefix that are kept for old connections alone."""
        return [
            info["local"]
            for info in self.addresses()
            if info["local"].startswith(prefix) and info.get("deprecated")
        ]

    def routes(self) -> list[dict[str, Any]]:
        """The kernel's main table."""
        return list(self.machine.ip("route", "show"))

    def default_routers(self) -> list[str]:
        """The gateways of the default routes."""
        gateways = []
        for route in self.routes():
            if route["dst"] == "default":
                hops = route.get("nexthops", [route])
                gateways += [hop["gateway"] for hop in hops if "gateway" in hop]
        return gateways

    def ping(self, source: str = "eth0", target: str = INTERNET) -> bool:
        """One echo request, at most 1 s for the answer."""
        try:
            self.machine.run("ping", "-6", "-n", "-c1", "-W1", "-I", source, target)
        except CommandFailed:
            return False
        return True

    def await_usable(self, prefix: str, deadline_s: float = 30.0) -> str:
        """Wait for an address of this prefix that is in use; return it."""
        return wait.until(
            f"{self.machine.name} has an address in use of {prefix}",
            lambda: (self.usable(prefix), self.addresses()),
            lambda seen: seen[0],
            deadline_s=deadline_s,
        )[0][0]

    def await_deprecated(self, prefix: str, deadline_s: float = 30.0) -> str:
        """Wait until every address of this prefix is deprecated; return the first."""
        wait.until(
            f"{self.machine.name} has deprecated its addresses of {prefix}",
            self.addresses,
            lambda _: self.deprecated(prefix) and not self.usable(prefix),
            deadline_s=deadline_s,
        )
        return self.deprecated(prefix)[0]

    def await_ping(self, source: str = "eth0", deadline_s: float = 30.0) -> None:
        """Wait until the internet side answers."""
        wait.until(
            f"{INTERNET} answers {self.machine.name}'s ping from {source}",
            lambda: self.ping(source),
            deadline_s=deadline_s,
            evidence=lambda: f"  its routes: {self.routes()}\n  its addresses: {self.addresses()}",
        )

    def await_no_default_router(self, deadline_s: float = 30.0) -> None:
        """Wait until this host has no default route left."""
        wait.until(
            f"{self.machine.name} has no default router",
            self.default_routers,
            lambda seen: not seen,
            deadline_s=deadline_s,
        )
