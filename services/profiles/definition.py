"""profiles: the services of a whole home gateway, and of an access point, made at once.

A profile is a value of the site with a line; what it makes is told as wrong at that line. Each of
its services is an attribute, for others to refer to. examples/home_router_in_full.py is what
Gateway makes, written out.
"""

import ipaddress
from functools import cached_property

from firewall.ruleset.model import Rulegroup, Zone
from firewall.stock.home_router import home_router
from services.dhcp4.definition import Dhcp4
from services.dhcp6.definition import Dhcp6, Lan
from services.dns.definition import Dns, Name, Resolver
from services.firewall.definition import PacketFilter, zone
from services.lan.definition import STATELESS, DhcpServer, Reservation
from services.link.definition import Address, Bridge, Link
from services.model import Ref, Service, kinds, parameter
from services.ra.definition import RouterAdvertisements
from services.site.described import Described
from services.site.outputs import declared
from services.site.problems import on_behalf

RANGE = (100, 249)  # of the LAN's addresses, those that hosts get


class Gateway(Described):
    """A home's router: what is between an ISP and one LAN, both protocols, names and firewall.

    wan4, wan6, lan, lan4, dns, dhcp, ra and firewall are its services, for others to refer to;
    `services` are all of them with the links, for Site.services.
    """

    wan: Link = parameter("the link to the ISP: a port, a VLAN, a ppp link")
    ports: tuple[Link, ...] = parameter("the LAN's links; several become one bridge, br-lan")
    address: str = parameter(
        "the router's IPv4 address on the LAN, with its prefix length",
        kinds.INTERFACE,
        default="192.168.1.1/24",
    )
    first: str = parameter(
        "the first address that hosts get; empty: the hundredth",
        kinds.optional(kinds.ADDRESS4),
        default="",
    )
    last: str = parameter(
        "the last one; empty: the 249th", kinds.optional(kinds.ADDRESS4), default=""
    )
    hosts: tuple[Reservation, ...] = parameter("hosts with addresses of their own", default=())
    names: tuple[Name, ...] = parameter("names in DNS besides those of hosts", default=())
    hostname: str = parameter(
        "the name to tell the ISP; empty: none", kinds.optional(kinds.HOST_NAME), default=""
    )
    groups: tuple[Rulegroup, ...] = parameter(
        "rules of the site's own, such as port forwards: firewall/ruleset/README.md", default=()
    )
    guests: tuple[Link, ...] = parameter(
        "links whose hosts reach the internet alone; their addresses are the site's to give",
        default=(),
    )
    backups: tuple[Link, ...] = parameter(
        "more links to the internet, as a modem whose routes come behind the WAN's",
        default=(),
    )

    def check(self) -> None:
        if not self.ports:
            self.tell("ports", "expected at least one link, got none")
        for each in (self.wan, *self.backups):
            if each in self.ports:
                self.tell("ports", f"expected other links than the WAN's, got {each.ifname}")
        size = ipaddress.ip_interface(self.address).network.num_addresses
        for name, text in (("first", self.first), ("last", self.last)):
            if not text and size <= RANGE[1] + 1:
                self.tell(name, f"expected an address, since {self.address} has no 249th; give it")

    @property
    def services(self) -> tuple[Service, ...]:
        """All that it is made of."""
        links = [*_with_below(self.wan)]
        for other in (*self.backups, *self.ports):
            links += [each for each in _with_below(other) if each not in links]
        links += [self.lan] if self.lan not in links else []
        uplink = (self.wan4,) if self.wan4 else ()
        inside: list[Service] = [self.lan4, self.dhcp, self.wan6, self.ra, self.dns]
        # No more is said of what is made of a mistake; rules do not know that they are.
        inside += [] if self.broken else [self.firewall]
        return tuple(each for each in (*links, *uplink, *inside) if not each.broken)

    @property
    def has_own_ipv4(self) -> bool:
        """Whether the WAN link itself brings IPv4, as ppp does."""
        known = [name for name, _ in declared(type(self.wan.outputs))]
        return "address" in known and "dns" in known

    @cached_property
    def lan(self) -> Link:
        """The LAN's link: the one port, or the bridge of all."""
        with on_behalf(self.where):
            if len(self.ports) == 1:
                return self.ports[0]
            return Bridge(name="lan", ifname="br-lan", members=self.ports)

    @cached_property
    def wan4(self) -> Dhcp4 | None:
        """IPv4 from the ISP by DHCP; None where the WAN link brings it."""
        with on_behalf(self.where):
            if self.has_own_ipv4:
                return None
            return Dhcp4(name="wan4", on=self.wan, hostname=self.hostname)

    @cached_property
    def lan4(self) -> Address:
        """The router's IPv4 address on the LAN."""
        with on_behalf(self.where):
            return Address(name="lan4", on=self.lan, address=self.address)

    @cached_property
    def wan6(self) -> Dhcp6:
        """IPv6 from the ISP: a prefix, of which the LAN gets the first /64."""
        with on_behalf(self.where):
            lans = (Lan(on=self.lan, id=1),)
            return Dhcp6(name="wan6", on=self.wan, lans=lans, address=not self.has_own_ipv4)

    @cached_property
    def dns(self) -> Dns:
        """Names: whom to ask is what the ISP tells, IPv6 first."""
        with on_behalf(self.where):
            upstream = (self.wan6.outputs.dns, self._ipv4("dns"))
            return Dns(name="dns", links=(self.lan,), upstream=upstream, hosts=self.names)

    @cached_property
    def dhcp(self) -> DhcpServer:
        """Hosts' IPv4 addresses, and their names in DNS."""
        with on_behalf(self.where):
            network = ipaddress.ip_interface(self.address).network
            ends = [str(network.network_address + number) for number in RANGE]
            return DhcpServer(
                name="dhcp",
                address=self.lan4,
                first=self.first or ends[0],
                last=self.last or ends[1],
                hosts=self.hosts,
                names=self.dns,
                ipv6=STATELESS,
            )

    @cached_property
    def ra(self) -> RouterAdvertisements:
        """Hosts learn IPv6 from advertisements, and hear of it when the ISP takes it back."""
        with on_behalf(self.where):
            return RouterAdvertisements(name="ra", lease=self.wan6, dhcp=(self.dhcp,))

    @cached_property
    def firewall(self) -> PacketFilter:
        """Nothing comes in from the internet but answers; hosts inside reach everything."""
        with on_behalf(self.where):
            guest: Zone | None = zone("guest", *self.guests) if self.guests else None
            ruleset = home_router(
                wan=zone("wan", self.wan, *self.backups),
                lan=zone("lan", self.lan),
                guest=guest,
                groups=self.groups,
                clamped=self.has_own_ipv4,
                prefixes=self.wan6.prefixes,
                advertiser=self.ra.name,
                address=self._ipv4("address").path,
            )
            return PacketFilter(name="firewall", ruleset=ruleset)

    def _ipv4(self, name: str) -> Ref:
        """An output of whatever brings IPv4."""
        found: Ref = getattr((self.wan4 or self.wan).outputs, name)
        return found


class AccessPointBox(Described):
    """Radios and a cable as one network, whose router is another box.

    network, address and names are its services; `services` are all of them with the links.
    """

    port: Link = parameter("the link to that router")
    radios: tuple[Link, ...] = parameter("the networks on the air")

    def check(self) -> None:
        if not self.radios:
            self.tell("radios", "expected at least one, got none")

    @property
    def services(self) -> tuple[Service, ...]:
        """All that it is made of."""
        links = [*_with_below(self.port), *self.radios]
        found = (*links, self.network, self.address, self.names)
        return tuple(each for each in found if not each.broken)

    @cached_property
    def network(self) -> Bridge:
        """The one network."""
        with on_behalf(self.where):
            return Bridge(name="network", ifname="br-lan", members=(self.port, *self.radios))

    @cached_property
    def address(self) -> Dhcp4:
        """The box's own address, to be reached by."""
        with on_behalf(self.where):
            return Dhcp4(name="address", on=self.network)

    @cached_property
    def names(self) -> Resolver:
        """Whom the box itself asks for names."""
        with on_behalf(self.where):
            return Resolver(name="names", upstream=(self.address.outputs.dns,))


def _with_below(link: Link) -> list[Link]:
    """A link behind those that it stands on."""
    below = getattr(link, "on", None)
    return [*(_with_below(below) if isinstance(below, Link) else []), link]
