"""ppp: pppd dials the ISP, by PPPoE, by L2TP or over a serial line; the link that comes of it is an
uplink as Ethernet's is."""

from services.link.definition import NAME, Link
from services.model import (
    Claim,
    Condition,
    Debian,
    Delivered,
    File,
    Folder,
    Module,
    Outputs,
    Program,
    Resource,
    Secret,
    Sysctl,
    Unit,
    device,
    kinds,
    link,
    longrun,
    oneshot,
    output,
    parameter,
)
from services.site import places
from services.site.conditions import ServiceIs
from services.site.delivery import delivery

USER = kinds.text("a user's name at the ISP, without blanks and quotes", r"[!#-&(-\[\]-~]{1,128}")
SERVER = kinds.text(
    "an IPv4 address or a host's name", r"(?!-)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){0,8}"
)
TTY = kinds.text("a serial device as ttyS1 or ttyUSB0", r"tty[A-Za-z]{1,8}[0-9]{1,3}")
NUMBER = kinds.text("a number to dial, as *99#", r"[0-9*#+,ABCDPTW]{1,40}")
APN = kinds.optional(kinds.text("an access point's name", r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"))
AT = kinds.text(
    "a modem's command: AT and then A-Z a-z 0-9 & % + = , ; ? * # . _ -",
    r"AT[A-Za-z0-9&%+=,;?*#._-]{0,100}",
)
SPEEDS = (9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600)
ETHERNET, PPPOE = 1500, 8  # octets: a port's usual MTU; RFC 2516 section 7, of each packet
MRU = kinds.number(576, 1500, "octets")
CALLS = ("ip-up", "ip-down", "ipv6-up", "ipv6-down")
OUTPUTS = ("address", "dns", "ifindex", "ifname", "link-local", "remote", "remote-link-local")
STATES = ("state", "state6")


class PppOutputs(Outputs):
    """What the ISP has told."""

    state = output("`up` while there is IPv4")
    state6 = output("`up` while there is IPv6")
    ifname = output("the ppp link's name")
    ifindex = output("its number in the kernel")
    address = output("the IPv4 address")
    remote = output("the ISP's IPv4 address")
    dns = output("addresses of name servers, one a line")
    link_local = output("the link-local IPv6 address")
    remote_link_local = output("the ISP's link-local IPv6 address")


class Ppp(Link):
    """A ppp link, dialled again whenever it ends: what all its kinds have in common."""

    name: str = parameter("the name of the service", kinds.SERVICE_NAME, default="ppp")
    metric: int = parameter(
        "the IPv4 default route's metric", kinds.number(0, 2**31 - 1), default=512
    )
    redial: int = parameter(
        "the longest pause before it dials again: 1 s first, then twice as long each time",
        kinds.number(1, 3600, "s"),
        default=60,
    )

    @property
    def outputs(self) -> PppOutputs:
        return PppOutputs(self)

    @property
    def running6(self) -> Condition:
        """That IPV6CP is through; IPv4 brings the link up without (RFC 7084 WLL-3)."""
        return self.running & self.outputs.state6.equals("up")

    @property
    def is_addressed(self) -> bool:
        return False

    @property
    def login(self) -> tuple[str, Secret | None]:
        """The user's name and password at the ISP."""
        raise NotImplementedError

    @property
    def transport(self) -> tuple[str, ...]:
        """pppd's options for what carries it."""
        raise NotImplementedError

    @property
    def _file(self) -> str:
        return f"/etc/frost/{self.name}.options"

    @property
    def options(self) -> str:
        """The file that pppd reads: with a secret another than the one in the image."""
        if self.login[1] is None:
            return self._file
        return places.secret(self.name, f"{self.name}.options")

    def secret(self) -> tuple[Unit, ...]:
        """What puts the password into the options."""
        password = self.login[1]
        if password is None:
            return ()
        text = "pppd's options with the password"
        return (
            delivery(
                self.name, "pppd", (password.name,), self._file, description=text, where=self.where
            )[0],
        )

    def dialled(self, *run: str, needs: Condition, description: str) -> Unit:
        """The daemon."""
        if self.login[1]:
            needs = ServiceIs(f"{self.name}-secret", where=self.where) & needs
        return longrun(
            self.name,
            *run,
            needs=needs,
            outputs=(*OUTPUTS, *STATES),
            back_off=(1, self.redial),
            description=description,
            where=self.where,
        )

    def resources(self) -> tuple[Resource, ...]:
        script = "#!/usr/lib/execline/bin/execlineb -S0\n{}/ppp_script {} $@\n"
        password = self.login[1]
        return (
            Claim("link", self.ifname, self.where, makes=True),
            Debian("ppp", ("usr/sbin/pppd",), self.where),
            *((Delivered(password.name, self.where),) if password else ()),
            Program("ppp_script", self.where),
            Module("ppp_generic", where=self.where),
            # The client asks for advertisements, not the kernel; ppp links are made anew each time.
            Sysctl("net/ipv6/conf/default/accept_ra", "0", self.where),
            File(self._file, render(self), where=self.where),
            File("/etc/ppp/options", "", where=self.where),  # pppd reads it in any case
            # A file of the peer's name servers, which pppd would write here and leave behind.
            Folder("/etc/ppp/resolv.conf", where=self.where),
            *(
                File(f"/etc/ppp/{call}", script.format(places.PROGRAMS, call), 0o755)
                for call in CALLS
            ),
        )


class Pppoe(Ppp):
    """A PPPoE session on a link."""

    ifname: str = parameter("the ppp link's name", NAME, default="ppp-wan")
    mtu: int = parameter(
        "the largest packet in octets; above 1492 the link below needs 8 more, and where the ISP "
        "does not agree it is 1492 (RFC 4638)",
        MRU,
        default=1492,
    )
    on: Link = parameter("the link to the modem")
    user: str = parameter("the user's name at the ISP", USER)
    password: Secret = parameter("the password at the ISP")

    def check(self) -> None:
        room = _mtu(self.on) - PPPOE
        if self.mtu > room:
            needed = self.mtu + PPPOE
            self.tell("mtu", f"expected at most {room}, got {self.mtu}; give mtu={needed} to the "
                      f"links below, {self.on.name}")  # fmt: skip

    @property
    def login(self) -> tuple[str, Secret | None]:
        return self.user, self.password

    @property
    def transport(self) -> tuple[str, ...]:
        """Discovery is asked for 2, 4, 8 and 16 s: a modem tells nobody that its line is back."""
        padi = ("pppoe-padi-timeout 2", "pppoe-padi-attempts 4")
        return ("nodetach", "plugin pppoe.so", f"nic-{self.on.ifname}", *padi)

    def units(self) -> tuple[Unit, ...]:
        """The options with their secret, and the daemon."""
        text = f"PPPoE over {self.on.ifname}"
        run = ("pppd", "file", self.options)
        return (*self.secret(), self.dialled(*run, needs=self.on.running, description=text))

    def resources(self) -> tuple[Resource, ...]:
        return (
            *super().resources(),
            Debian("ppp", ("usr/lib/pppd/*/pppoe.so",), self.where),
            *(Module(name, where=self.where) for name in ("af_packet", "pppoe")),
        )


def _mtu(on: Link) -> int:
    """The MTU of a link: its own, or that of the link that it stands on."""
    below = getattr(on, "on", None)
    return on.mtu or (_mtu(below) if isinstance(below, Link) else ETHERNET)


class L2tp(Ppp):
    """A session in an L2TP tunnel (RFC 2661) to a server that another link leads to."""

    ifname: str = parameter("the ppp link's name", NAME, default="ppp-l2tp")
    mtu: int = parameter("the largest packet in octets", MRU, default=1400)
    on: Link = parameter("the link that leads to the server; it has to have an IPv4 address")
    server: str = parameter("the server's IPv4 address or name", SERVER)
    user: str = parameter("the user's name at the server", USER)
    password: Secret = parameter("the password at the server")
    metric: int = parameter(
        "the IPv4 default route's metric: above that of the route to the server",
        kinds.number(0, 2**31 - 1),
        default=1024,
    )

    @property
    def login(self) -> tuple[str, Secret | None]:
        return self.user, self.password

    @property
    def transport(self) -> tuple[str, ...]:
        return ()  # xl2tpd tells pppd

    @property
    def _daemon(self) -> str:
        return f"/etc/frost/{self.name}.xl2tpd"

    def units(self) -> tuple[Unit, ...]:
        """The options with their secret; the tunnel's daemon, which starts pppd; and what takes the
        outputs back when pppd had no time to, for xl2tpd runs on and dials again."""
        run = ("xl2tpd", "-D", "-c", self._daemon, "-p", f"/run/{self.name}.pid")
        needs = self.on.ready & link(self.on.ifname, "addressed4")
        text = f"L2TP to {self.server}"
        daemon = self.dialled(
            *run, "-C", f"/run/{self.name}.control", needs=needs, description=text
        )
        session = oneshot(
            f"{self.name}-session",
            *("ifwait", self.ifname, "present"),
            stop=("ppp_script", "-c", self.name),
            needs=self.ready & link(self.ifname, "present"),
            description=f"the session behind {self.ifname}",
            where=self.where,
        )
        return (*self.secret(), daemon, session)

    def resources(self) -> tuple[Resource, ...]:
        return (
            *super().resources(),
            Debian("ppp", ("usr/lib/pppd/*/pppol2tp.so",), self.where),
            Debian("xl2tpd", ("usr/sbin/xl2tpd",), self.where),
            Program("ifwait", self.where),
            Module("l2tp_ppp", where=self.where),
            File(self._daemon, render_tunnel(self), where=self.where),
            Claim("port", "udp/1701", self.where),
        )


class Serial(Ppp):
    """A modem on a serial line: mobile radio, or a telephone's."""

    ifname: str = parameter("the ppp link's name", NAME, default="ppp-serial")
    mtu: int = parameter("the largest packet in octets", MRU, default=1500)
    tty: str = parameter("the serial device", TTY)
    speed: int = parameter(
        "the line's speed", kinds.number(SPEEDS[0], SPEEDS[-1], "bit/s"), default=115200
    )
    dial: str = parameter("the number to dial", NUMBER, default="*99#")
    apn: str = parameter("mobile radio's access point, by the ISP", APN, default="")
    commands: tuple[str, ...] = parameter(
        "more commands for the modem, before it dials", kinds.each(AT), default=()
    )
    user: str = parameter("the user's name at the ISP", kinds.optional(USER), default="")
    password: Secret | None = parameter("the password at the ISP", default=None)
    driver: tuple[str, ...] = parameter(
        "the modem's kernel modules, where the kernel does not find them by itself",
        kinds.each(kinds.text("a kernel module's name", r"[A-Za-z0-9_-]{1,60}")),
        default=(),
    )

    def check(self) -> None:
        if self.speed not in SPEEDS:
            known = " ".join(map(str, SPEEDS))
            self.tell("speed", f"expected one of {known}, got {self.speed}")
        if bool(self.user) != bool(self.password):
            self.tell("user", "expected user and password, or neither of them")

    @property
    def login(self) -> tuple[str, Secret | None]:
        return self.user, self.password

    @property
    def transport(self) -> tuple[str, ...]:
        chat = f'connect "/usr/sbin/chat -f {self._chat}"'
        return ("nodetach", f"/dev/{self.tty}", f"{self.speed}", "modem", "crtscts", chat)

    @property
    def _chat(self) -> str:
        return f"/etc/frost/{self.name}.chat"

    def units(self) -> tuple[Unit, ...]:
        """The options, with their secret if there is one, and the daemon."""
        run = ("pppd", "file", self.options)
        text = f"a modem on {self.tty}"
        return (
            *self.secret(),
            self.dialled(*run, needs=device("tty", self.tty), description=text),
        )

    def resources(self) -> tuple[Resource, ...]:
        return (
            *super().resources(),
            Debian("ppp", ("usr/sbin/chat",), self.where),
            Debian("busybox", ("usr/bin/busybox",), self.where),  # pppd starts chat by a shell
            *(Module(name, where=self.where) for name in ("ppp_async", *self.driver)),
            File(self._chat, render_chat(self), where=self.where),
            Claim("device", self.tty, self.where),
        )


def render(ppp: Ppp) -> str:
    """pppd's options, all but the secret. No value has a blank or a quote."""
    user = ppp.login[0]
    lines = [
        *ppp.transport,
        *([f'user "{user}"'] if user else []),
        "noauth",
        "hide-password",
        "noipdefault",
        "usepeerdns",
        "nodefaultroute",  # ip-up puts it, beside others
        f"ipparam metric={ppp.metric}",
        "+ipv6" if ppp.ipv6 else "noipv6",
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


def render_tunnel(l2tp: L2tp) -> str:
    """xl2tpd.conf(5): one tunnel, dialled again by xl2tpd itself, which outlives its sessions."""
    lines = [
        "[global]",
        "access control = yes",
        f"[lac {l2tp.name}]",
        f"lns = {l2tp.server}",
        "autodial = yes",
        "redial = yes",
        "redial timeout = 5",
        f"pppoptfile = {l2tp.options}",
    ]
    return "".join(line + "\n" for line in lines)


def render_chat(serial: Serial) -> str:
    """chat(8): what is expected of the modem and what it is told.."""
    commands = [f'AT+CGDCONT=1,"IP","{serial.apn}"'] if serial.apn else []
    lines = ["TIMEOUT 10"]
    lines += [f"ABORT '{text}'" for text in ("BUSY", "ERROR", "NO ANSWER", "NO CARRIER")]
    lines += ["'' ATZ"]
    lines += [f"OK '{command}'" for command in (*commands, *serial.commands)]
    lines += [f"OK 'ATD{serial.dial}'", "TIMEOUT 60", "CONNECT '\\c'"]
    return "".join(line + "\n" for line in lines)
