"""route: a static route, for as long as the link that it leads out of is there."""

import ipaddress

from services.link.definition import Link
from services.model import (
    Claim,
    Condition,
    Outputs,
    Resource,
    Service,
    Unit,
    kinds,
    link,
    longrun,
    output,
    parameter,
)

UNICAST = "unicast"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class RouteOutputs(Outputs):
    """Where it leads."""

    destination = output("the destination, a prefix")
    ifindex = output("the link's index, while there is the link")


PREFIX = kinds.Kind(
    "a prefix as 10.8.0.0/16 or 2001:db8::/48",
    lambda value: kinds.PREFIX4.holds(value) or kinds.PREFIX6.holds(value),
    advise=kinds.PREFIX4.advise,
)


class Route(Service):
    """A static route of either family. It is put back when the link was down, and goes with the
    service."""

    to: str = parameter("the destination: a prefix; 0.0.0.0/0 or ::/0 is the default route", PREFIX)
    on: Link | None = parameter("the link that it leads out of", default=None)
    via: str = parameter(
        "the router there; empty: hosts of the prefix are on the link itself",
        kinds.optional(kinds.ADDRESS),
        default="",
    )
    metric: int = parameter(
        "of several routes to the same prefix the lowest is taken; 0 is 1024 in IPv6",
        kinds.number(0, 2**31 - 1),
        default=0,
    )
    type: str = parameter(
        "what happens to the packets: unicast sends them on, blackhole drops them, unreachable and "
        "prohibit answer so",
        kinds.choice(UNICAST, "unreachable", "blackhole", "prohibit"),
        default=UNICAST,
    )

    def check(self) -> None:
        if self.type == UNICAST and self.on is None:
            self.tell("on", "expected the link that it leads out of, got none")
        if self.type != UNICAST and (self.on is not None or self.via):
            text = f"expected neither link nor router of a route that is {self.type}"
            self.tell("on" if self.on else "via", text)
        if self.via and ipaddress.ip_address(self.via).version != self.network.version:
            self.tell("via", f"expected an address of {self.to}'s family, got {self.via}")

    @property
    def network(self) -> Network:
        """The destination as a value."""
        return ipaddress.ip_network(self.to or "0.0.0.0/0")

    @property
    def outputs(self) -> RouteOutputs:
        return RouteOutputs(self)

    def units(self) -> tuple[Unit, ...]:
        """One, which keeps the route."""
        words = [str(self.network)] if self.type == UNICAST else [self.type, str(self.network)]
        words += ["dev", self.on.ifname] if self.on else []
        words += ["via", str(ipaddress.ip_address(self.via))] if self.via else []
        words += ["metric", str(self.metric)] if self.metric else []
        return (
            longrun(
                self.name,
                *("static_route", *words),
                stop=("static_route", "-c", *words),
                needs=self._needs(),
                outputs=("destination", "ifindex", "lease"),
                notify=True,
                up_timeout=0,  # until the router is on the link's network: maybe never
                description=f"the route to {self.to}",
                where=self.where,
            ),
        )

    def _needs(self) -> Condition | None:
        if self.on is None:
            return None
        local = self.via and ipaddress.ip_address(self.via).is_link_local
        if self.via and not local:  # the kernel wants to know how the router is reached
            return self.on.ready & link(self.on.ifname, f"addressed{self.network.version}")
        return self.on.up

    def resources(self) -> tuple[Resource, ...]:
        return (Claim("route", f"to {self.to} of metric {self.metric}", self.where),)
