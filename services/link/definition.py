"""Links: an Ethernet port, a VLAN, a bridge of several, and the static addresses of a link."""

import ipaddress

from services.model import (
    Claim,
    Condition,
    Module,
    Named,
    Resource,
    Service,
    Unit,
    kinds,
    link,
    oneshot,
    parameter,
)

MTU = kinds.optional(kinds.number(68, 65535, "octets"), 0)
# What the kernel takes is more; but this is a plain word in every daemon's configuration.
NAME = kinds.text(
    "a link's name: 1 to 15 of A-Z a-z 0-9 . _ -", r"[A-Za-z0-9_][A-Za-z0-9._-]{0,14}"
)
# What the link was like, beside the service: whatever is set is restored when it stops.
BEFORE = "before=data/.before"
MAC = kinds.optional(kinds.MAC_ADDRESS)
BY = kinds.text(
    "mac=02:00:5e:00:53:01, path=0000:00:03.0 or label=wan",
    r"mac=[0-9a-f]{2}(:[0-9a-f]{2}){5}|path=[A-Za-z0-9@:._,+/-]{1,200}|label=[A-Za-z0-9._-]{1,31}",
)


class Link(Service):
    """A link that others stand on. `ifname` is its name in the kernel."""

    ifname: str = parameter("the link's name in the kernel", NAME)
    mtu: int = parameter("the largest packet in octets; 0: as the driver has it", MTU, default=0)
    mac: str = parameter("the hardware address; empty: its own", MAC, default="")
    ipv6: bool = parameter("whether the link has IPv6 at all", default=True)

    @property
    def up(self) -> Condition:
        """The condition that it is set up and there, with a carrier or without."""
        return self.ready & link(self.ifname, "up")

    @property
    def running(self) -> Condition:
        """The condition that it is set up and has a carrier."""
        return self.ready & link(self.ifname)

    @property
    def running6(self) -> Condition:
        """The condition that a client can ask for IPv6 on it."""
        return self.running

    @property
    def is_addressed(self) -> bool:
        """Whether it has a hardware address, by which others know the router."""
        return True

    @property
    def settings(self) -> tuple[str, ...]:
        """ifset's words."""
        words = [f"mtu={self.mtu}"] if self.mtu else []
        words += [f"mac={self.mac}"] if self.mac else []
        return (*words, *(() if self.ipv6 else ("ipv6=no",)))

    def resources(self) -> tuple[Resource, ...]:
        return (Claim("link", self.ifname, self.where),)


class Ethernet(Link):
    """A port by its name. It is set up whenever the kernel has it: also one that is plugged in.

    The kernel counts ports in the order that it finds them. With `by` the name is given to the
    port of this MAC, at this place of sysfs, or that the device tree has this label for.
    """

    by: str = parameter(
        "which port it is: mac=MAC, path=PATH or label=LABEL; empty: the one that the kernel "
        "calls so",
        kinds.optional(BY),
        default="",
    )

    def units(self) -> tuple[Unit, ...]:
        """One: up, and down again."""
        return (
            oneshot(
                self.name,
                *("ifset", "up", self.ifname, *self.settings, BEFORE),
                stop=("ifset", "down", self.ifname, BEFORE),
                needs=link(self.ifname, "present"),
                description=f"the port {self.ifname}",
                where=self.where,
            ),
        )

    def resources(self) -> tuple[Resource, ...]:
        named = (Named(self.ifname, self.by, self.where), Claim("hardware", self.by, self.where))
        return (Claim("link", self.ifname, self.where), *(named if self.by else ()))


class Vlan(Link):
    """A VLAN on a link, itself a link: frames with its tag (IEEE 802.1Q) come and go by it.

    It is there while the link below is up, and gone with it.
    """

    ifname: str = parameter(
        "the VLAN's name in the kernel; empty: that of the link below, a dot and the id",
        kinds.optional(NAME),
        default="",
    )
    on: Link = parameter("the link below")
    id: int = parameter("the VLAN's id", kinds.number(1, 4094))
    tag: str = parameter(
        "the kind of the tag; 802.1ad: a provider's, around others",
        kinds.choice("802.1q", "802.1ad"),
        default="802.1q",
    )

    def check(self) -> None:
        if not self.ifname:
            name = f"{self.on.ifname}.{self.id}"
            if kinds.LINK_NAME.wrong(name):
                self.tell("ifname", f"expected a name, {name} is too long for one; give another")
            object.__setattr__(self, "ifname", name)
        if self.on.mtu and self.mtu > self.on.mtu:
            text = f"expected at most the {self.on.mtu} octets of {self.on.name}, got {self.mtu}"
            self.tell("mtu", text)

    def units(self) -> tuple[Unit, ...]:
        """One: made, and taken away again."""
        tag = (f"tag={self.tag}",) if self.tag != "802.1q" else ()
        return (
            oneshot(
                self.name,
                *("ifset", "vlan", self.ifname, f"on={self.on.ifname}", f"id={self.id}"),
                *(*tag, *self.settings),
                stop=("ifset", "delete", self.ifname),
                needs=self.on.up,
                description=f"VLAN {self.id} of {self.on.ifname}",
                where=self.where,
            ),
        )

    def resources(self) -> tuple[Resource, ...]:
        return (
            Claim("link", self.ifname, self.where, makes=True),
            Claim("VLAN", f"{self.id} of {self.on.ifname} ({self.tag})", self.where),
            Module("8021q", where=self.where),
        )


class Bridge(Link):
    """Several links as one. Members join when they are running; the bridge lives without them.

    It has the MAC of the first member that is there when it is made, unless one is given, and
    keeps it whoever joins and leaves: hosts know the router by it.
    """

    ifname: str = parameter("the bridge's name in the kernel", NAME, default="br-lan")
    members: tuple[Link, ...] = parameter("the links that join it")

    def check(self) -> None:
        names = [member.ifname for member in self.members]
        if len(set(names)) != len(names):
            self.tell("members", f"expected each link once, got {' '.join(names)}")
        if self.ifname in names:
            self.tell("members", "expected other links than the bridge itself")

    def units(self) -> tuple[Unit, ...]:
        """The bridge, and one for each member."""
        like = (f"like={self.members[0].ifname}",) if self.members and not self.mac else ()
        bridge = oneshot(
            self.name,
            *("ifset", "bridge", self.ifname, *self.settings, *like),
            stop=("ifset", "delete", self.ifname),
            description=f"the bridge {self.ifname}",
            where=self.where,
        )
        return (bridge, *(self._join(member) for member in self.members))

    def resources(self) -> tuple[Resource, ...]:
        return (
            Claim("link", self.ifname, self.where, makes=True),
            Module("bridge", where=self.where),
        )

    def _join(self, member: Link) -> Unit:
        return oneshot(
            f"{self.name}-{member.name}",
            *("ifset", "join", member.ifname, self.ifname),
            stop=("ifset", "leave", member.ifname),
            needs=self.up & member.running,
            description=f"{member.ifname} in {self.ifname}",
            where=self.where,
        )


class Address(Service):
    """Addresses of a link that are always the same, of either family."""

    on: Link = parameter("the link that has it")
    address: str = parameter(
        "the address with its prefix length, as 192.168.1.1/24 or fd00::1/64",
        kinds.INTERFACE,
    )

    def check(self) -> None:
        if not self.address:
            return  # told already
        interface = ipaddress.ip_interface(self.address)
        network = interface.network
        if network.num_addresses > 2 and interface.ip == network.network_address:
            self.tell("address", f"expected a host's address, got the network's own {self.address}")

    @property
    def interface(self) -> ipaddress.IPv4Interface | ipaddress.IPv6Interface:
        """Address and prefix as a value."""
        return ipaddress.ip_interface(self.address or "192.0.2.1/24")

    def units(self) -> tuple[Unit, ...]:
        """One: put, and taken away again."""
        words = (self.on.ifname, self.address)
        return (
            oneshot(
                self.name,
                *("ifset", "add", *words),
                stop=("ifset", "remove", *words),
                needs=self.on.up,
                description=f"{self.address} on {self.on.ifname}",
                where=self.where,
            ),
        )

    def resources(self) -> tuple[Resource, ...]:
        return (Claim("address", str(self.interface.ip), self.where),)
