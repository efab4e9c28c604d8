"""ppp: pppd dials the ISP by PPPoE; the link that comes of it is an uplink as Ethernet's is."""

from services.link.definition import NAME, Link
from services.model import (
    Claim,
    Debian,
    Delivered,
    File,
    Module,
    Outputs,
    Program,
    Resource,
    Secret,
    Sysctl,
    Unit,
    kinds,
    longrun,
    oneshot,
    output,
    parameter,
)
from services.site import places
from services.site.conditions import ServiceIs

USER = kinds.text("a user's name at the ISP, without blanks and quotes", r"[!#-&(-\[\]-~]{1,128}")
CALLS = ("ip-up", "ip-down", "ipv6-up", "ipv6-down")
OUTPUTS = ("address", "dns", "ifname", "link-local", "remote", "remote-link-local")
STATES = ("state", "state6")


class PppoeOutputs(Outputs):
    """What the ISP has told."""

    state = output("`up` while there is IPv4")
    state6 = output("`up` while there is IPv6")
    ifname = output("the ppp link's name")
    address = output("the IPv4 address")
    remote = output("the ISP's IPv4 address")
    dns = output("addresses of name servers, one a line")
    link_local = output("the link-local IPv6 address")
    remote_link_local = output("the ISP's link-local IPv6 address")


class Pppoe(Link):
    """A PPPoE session on a link. It is dialled again whenever it ends."""

    name: str = parameter("the name of the service", kinds.SERVICE_NAME, default="ppp")
    ifname: str = parameter("the ppp link's name", NAME, default="ppp-wan")
    mtu: int = parameter(
        "the largest packet in octets", kinds.number(576, 1500, "octets"), default=1492
    )
    on: Link = parameter("the link to the modem")
    user: str = parameter("the user's name at the ISP", USER)
    password: Secret = parameter("the password at the ISP")
    metric: int = parameter(
        "the IPv4 default route's metric", kinds.number(0, 2**31 - 1), default=512
    )

    @property
    def outputs(self) -> PppoeOutputs:
        return PppoeOutputs(self)

    @property
    def _file(self) -> str:
        return f"/etc/frost/{self.name}.options"

    def units(self) -> tuple[Unit, ...]:
        """The options with their secret, and the daemon."""
        whole = f"{places.RUN}/secrets/{self.name}.options"
        secret = f"{self.name}-secret"
        return (
            oneshot(
                secret,
                *("with_secret", "pppd", self.password.name, self._file, whole),
                stop=("with_secret", "-r", whole),
                description="pppd's options with the password",
                where=self.where,
            ),
            longrun(
                self.name,
                *("pppd", "file", whole),
                needs=ServiceIs(secret, where=self.where) & self.on.running,
                outputs=(*OUTPUTS, *STATES),
                description=f"PPPoE over {self.on.ifname}",
                where=self.where,
            ),
        )

    def resources(self) -> tuple[Resource, ...]:
        script = "#!/usr/lib/execline/bin/execlineb -S0\n{}/ppp_script {} $@\n"
        return (
            Claim("link", self.ifname, self.where, makes=True),
            Debian("ppp", ("usr/sbin/pppd", "usr/lib/pppd/*/pppoe.so"), self.where),
            Delivered(self.password.name, self.where),
            Program("ppp_script", self.where),
            *(Module(name, where=self.where) for name in ("ppp_generic", "pppoe")),
            # The client asks for advertisements, not the kernel; ppp links are made anew each time.
            Sysctl("net/ipv6/conf/default/accept_ra", "0", self.where),
            File(self._file, render(self), where=self.where),
            File("/etc/ppp/options", "", where=self.where),  # pppd reads it in any case
            *(
                File(f"/etc/ppp/{call}", script.format(places.PROGRAMS, call), 0o755)
                for call in CALLS
            ),
        )


def render(ppp: Pppoe) -> str:
    """pppd's options, all but the secret. No value has a blank or a quote."""
    lines = [
        "nodetach",
        "plugin pppoe.so",
        f"nic-{ppp.on.ifname}",
        f'user "{ppp.user}"',
        "noauth",
        "hide-password",
        "noipdefault",
        "usepeerdns",
        "defaultroute",
        f"defaultroute-metric {ppp.metric}",
        "+ipv6",
        f"mtu {ppp.mtu}",
        f"mru {ppp.mtu}",
        f"ifname {ppp.ifname}",
        "lcp-echo-interval 10",
        "lcp-echo-failure 3",
        "nopersist",  # the agent dials again
        f"set SERVICE={ppp.name}",
        f"set FROST_OUTPUTS={places.OUTPUTS}",
    ]
    return "".join(line + "\n" for line in lines)
