"""ra: the router advertisements of the LANs."""

from services.dhcp6.definition import Dhcp6
from services.lan.definition import NONE, STATEFUL, DhcpServer
from services.link.definition import Link
from services.model import (
    Claim,
    Folder,
    Outputs,
    Resource,
    Service,
    Unit,
    kinds,
    longrun,
    output,
    parameter,
)
from services.site import places
from services.site.described import Described

DNS = kinds.Kind(
    "'lease', 'self', 'none' or an IPv6 address",
    lambda value: value in ("lease", "self", "none") or kinds.ADDRESS6.holds(value),
)
DOMAIN = kinds.Kind(
    "'lease', 'none' or a domain name",
    lambda value: kinds.DOMAIN.holds(value),
)


class RaOutputs(Outputs):
    """What hosts were told."""

    withdrawn = output("what hosts may still use though no LAN has it, a folder each")
    router_lifetime = output("the router lifetime told on each LAN: router-lifetime/IFNAME, s")


class AdvertisedLan(Described):
    """What the hosts of one link are told beyond its prefixes."""

    on: Link = parameter("the link")
    interval: int = parameter(
        "seconds between unasked advertisements, at most", kinds.number(4, 1800, "s"), default=600
    )
    managed: bool = parameter("addresses come by DHCPv6", default=False)
    other: bool = parameter("the rest comes by DHCPv6", default=False)
    preference: str = parameter(
        "the router's preference", kinds.choice("high", "medium", "low"), default="medium"
    )
    mtu: int = parameter(
        "the MTU to tell in octets; 0: none",
        kinds.optional(kinds.number(1280, 65535, "octets"), 0),
        default=0,
    )
    dns: tuple[str, ...] = parameter(
        "name servers: the lease's, this router itself, or addresses", kinds.each(DNS),
        default=("self",),
    )  # fmt: skip
    domains: tuple[str, ...] = parameter(
        "domains to search: the lease's, or names", kinds.each(DOMAIN), default=("lease",)
    )

    def word(self, dhcp: DhcpServer | None) -> str:
        """ra's operand. dhcp: the link's server, whose DHCPv6 the flags tell (RFC 7084 L-9), and
        whose domain comes first."""
        ipv6 = dhcp.ipv6 if dhcp else NONE
        own = (dhcp.domain,) if dhcp and dhcp.domain and "none" not in self.domains else ()
        words = [self.on.ifname]
        words += [f"interval={self.interval}"] if self.interval != 600 else []
        words += ["managed=yes"] if self.managed or ipv6 == STATEFUL else []
        words += ["other=yes"] if self.other or ipv6 != NONE else []
        words += [f"preference={self.preference}"] if self.preference != "medium" else []
        words += [f"mtu={self.mtu}"] if self.mtu else []
        words += [f"dns={each}" for each in self.dns]
        words += [f"domain={each}" for each in dict.fromkeys((*own, *self.domains))]
        return ",".join(words)


class RouterAdvertisements(Service):
    """Tells hosts their prefixes, the way to the internet and the name servers, and takes back
    what no longer holds, over reboots too."""

    name: str = parameter("the name of the service", kinds.SERVICE_NAME, default="ra")
    lease: Dhcp6 = parameter("the uplink that the prefixes come from")
    lans: tuple[AdvertisedLan, ...] = parameter(
        "the links, where they are told more than by default; empty: those of the lease", default=()
    )

    dhcp: tuple[DhcpServer, ...] = parameter(
        "the DHCP servers: hosts are told to ask those that answer DHCPv6, and their domains",
        default=(),
    )
    firewall: str = parameter(
        "the firewall's service, which takes in a prefix before hosts hear of it; empty: none",
        kinds.optional(kinds.SERVICE_NAME),
        default="firewall",
    )

    def check(self) -> None:
        lans = {lan.on.ifname: lan.lease_time for lan in getattr(self.lease, "lans", ())}
        for server in self.dhcp:
            ifname, seconds = server.address.on.ifname, server.lease_time6
            told = lans.get(ifname, seconds)
            if server.ipv6 == STATEFUL and told < seconds:
                self.tell(
                    "dhcp",
                    f"expected {server.name}'s leases to end before {self.lease.name}'s prefix: "
                    f"its Lan of {ifname} has lease_time={told}, give it {seconds}",
                )

    @property
    def outputs(self) -> RaOutputs:
        return RaOutputs(self)

    def units(self) -> tuple[Unit, ...]:
        """One, which runs always: a router that has no prefix says so."""
        lans = self.lans or tuple(
            AdvertisedLan(on=lan.on) for lan in getattr(self.lease, "lans", ())
        )
        served = {each.address.on.ifname: each for each in self.dhcp}
        return (
            longrun(
                self.name,
                *("ra", "-l", self.lease.name, "-p", self.lease.prefixes),
                *(("-f", self.firewall) if self.firewall else ()),
                *(lan.word(served.get(lan.on.ifname)) for lan in lans),
                outputs=("router-lifetime", "withdrawn"),
                notify=True,
                description="router advertisements",
                where=self.where,
            ),
        )

    def resources(self) -> tuple[Resource, ...]:
        lans = self.lans or self.lease.lans
        return (
            Folder(places.STATE, keep=True, where=self.where),
            *(Claim("advertiser", lan.on.ifname, self.where) for lan in lans),
        )
