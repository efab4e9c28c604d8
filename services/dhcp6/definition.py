"""dhcp6: dhcpcd asks the ISP for an address and a prefix; what it learns goes to WAN and LANs."""

from services.dhcp6 import ula
from services.link.definition import Link
from services.model import (
    Account,
    Claim,
    Debian,
    File,
    Folder,
    Outputs,
    Program,
    Resource,
    Service,
    Unit,
    kinds,
    longrun,
    oneshot,
    output,
    parameter,
)
from services.site import places
from services.site.conditions import ServiceIs
from services.site.described import Described

ULA = kinds.Kind(
    "'auto', or a /48 of fd00::/8 as fd12:3456:789a::/48, or ''",
    lambda value: value in ("auto", "") or ula.parse(str(value)) is not None,
)

# What the hook may publish (docs/lease.md), of which the client's state is one.
LEASE = (
    "address",
    "aftr",
    "captive-portal",
    "dns",
    "domains",
    "hop-limit",
    "ifname",
    "mtu",
    "ntp",
    "option",
    "passthrough",
    "prefix",
    "ra-address",
    "reachable",
    "retransmit",
    "route",
    "server",
    "sip",
    "softwire",
    "state",
)
DUID = "/var/lib/dhcpcd/duid"  # dhcpcd's, of which it makes one where there is none
STATES = ("started", "bound", "unbound", "stopped")


class Dhcp6Outputs(Outputs):
    """The lease; docs/lease.md has the grammar of each."""

    state = output("what the client has reached", kind=kinds.choice(*STATES))
    ifname = output("the WAN link's name")
    prefix = output("the delegated prefixes, a folder each")
    address = output("the WAN's addresses by DHCPv6, a folder each")
    ra_address = output("the WAN's addresses by router advertisement, a folder each")
    route = output("the routes that routers advertise, a folder each")
    dns = output("addresses of name servers, one a line")
    ntp = output("addresses and names of time servers, one a line")
    domains = output("domains to search, one a line")
    aftr = output("the name of DS-Lite's AFTR")
    captive_portal = output("where a captive portal tells what it wants")
    mtu = output("the WAN's MTU as advertised, octets")
    lan = output("the LANs' prefixes: lan/IFNAME/KEY/{prefix,length,address...}", unit="-prefixes")
    delegated = output(
        "the delegated prefixes in use and the unique local one, a folder each", unit="-prefixes"
    )


class Lan(Described):
    """A link that gets a /64 of each delegated prefix."""

    on: Link = parameter("the link")
    id: int = parameter(
        "the subnet id: which /64 of the prefix; with one given no other LAN ever moves it",
        kinds.number(0, 2**48 - 1),
    )
    suffix: str = parameter("the router's interface identifier there", kinds.SUFFIX6, default="::1")
    priority: int = parameter(
        "who comes first when the prefix is too small: larger numbers do",
        kinds.number(0, 1000),
        default=0,
    )
    lease_time: int = parameter(
        "for how long the DHCPv6 server there leases addresses, 0: there is none. From so long "
        "before the prefix ends (as preferred) none is leased, and the router avoids its own",
        kinds.number(0, 2700, "s"),
        default=0,
    )

    @property
    def word(self) -> str:
        """lan_prefix's operand."""
        words = [self.on.ifname, f"id={self.id:x}"]
        words += [f"suffix={self.suffix}"] if self.suffix != "::1" else []
        words += [f"priority={self.priority}"] if self.priority else []
        words += [f"lease={self.lease_time}"] if self.lease_time else []
        return ",".join(words)


class Dhcp6(Service):
    """IPv6 from the ISP: the WAN's address and routes, and a /64 for each LAN.

    The client runs while the WAN link has its carrier. A link that went and came back, also under
    another index, gets a new client; the LANs keep their prefixes for the hold-down meanwhile.
    """

    name: str = parameter("the name of the service", kinds.SERVICE_NAME, default="wan6")
    on: Link = parameter("the link to the ISP")
    lans: tuple[Lan, ...] = parameter("the links that get a prefix", default=())
    address: bool = parameter("ask for an address for the WAN", default=True)
    ula: str = parameter(
        "the LANs' unique local prefix, by which they reach each other whatever the ISP does: made "
        "on the router and kept, or this one; empty: none. Of several uplinks one has it",
        ULA,
        default="auto",
    )
    hold: float = parameter(
        "how long a prefix that was lost without another is kept on the LANs",
        kinds.number(0, 3600, "s"),
        default=10,
    )
    metric: int = parameter(
        "the default route's metric when its router has medium preference: of several uplinks the "
        "lowest is taken; a router of high preference is 128 below, one of low 128 above",
        kinds.number(1, 2**31 - 1),
        default=512,
    )

    def check(self) -> None:
        for what, values in (
            ("id", [str(lan.id) for lan in self.lans]),
            ("link", [lan.on.ifname for lan in self.lans]),
        ):
            for value in sorted({each for each in values if values.count(each) > 1}):
                self.tell("lans", f"expected another {what} for each, got {value} twice")

    @property
    def outputs(self) -> Dhcp6Outputs:
        return Dhcp6Outputs(self)

    @property
    def prefixes(self) -> str:
        """The unit that publishes the LANs' prefixes, for firewalls."""
        return f"{self.name}-prefixes"

    @property
    def _file(self) -> str:
        return f"/etc/frost/{self.name}.conf"

    def units(self) -> tuple[Unit, ...]:
        """The client, and the programs that apply what it learns."""
        hook = f"{places.PROGRAMS}/dhcpcd_script"
        metric = ("-m", str(self.metric)) if self.metric != 512 else ()
        alone = () if self.on.is_addressed else (self.on.ifname,)
        identity = ServiceIs(f"{self.name}-identity", where=self.where)
        found = [
            longrun(
                self.name,
                *("dhcpcd", "-B", "-6", "--noconfigure", "-c", hook, "-f", self._file, *alone),
                # Started without a carrier it takes the kernel's link-local address away and waits
                # for one for ever; a SIGTERM that comes while its hook runs, as when the carrier
                # goes, it misses. Alone on a link it ends with that, as ppp's do, and has time to.
                needs=self.on.running6 if self.on.is_addressed else identity & self.on.running6,
                down_timeout=5 if alone else 2,
                stop=("ifset", "reset", self.on.ifname),  # what it has changed of the link
                outputs=LEASE,
                description="asks the ISP for IPv6",
                where=self.where,
            ),
            longrun(
                f"{self.name}-address",
                *("wan_address", *metric, self.name),
                stop=("wan_address", "-c", self.name),
                outputs=("address", "ifindex", "ifname", "lease"),
                notify=True,
                up_timeout=0,  # until the ISP gives an address: maybe never
                description="the lease's addresses and routes on the WAN",
                where=self.where,
            ),
        ]
        if not self.on.is_addressed:
            found.append(
                oneshot(
                    identity.service,
                    *("duid", DUID),
                    description="an identity for the ISP, made once",
                    where=self.where,
                )
            )
        if self.lans:
            hold = ("-w", f"{self.hold:g}") if self.hold != 10 else ()
            own = ("-u", self.ula) if self.ula else ()
            words = (*own, self.name, *(lan.word for lan in self.lans))
            found.append(
                longrun(
                    self.prefixes,
                    *("lan_prefix", *hold, *words),
                    stop=("lan_prefix", "-c", *words),
                    outputs=("delegated", "lan", "lease"),
                    notify=True,
                    up_timeout=0,
                    description="a /64 of each delegated prefix for each LAN",
                    where=self.where,
                )
            )
        return tuple(found)

    def resources(self) -> tuple[Resource, ...]:
        return (
            Debian("dhcpcd-base", ("usr/sbin/dhcpcd",), self.where),
            Account("dhcpcd", home="/usr/lib/dhcpcd", where=self.where),
            Folder("/usr/lib/dhcpcd", where=self.where),  # the client locks itself in there
            Folder("/var/lib/dhcpcd", keep=True, where=self.where),  # its identity: same prefix
            Program("dhcpcd_script", self.where),
            File(self._file, render(self), where=self.where),
            Claim("port", f"udp/546 on {self.on.ifname}", self.where),
            *((Folder(places.STATE, keep=True, where=self.where),) if self.lans else ()),
            # A site is one /48 (RFC 7084 ULA-1), however many uplinks it has.
            *(
                (Claim("unique local prefix", "of the LANs", self.where),)
                if self.lans and self.ula
                else ()
            ),
        )


def render(dhcp6: Dhcp6) -> str:
    """dhcpcd's configuration; docs/prefixes.md tells why each line is there."""
    lines = [
        "# nodev: nothing here says that a link is ready. persistent, and no `release`: the lease",
        "# stays when the client ends (RFC 9096 WPD-9).",
        "nodev",
        "duid",
        "persistent",
        f"env SERVICE={dhcp6.name}",
        f"env FROST_OUTPUTS={places.OUTPUTS}",
        f"env FROST_STATE={places.STATE}",
        "option dhcp6_name_servers, dhcp6_domain_search, dhcp6_sntp_servers, dhcp6_aftr_name",
        "option dhcp6_ntp_server",
        "definend 24 index binhex route_information",
        f"allowinterfaces {dhcp6.on.ifname}",
        f"interface {dhcp6.on.ifname}",
        "    ipv6rs",
    ]
    lines += ["    ia_na 1"] if dhcp6.address else []
    lines += ["    ia_pd 2"] if dhcp6.lans else []
    return "".join(line + "\n" for line in lines)
