"""lan: dnsmasq gives the hosts of a LAN their IPv4 addresses, and answers DHCPv6."""

import ipaddress

from services.dns.definition import Dns
from services.link.definition import Address
from services.model import (
    Account,
    Claim,
    Debian,
    File,
    Folder,
    Outputs,
    Ref,
    Resource,
    Service,
    Unit,
    bundle,
    kinds,
    longrun,
    oneshot,
    output,
    parameter,
)
from services.site import places
from services.site.described import Described

LEASES = "/var/lib/misc"
DUID = kinds.text(
    "a DHCP unique identifier as 00:03:00:01:02:00:5e:00:53:01",
    r"[0-9a-f]{2}(:[0-9a-f]{2}){2,129}",  # RFC 9915 section 11.1
)
SUFFIX = kinds.SUFFIX6
ND_PREFERRED_LIMIT = 2700  # RFC 9096 section 3.4, s
OWN = ("::", "fd00::", "fe80::")  # what dnsmasq takes for the router's own addresses
UPSTREAM = ("domains", "ntp")
NONE, STATELESS, STATEFUL = "none", "stateless", "stateful"


class Reservation(Described):
    """A host that always gets the same addresses, known by its hardware address or its DUID."""

    mac: str = parameter(
        "the host's hardware address", kinds.optional(kinds.MAC_ADDRESS), default=""
    )
    duid: str = parameter("the DUID that it tells in DHCPv6", kinds.optional(DUID), default="")
    address: str = parameter("the IPv4 address that it gets", kinds.optional(kinds.ADDRESS4),
                             default="")  # fmt: skip
    suffix: str = parameter(
        "the interface identifier of its IPv6 addresses, as ::10, whatever the prefix is",
        kinds.optional(SUFFIX),
        default="",
    )
    name: str = parameter(
        "the host's name; empty: as it says", kinds.optional(kinds.HOST_NAME), default=""
    )

    def check(self) -> None:
        if not self.mac and not self.duid:
            self.tell("mac", "expected the host's mac or duid, got neither")

    @property
    def words(self) -> list[str]:
        """dnsmasq's dhcp-host."""
        words = [self.mac, f"id:{self.duid}" if self.duid else "", self.address]
        words += [f"[{self.suffix}]" if self.suffix else "", self.name]
        return [word for word in words if word]


class DhcpServerOutputs(Outputs):
    """What leases tell for the hosts."""

    options = output("lines of dnsmasq's dhcp-optsfile", unit="-options")


class DhcpServer(Service):
    """DHCP on one link: IPv4 addresses out of a range, and reserved ones; and DHCPv6."""

    name: str = parameter("the name of the service", kinds.SERVICE_NAME, default="dhcp")
    address: Address = parameter("the router's own address there: it tells link and network")
    first: str = parameter("the first address of the range", kinds.ADDRESS4)
    last: str = parameter("the last address of the range", kinds.ADDRESS4)
    lease_time: int = parameter(
        "for how long a host has its address", kinds.number(120, 31536000, "s"), default=43200
    )
    hosts: tuple[Reservation, ...] = parameter("hosts with addresses of their own", default=())
    router: bool = parameter("hosts reach other networks by this router", default=True)
    dns: tuple[str, ...] = parameter(
        "name servers of either family to tell; empty: this router",
        kinds.each(kinds.ADDRESS),
        default=(),
    )
    ntp: tuple[str, ...] = parameter(
        "time servers of either family to tell; empty: none", kinds.each(kinds.ADDRESS), default=()
    )
    domain: str = parameter(
        "the domain to tell; empty: that of `names`, or none",
        kinds.optional(kinds.DOMAIN),
        default="lan",
    )
    names: Dns | None = parameter(
        "the Dns that is to know the hosts' names: both are one dnsmasq then", default=None
    )
    ipv6: str = parameter(
        "what DHCPv6 tells: nothing, all but addresses, or addresses of the link's prefixes, too; "
        "RouterAdvertisements have to know (dhcp=)",
        kinds.choice(NONE, STATELESS, STATEFUL),
        default=NONE,
    )
    upstream: tuple[Ref, ...] = parameter(
        "outputs with domains to search (`.domains`) and time servers (`.ntp`) that hosts are told "
        "besides in DHCPv6 (RFC 7084 L-12)",
        default=(),
    )
    lease_time6: int = parameter(
        "for how long a host has its IPv6 address, at most Lan.lease_time (RFC 9096 L-15)",
        kinds.number(120, ND_PREFERRED_LIMIT, "s"),
        default=600,
    )
    first6: str = parameter("the first interface identifier", SUFFIX, default="::1000")
    last6: str = parameter("the last one", SUFFIX, default="::1fff")

    def check(self) -> None:
        interface = self.address.interface
        if interface.version != 4:
            self.tell("address", f"expected an IPv4 address, got {interface}")
            return
        named = [("first", self.first), ("last", self.last)]
        named += [("hosts", host.address) for host in self.hosts]
        for name, text in named:
            if text and ipaddress.ip_address(text) not in interface.network:
                self.tell(name, f"expected an address of {interface.network}, got {text}")
        if self.first and self.last:
            first, last = ipaddress.IPv4Address(self.first), ipaddress.IPv4Address(self.last)
            if first > last:
                self.tell("last", f"expected {first} or a later address, got {last}")
            elif first <= interface.ip <= last:
                self.tell("first", f"expected a range without the router's own {interface.ip}")
        for what in ("address", "mac", "duid", "suffix"):
            values = [getattr(host, what) for host in self.hosts]
            for value in sorted({each for each in values if each and values.count(each) > 1}):
                self.tell("hosts", f"expected each {what} once, got {value} twice")
        self._check6()

    def _check6(self) -> None:
        for text in self.ntp:
            # dnsmasq puts its own addresses there, but not as RFC 5908 wants them
            if text and ipaddress.ip_address(text) in map(ipaddress.ip_address, OWN):
                self.tell("ntp", f"expected the address of a host, got {text}")
        if self.first6 and self.last6:
            first, last = ipaddress.IPv6Address(self.first6), ipaddress.IPv6Address(self.last6)
            if first > last:
                self.tell("last6", f"expected {first} or a later one, got {last}")
        for ref in self.upstream:
            if ref.path.partition("/")[2] not in UPSTREAM:
                self.tell("upstream", f"expected outputs domains or ntp, got {ref.path}")
            elif self.ipv6 == NONE:
                self.tell("ipv6", f"expected DHCPv6 to tell {ref.path} by, got 'none'")
        if [ref for ref in self.upstream if ref.path.endswith("/ntp")] and _told(self, 6)["ntp"]:
            self.tell("ntp", "expected none of IPv6 where upstream tells them")
        suffixes = [host.suffix for host in self.hosts if host.suffix]
        if suffixes and self.ipv6 != STATEFUL:
            self.tell("ipv6", f"expected 'stateful' for the host with suffix {suffixes[0]}")

    @property
    def _file(self) -> str:
        if self.names:
            return f"{self.names.folder}/{self.name}.conf"
        return f"/etc/frost/{self.name}.conf"

    @property
    def outputs(self) -> DhcpServerOutputs:
        return DhcpServerOutputs(self)

    def units(self) -> tuple[Unit, ...]:
        """The daemon, while the router has its address, or that of the Dns it belongs to; and what
        tells it of the leases' options."""
        return (self._daemon, *(self._followers() if self.upstream else ()))

    def _followers(self) -> tuple[Unit, ...]:
        """dnsmasq reads the output itself, as its own user, at its start and on SIGHUP."""
        link = self.address.on.ifname
        paths = tuple(ref.path for ref in self.upstream)
        words = ("-x", f"{link},{self.domain}" if self.domain else link, *paths)
        daemon = self.names or self
        return (
            longrun(
                f"{self.name}-options",
                *("resolver", *words),
                stop=("resolver", "-c", *words),
                outputs=("options",),
                notify=True,
                description=f"what the leases tell for the hosts on {link}",
                where=self.where,
            ),
            oneshot(
                f"{self.name}-reload",
                *("s6-svc", "-h", f"{places.SCAN}/{daemon.name}"),
                needs=daemon.ready,
                env={"OPTIONS": self.outputs.options.value("rerun", optional=True)},
                description="dnsmasq hears of other options",
                where=self.where,
            ),
        )

    @property
    def _daemon(self) -> Unit:
        description = f"DHCP on {self.address.on.ifname}"
        needs = self.address.ready
        if self.names:
            return bundle(
                self.name, self.names.name, needs=needs, description=description, where=self.where
            )
        return longrun(
            self.name,
            *("dnsmasq", "--keep-in-foreground", f"--conf-file={self._file}"),
            needs=needs,
            description=description,
            where=self.where,
        )

    def resources(self) -> tuple[Resource, ...]:
        ports = ("67", "547") if self.ipv6 != NONE else ("67",)
        return (
            Debian("dnsmasq-base", ("usr/sbin/dnsmasq",), self.where),
            Account("dnsmasq", where=self.where),
            File(self._file, render(self), where=self.where),
            Folder(LEASES, keep=True, where=self.where),
            *(
                Claim("port", f"udp/{port} on {self.address.on.ifname}", self.where)
                for port in ports
            ),
        )


def render(dhcp: DhcpServer) -> str:
    """dnsmasq's configuration. Every value fits its kind's grammar, which has no newline."""
    lines = _part(dhcp) if dhcp.names else _daemon(dhcp) + _part(dhcp)
    return "".join(line + "\n" for line in lines)


def _daemon(dhcp: DhcpServer) -> list[str]:
    """What a dnsmasq needs that serves this link alone, and no names."""
    return [
        "user=dnsmasq",
        "log-facility=-",
        "port=0",
        "pid-file=",
        "bind-dynamic",
        f"interface={dhcp.address.on.ifname}",
        "except-interface=lo",
        "dhcp-authoritative",
        f"dhcp-leasefile={LEASES}/{dhcp.name}.leases",
    ]


def _part(dhcp: DhcpServer) -> list[str]:
    """This link's part: its ranges, and options for those who ask on it (each packet has its
    link's name as a tag)."""
    interface, link = dhcp.address.interface, dhcp.address.on.ifname
    option = f"dhcp-option=tag:{link},option"
    four, six = _told(dhcp, 4), _told(dhcp, 6)
    lines = [
        f"dhcp-range={dhcp.first},{dhcp.last},{interface.netmask},{dhcp.lease_time}s",
        f"{option}:router{f',{interface.ip}' if dhcp.router else ''}",
        f"{option}:dns-server,{four['dns'] or interface.ip}",
    ]
    lines += [f"{option}:ntp-server,{four['ntp']}"] if four["ntp"] else []
    if dhcp.domain:
        # Of one dnsmasq for several networks each has its own; it is never asked for outside.
        lines.append(f"domain={dhcp.domain},{interface.network},local")
    if dhcp.ipv6 != NONE:
        addresses = f"{dhcp.first6},{dhcp.last6}" if dhcp.ipv6 == STATEFUL else "::,static"
        lines.append(f"dhcp-range={addresses},constructor:{link},64,{dhcp.lease_time6}s")
        # The router's own addresses: who asks for one is told those of its prefixes, who does not
        # the unique local one, which stays, and one of the others.
        own = "[::]" if dhcp.ipv6 == STATEFUL else "[fd00::],[::]"
        lines.append(f"{option}6:dns-server,{six['dns'] or own}")
        lines += [f"{option}6:ntp-server,{six['ntp']}"] if six["ntp"] else []
        lines += [f"{option}6:domain-search,{dhcp.domain}"] if dhcp.domain else []
        # What is read from there wins over what is said here.
        options = f"{places.OUTPUTS}/{dhcp.name}-options/options"
        lines += [f"dhcp-optsfile={options}"] if dhcp.upstream else []
    lines += [f"dhcp-host={','.join(host.words)}" for host in dhcp.hosts]
    return lines


def _told(dhcp: DhcpServer, version: int) -> dict[str, str]:
    """The servers of one family, as dnsmasq has them."""
    found = {}
    for name, texts in (("dns", dhcp.dns), ("ntp", dhcp.ntp)):
        parsed = [ipaddress.ip_address(text) for text in texts]
        mine = [each for each in parsed if each.version == version]
        found[name] = ",".join(f"[{each}]" if version == 6 else str(each) for each in mine)
    return found
