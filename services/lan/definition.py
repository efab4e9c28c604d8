"""lan: dnsmasq gives the hosts of a LAN their IPv4 addresses."""

import ipaddress

from services.link.definition import Address
from services.model import (
    Account,
    Claim,
    Debian,
    File,
    Folder,
    Resource,
    Service,
    Unit,
    kinds,
    longrun,
    parameter,
)
from services.site.described import Described

LEASES = "/var/lib/misc"


class Reservation(Described):
    """A host that always gets the same address."""

    mac: str = parameter("the host's hardware address", kinds.MAC_ADDRESS)
    address: str = parameter("the address that it gets", kinds.ADDRESS4)
    name: str = parameter(
        "the host's name; empty: as it says", kinds.optional(kinds.HOST_NAME), default=""
    )


class DhcpServer(Service):
    """DHCPv4 on one link: addresses out of a range, and reserved ones."""

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
        "name servers to tell; empty: this router", kinds.each(kinds.ADDRESS4), default=()
    )
    ntp: tuple[str, ...] = parameter(
        "time servers to tell; empty: none", kinds.each(kinds.ADDRESS4), default=()
    )
    domain: str = parameter(
        "the domain to tell; empty: none", kinds.optional(kinds.DOMAIN), default="lan"
    )

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
        for what in ("address", "mac"):
            values = [getattr(host, what) for host in self.hosts]
            for value in sorted({each for each in values if values.count(each) > 1}):
                self.tell("hosts", f"expected each {what} once, got {value} twice")

    @property
    def _file(self) -> str:
        return f"/etc/frost/{self.name}.conf"

    def units(self) -> tuple[Unit, ...]:
        """The daemon, while the router has its address."""
        return (
            longrun(
                self.name,
                *("dnsmasq", "--keep-in-foreground", f"--conf-file={self._file}"),
                needs=self.address.ready,
                description=f"DHCP on {self.address.on.ifname}",
                where=self.where,
            ),
        )

    def resources(self) -> tuple[Resource, ...]:
        return (
            Debian("dnsmasq-base", ("usr/sbin/dnsmasq",), self.where),
            Account("dnsmasq", where=self.where),
            File(self._file, render(self), where=self.where),
            Folder(LEASES, keep=True, where=self.where),
            Claim("port", f"udp/67 on {self.address.on.ifname}", self.where),
        )


def render(dhcp: DhcpServer) -> str:
    """dnsmasq's configuration. Every value fits its kind's grammar, which has no newline."""
    interface = dhcp.address.interface
    lines = [
        "user=dnsmasq",
        "log-facility=-",
        "port=0",
        f"pid-file=/run/{dhcp.name}.pid",
        "bind-dynamic",
        f"interface={dhcp.address.on.ifname}",
        "except-interface=lo",
        "dhcp-authoritative",
        f"dhcp-leasefile={LEASES}/{dhcp.name}.leases",
        f"dhcp-range={dhcp.first},{dhcp.last},{interface.netmask},{dhcp.lease_time}s",
        f"dhcp-option=option:router{f',{interface.ip}' if dhcp.router else ''}",
        f"dhcp-option=option:dns-server,{','.join(dhcp.dns or (str(interface.ip),))}",
    ]
    lines += [f"dhcp-option=option:ntp-server,{','.join(dhcp.ntp)}"] if dhcp.ntp else []
    lines += [f"domain={dhcp.domain}"] if dhcp.domain else []
    for host in dhcp.hosts:
        words = [host.mac, host.address, *([host.name] if host.name else [])]
        lines.append(f"dhcp-host={','.join(words)}")
    return "".join(line + "\n" for line in lines)
