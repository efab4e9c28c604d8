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
    address: str = parameter("its address, of either family", kinds.ADDRESS)


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

    def units(self) -> tuple[Unit, ...]:
        """The program that gathers whom to ask, and the daemon."""
        resolv = self.outputs.resolv
        return (
            longrun(
                f"{self.name}-servers",
                *("resolver", "-l", "-o", RESOLV_CONF, *(ref.path for ref in self.upstream)),
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
        return (
            longrun(
                self.name,
                *("resolver", "-o", RESOLV_CONF, *(ref.path for ref in self.upstream)),
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
        f"pid-file=/run/{dns.name}.pid",
        "bind-dynamic",
        "interface=lo",
        *(f"interface={link.ifname}" for link in dns.links),
        f"no-dhcp-interface={','.join(['lo', *(link.ifname for link in dns.links)])}",
        "no-hosts",
        "domain-needed",
        "bogus-priv",
        f"domain={dns.domain}",
        f"local=/{dns.domain}/",
        f"cache-size={dns.cache}",
        "no-poll",  # SIGHUP tells
        f"resolv-file={places.OUTPUTS}/{dns.name}-servers/resolv",
    ]
    if not dns.rebind:
        lines += ["stop-dns-rebind", "rebind-localhost-ok"]
        lines += [f"rebind-domain-ok=/{each.domain}/" for each in dns.forwards]
    lines += [f"host-record={each.name},{each.address}" for each in dns.hosts]
    lines += [f"server=/{each.domain}/{each.server}" for each in dns.forwards]
    return "".join(line + "\n" for line in lines)
