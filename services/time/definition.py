"""time: chrony keeps the clock right, and tells the LAN the time when asked to."""

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
    oneshot,
    output,
    parameter,
)
from services.site import places

SERVER = kinds.Kind(
    "a host's name or address",
    lambda value: kinds.DOMAIN.holds(value) or kinds.ADDRESS.holds(value),
)
STATE = "/var/lib/chrony"


class TimeOutputs(Outputs):
    """Whom the leases name."""

    servers = output("the leases' time servers, one a line", unit="-servers")


class Time(Service):
    """The clock, from servers of the internet and those that leases name. At the start it is set
    in one step, however wrong it is: many routers have no clock that runs while they are off."""

    name: str = parameter("the name of the service", kinds.SERVICE_NAME, default="time")
    servers: tuple[str, ...] = parameter(
        "names of pools, or names and addresses of servers; empty: `upstream` alone",
        kinds.each(SERVER),
        default=("pool.ntp.org",),
    )
    upstream: tuple[Ref, ...] = parameter(
        "outputs with time servers to ask besides, in order of preference", default=()
    )
    serve: tuple[str, ...] = parameter(
        "the networks that may ask this router; empty: none",
        kinds.each(
            kinds.Kind(
                "a prefix as 192.168.1.0/24",
                lambda value: kinds.PREFIX4.holds(value) or kinds.PREFIX6.holds(value),
            )
        ),
        default=(),
    )

    def check(self) -> None:
        if not self.servers and not self.upstream:
            self.tell("servers", "expected servers or upstream, got neither")

    @property
    def outputs(self) -> TimeOutputs:
        return TimeOutputs(self)

    @property
    def _file(self) -> str:
        return f"/etc/frost/{self.name}.conf"

    def units(self) -> tuple[Unit, ...]:
        """The daemon, which runs without a network, too, and asks when there is one; and what
        tells it of the leases' servers."""
        daemon = longrun(
            self.name,
            *("chronyd", "-d", "-f", self._file),
            description="the clock",
            where=self.where,
        )
        if not self.upstream:
            return (daemon,)
        paths = tuple(ref.path for ref in self.upstream)
        return (
            daemon,
            longrun(
                f"{self.name}-servers",
                *("resolver", "-t", *paths),
                stop=("resolver", "-c", *paths),
                outputs=("lease.sources", "servers"),
                notify=True,
                description="whom the leases name for the time",
                where=self.where,
            ),
            oneshot(
                f"{self.name}-sources",
                *("chronyc", "-n", "reload", "sources"),
                needs=self.ready,
                env={"SERVERS": self.outputs.servers.value("rerun", optional=True)},
                description="the clock hears of other servers",
                where=self.where,
            ),
        )

    def resources(self) -> tuple[Resource, ...]:
        return (
            Debian("chrony", ("usr/sbin/chronyd", "usr/bin/chronyc"), self.where),
            Account("_chrony", home=STATE, where=self.where),
            Folder(STATE, 0o750, "_chrony", keep=True, where=self.where),
            File(self._file, render(self), where=self.where),
            Claim("clock", "the machine's", self.where),
            *((Claim("port", "udp/123", self.where),) if self.serve else ()),
        )


def render(time: Time) -> str:
    """chrony's configuration. Every value fits its kind's grammar, which has no blanks."""
    lines = ["user _chrony", f"driftfile {STATE}/drift", "makestep 1 3", "cmdport 0"]
    for each in time.servers:
        # A pool's name stands for several servers, an address for one.
        word = "server" if kinds.ADDRESS.holds(each) else "pool"
        lines.append(f"{word} {each} iburst")
    # It reads the output itself, as its own user, at its start and when chronyc says so.
    lines += [f"sourcedir {places.OUTPUTS}/{time.name}-servers"] if time.upstream else []
    lines += [f"allow {each}" for each in time.serve] or ["port 0"]
    return "".join(line + "\n" for line in lines)
