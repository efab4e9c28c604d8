"""dhcp4: busybox's udhcpc asks the ISP for an IPv4 address; what it learns goes to the WAN."""

from services.link.definition import Link
from services.model import (
    Claim,
    Debian,
    Module,
    Outputs,
    Program,
    Resource,
    Service,
    Sysctl,
    Unit,
    kinds,
    longrun,
    output,
    parameter,
)
from services.site import places

LEASE = (
    *("address", "dns", "domains", "gateway", "ifname", "lease", "lease-until", "length"),
    *("mtu", "ntp", "route", "server", "state"),
)


class Dhcp4Outputs(Outputs):
    """The lease; services/dhcp4/README.md has the grammar of each."""

    state = output("what the client has reached", kind=kinds.choice("bound", "unbound"))
    ifname = output("the WAN link's name")
    address = output("the address")
    length = output("the prefix length of the address")
    gateway = output("the router of the default route")
    route = output("the routes, a folder each")
    dns = output("addresses of name servers, one a line")
    ntp = output("addresses of time servers, one a line")
    domains = output("domains to search, one a line")
    mtu = output("the MTU that the server tells, octets")
    server = output("the DHCP server's address")


class Dhcp4(Service):
    """IPv4 from the ISP: the WAN's address and default route.

    The client runs while the WAN link has its carrier; without one address and routes are taken
    away, since nobody knows what network the next carrier leads to.
    """

    name: str = parameter("the name of the service", kinds.SERVICE_NAME, default="wan4")
    on: Link = parameter("the link to the ISP")
    hostname: str = parameter(
        "the name to tell the ISP; empty: none", kinds.optional(kinds.HOST_NAME), default=""
    )
    probe: int = parameter(
        "for how long to ask whether another host has the address that is offered, and decline it "
        "then (RFC 5227); 0: not. Some networks' gateways answer for every address",
        kinds.optional(kinds.number(50, 5000, "ms"), 0),
        default=0,
    )
    metric: int = parameter(
        "the routes' metric: of several uplinks the lowest is taken",
        kinds.number(0, 2**31 - 1),
        default=512,
    )

    @property
    def outputs(self) -> Dhcp4Outputs:
        return Dhcp4Outputs(self)

    def units(self) -> tuple[Unit, ...]:
        """The client, and the program that applies what it learns."""
        hostname = ("-x", f"hostname:{self.hostname}") if self.hostname else ()
        probe = (f"-a{self.probe}",) if self.probe else ()
        metric = ("-m", str(self.metric)) if self.metric != 512 else ()
        return (
            longrun(
                self.name,
                *("busybox", "udhcpc", "-f", "-i", self.on.ifname),
                *("-s", f"{places.PROGRAMS}/udhcpc_script", "-p", f"/run/{self.name}.pid"),
                *(
                    "-t",
                    "5",
                    "-T",
                    "1",
                    "-A",
                    "10",
                    "-O",
                    "staticroutes",
                    "-O",
                    "search",
                    "-O",
                    "ntpsrv",
                    "-O",
                    "mtu",
                ),
                *hostname,
                *probe,
                needs=self.on.running,
                outputs=LEASE,
                description="asks the ISP for an IPv4 address",
                where=self.where,
            ),
            longrun(
                f"{self.name}-address",
                *("dhcp4_address", *metric, self.name),
                stop=("dhcp4_address", "-c", self.name),
                outputs=("address", "ifindex", "ifname", "lease", "length"),
                notify=True,
                up_timeout=0,  # until the ISP gives an address: maybe never
                description="the lease's address and routes on the WAN",
                where=self.where,
            ),
        )

    def resources(self) -> tuple[Resource, ...]:
        return (
            Debian("busybox", ("usr/bin/busybox",), self.where),
            Module("af_packet", where=self.where),  # the client has no address to ask from
            Program("udhcpc_script", self.where),
            # The lease's next address is there before the last one goes: it is to stay then.
            Sysctl("net/ipv4/conf/all/promote_secondaries", "1", self.where),
            Claim("port", f"udp/68 on {self.on.ifname}", self.where),
        )
