"""dns: dnsmasq answers the LAN's queries and asks the servers that the ISP has told."""

from services.link.definition import Link
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
    kinds,
    longrun,
    output,
    parameter,
)
from services.site import places
from services.site.described import Described

RESOLV_CONF = "/run/resolv.conf"  # /etc/resolv.conf of an image is a link to it


class DnsOutputs(Outputs):
    """Whom the router asks."""

    servers = output("the servers, one address a line", unit="-servers")
    resolv = output("the same as resolv.conf's lines", unit="-servers")


class ResolverOutputs(Outputs):
    """Whom the box asks."""

    servers = output("the servers, one address a line")
    resolv = output("the same as resolv.conf's lines")


class Name(Described):
    """A name of the LAN's own; the address leads back to it, too."""

    name: str = parameter("the whole name, as nas.lan", kinds.DOMAIN)
    address: str = parameter(
        "its address, of either family", kinds.optional(kinds.ADDRESS), default=""
    )
    suffix: str = parameter(
        "its IPv6 address below each prefix of a link (`on`), whatever the ISP gives, as ::10",
        kinds.optional(kinds.SUFFIX6),
        default="",
    )
    on: Link | None = parameter("the link that the suffix belongs to", default=None)

    def check(self) -> None:
        if bool(self.suffix) != (self.on is not None):
            self.tell("suffix", "expected both suffix and on, or neither")
        elif not self.address and not self.suffix:
            self.tell("address", "expected an address, or suffix and on, got none")

    @property
    def lines(self) -> list[str]:
        """dnsmasq's."""
        found = [f"host-record={self.name},{self.address}"] if self.address else []
        if self.suffix and self.on:
            found.append(f"dynamic-host={self.name},{self.suffix},{self.on.ifname}")
        return found


class Forward(Described):
    """A domain that other servers know: a company's, behind a tunnel."""

    domain: str = parameter("the domain", kinds.DOMAIN)
    server: str = parameter("the address of its server", kinds.ADDRESS)


class Dns(Service):
    """A forwarder for the hosts of the LANs and the router itself.

    It runs at once, also while there is no server to ask: local names are answered.
    """

    name: str = parameter("the name of the service", kinds.SERVICE_NAME, default="dns")
    upstream: tuple[Ref, ...] = parameter("outputs with servers to ask, in order of preference")
    links: tuple[Link, ...] = parameter("the links that it listens on, besides lo", default=())
    domain: str = parameter("the domain of the LAN, never asked for outside", kinds.DOMAIN,
                            default="lan")  # fmt: skip
    router: str = parameter(
        "the router's own name in the domain, on each link; empty: none",
        kinds.optional(kinds.HOST_NAME),
        default="router",
    )
    hosts: tuple[Name, ...] = parameter("names of its own", default=())
    forwards: tuple[Forward, ...] = parameter("servers for single domains", default=())
    cache: int = parameter("answers to remember", kinds.number(0, 10000, "answers"), default=1000)
    rebind: bool = parameter(
        "outside names may lead to private addresses (an attack on the LAN, usually)",
        default=False,
    )

    @property
    def outputs(self) -> DnsOutputs:
        return DnsOutputs(self)

    @property
    def _file(self) -> str:
        return f"/etc/frost/{self.name}.conf"

    @property
    def folder(self) -> str:
        """Where DHCP servers that share the dnsmasq have their part of its configuration."""
        return f"/etc/frost/{self.name}.d"

    def units(self) -> tuple[Unit, ...]:
        """The program that gathers whom to ask, and the daemon."""
        resolv = self.outputs.resolv
        words = ("-o", RESOLV_CONF, *(ref.path for ref in self.upstream))
        return (
            longrun(
                f"{self.name}-servers",
                *("resolver", "-l", *words),
                stop=("resolver", "-c", *words),
                outputs=("resolv", "servers"),
                notify=True,
                description="whom dnsmasq asks",
                where=self.where,
            ),
            longrun(
                self.name,
                *("dnsmasq", "--keep-in-foreground", f"--conf-file={self._file}"),
                # dnsmasq reads the output itself, as its own user; the file makes the agent tell.
                files={"resolv.conf": resolv.value("signal HUP", optional=True)},
                description="names for the LAN",
                where=self.where,
            ),
        )

    def resources(self) -> tuple[Resource, ...]:
        return (
            Debian("dnsmasq-base", ("usr/sbin/dnsmasq",), self.where),
            Account("dnsmasq", where=self.where),
            File(self._file, render(self), where=self.where),
            Folder(self.folder, where=self.where),
            Folder("/var/lib/misc", keep=True, where=self.where),
            Claim("port", "udp/53", self.where),
            Claim("port", "tcp/53", self.where),
            Claim("file", RESOLV_CONF, self.where),
        )


class Resolver(Service):
    """For boxes without a Dns: the box itself asks the servers that outputs tell."""

    name: str = parameter("the name of the service", kinds.SERVICE_NAME, default="resolver")
    upstream: tuple[Ref, ...] = parameter("outputs with servers to ask, in order of preference")

    @property
    def outputs(self) -> ResolverOutputs:
        return ResolverOutputs(self)

    def units(self) -> tuple[Unit, ...]:
        """The program that writes resolv.conf."""
        words = ("-o", RESOLV_CONF, *(ref.path for ref in self.upstream))
        return (
            longrun(
                self.name,
                *("resolver", *words),
                stop=("resolver", "-c", *words),
                outputs=("resolv", "servers"),
                notify=True,
                description="whom this box asks for names",
                where=self.where,
            ),
        )

    def resources(self) -> tuple[Resource, ...]:
        return (Claim("file", RESOLV_CONF, self.where),)


def render(dns: Dns) -> str:
    """dnsmasq's configuration. Every value fits its kind's grammar, which has no newline."""
    lines = [
        "user=dnsmasq",
        "log-facility=-",
        "pid-file=",
        "bind-dynamic",
        "interface=lo",
        *(f"interface={link.ifname}" for link in dns.links),
        # A name with a star: else dnsmasq binds DHCP's sockets to the one link that it sees at its
        # start, and is deaf when a bridge of that name is made anew.
        "interface=.*",
        "no-hosts",
        "domain-needed",
        "bogus-priv",
        f"domain={dns.domain}",
        f"local=/{dns.domain}/",
        # DHCP is on where a DhcpServer puts a range into the folder. Nobody may call themselves
        # wpad: browsers would take their proxy from there (VU#598349).
        f"conf-dir={dns.folder},*.conf",
        "dhcp-authoritative",
        f"dhcp-leasefile=/var/lib/misc/{dns.name}.leases",
        "dhcp-name-match=set:wpad,wpad",
        "dhcp-ignore-names=tag:wpad",
        f"cache-size={dns.cache}",
        "no-poll",  # SIGHUP tells
        f"resolv-file={places.OUTPUTS}/{dns.name}-servers/resolv",
    ]
    if not dns.rebind:
        lines += ["stop-dns-rebind", "rebind-localhost-ok"]
        lines += [f"rebind-domain-ok=/{each.domain}/" for each in dns.forwards]
    if dns.router:
        name = f"{dns.router}.{dns.domain}"
        lines += [f"interface-name={name},{link.ifname}" for link in dns.links]
    lines += [line for each in dns.hosts for line in each.lines]
    lines += [f"server=/{each.domain}/{each.server}" for each in dns.forwards]
    return "".join(line + "\n" for line in lines)
