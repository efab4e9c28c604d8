"""dns: dnsmasq answers the LAN's queries and asks the servers that the ISP has told."""

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

HOST = kinds.text("NAME=ADDRESS as nas.lan=192.168.1.10", r"[A-Za-z0-9.-]{1,253}=[0-9a-fA-F.:]+")
FORWARD = kinds.text("DOMAIN=SERVER as corp.example=10.0.0.1", r"[A-Za-z0-9.-]{1,253}=[0-9a-f.:]+")


class DnsOutputs(Outputs):
    """What a Dns publishes: nothing of its own yet, others ask for its readiness."""

    resolv = output("resolv.conf's lines for programs of the router itself", unit="-servers")


class Dns(Service):
    """A forwarder for the hosts of the LANs, with names of its own and servers per domain.

    It runs at once, also while there is no server to ask: local names are answered.
    """

    name: str = parameter("the name of the service", kinds.SERVICE_NAME, default="dns")
    upstream: tuple[Ref, ...] = parameter("outputs with servers to ask, one a line, in order")
    links: tuple[str | Ref, ...] = parameter("the links that it listens on", default=())
    domain: str = parameter("the domain of the LAN", kinds.DOMAIN, default="lan")
    hosts: tuple[str, ...] = parameter("names of its own", kinds.each(HOST), default=())
    forwards: tuple[str, ...] = parameter(
        "servers for single domains", kinds.each(FORWARD), default=()
    )
    cache: int = parameter("names to remember", kinds.number(0, 10000), default=1000)

    @property
    def outputs(self) -> DnsOutputs:
        return DnsOutputs(self)

    @property
    def _file(self) -> str:
        return f"/etc/frost/{self.name}.conf"

    def units(self) -> tuple[Unit, ...]:
        """The daemon, and the program that tells it whom to ask."""
        servers = self.outputs.resolv
        return (
            longrun(
                self.name + "-servers",
                "resolver",
                *(ref.path for ref in self.upstream),
                description="whom dnsmasq asks",
                outputs=("resolv",),
                notify=True,
                where=self.where,
            ),
            longrun(
                self.name,
                "dnsmasq",
                "--keep-in-foreground",
                f"--conf-file={self._file}",
                description="names for the LAN",
                files={"resolv.conf": servers.value("ignore", optional=True)},
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
        )


def render(dns: Dns) -> str:
    """dnsmasq's configuration. Every value fits its kind's grammar, which has no newline."""
    lines = [
        "user=dnsmasq",
        "log-facility=-",
        "bind-dynamic",
        "no-hosts",
        "domain-needed",
        "bogus-priv",
        "stop-dns-rebind",
        f"domain={dns.domain}",
        f"local=/{dns.domain}/",
        f"cache-size={dns.cache}",
        "resolv-file=data/resolv.conf",
    ]
    lines += [f"interface={link}" for link in dns.links if isinstance(link, str)]
    lines += [f"address=/{name}/{address}" for name, _, address in _pairs(dns.hosts)]
    lines += [f"server=/{domain}/{server}" for domain, _, server in _pairs(dns.forwards)]
    return "".join(line + "\n" for line in lines)


def _pairs(texts: tuple[str, ...]) -> list[tuple[str, str, str]]:
    return [text.partition("=") for text in texts]
