"""watchdog: a device resets the machine unless it is fed, and it is fed while services are up."""

from services.model import (
    Claim,
    Module,
    Outputs,
    Resource,
    Service,
    Unit,
    device,
    kinds,
    longrun,
    output,
    parameter,
)

AGENT = "frost-agent"  # without it nobody starts anything again
STATES = ("grace", "healthy", "unhealthy")


class WatchdogOutputs(Outputs):
    """How the machine is."""

    state = output(
        "whether it is fed: `unhealthy` is not, `grace` is too early to tell",
        kind=kinds.choice(*STATES),
    )
    missing = output("the services that are not up, one a line")


class Watchdog(Service):
    """The machine starts again when the services that it is there for are gone for good, when the
    agent is, when the kernel hangs, and when its own end hangs."""

    name: str = parameter("the name of the service", kinds.SERVICE_NAME, default="watchdog")
    services: tuple[Service, ...] = parameter("the services that have to be up, the agent besides")
    device: str = parameter(
        "the kernel's name of the device",
        kinds.text("a watchdog's name as watchdog0", r"watchdog[0-9]{1,2}"),
        default="watchdog0",
    )
    driver: tuple[str, ...] = parameter(
        "the device's kernel modules; `softdog` where there is none: a kernel that hangs stays so",
        kinds.each(kinds.text("a kernel module's name", r"[A-Za-z0-9_-]{1,60}")),
        default=(),
    )
    timeout: int = parameter(
        "for how long services may be gone, and the longest that the device waits",
        kinds.number(8, 3600, "s"),
        default=60,
    )
    grace: int = parameter(
        "the machine's uptime until which the services must have been up once",
        kinds.number(8, 65535, "s"),
        default=300,
    )
    end: int = parameter(
        "how long the machine's own end may take: services, processes and disks",
        kinds.number(8, 3600, "s"),
        default=120,
    )

    def check(self) -> None:
        for name in ("grace", "end"):
            seconds = getattr(self, name)
            if seconds < self.timeout:
                self.tell(name, f"expected the timeout's {self.timeout} s or more, got {seconds}")

    @property
    def outputs(self) -> WatchdogOutputs:
        return WatchdogOutputs(self)

    def units(self) -> tuple[Unit, ...]:
        """The program that feeds it."""
        usual = {"t": (self.timeout, 60), "g": (self.grace, 300), "e": (self.end, 120)}
        words = [
            (f"-{key}", str(each)) for key, (each, default) in usual.items() if each != default
        ]
        return (
            longrun(
                self.name,
                *("watchdog", *(word for pair in words for word in pair), f"/dev/{self.device}"),
                *(AGENT, *(service.name for service in self.services)),
                needs=device("watchdog", self.device),
                outputs=("missing", "state"),
                notify=True,
                description="resets the machine when it is not well",
                where=self.where,
            ),
        )

    def resources(self) -> tuple[Resource, ...]:
        return (
            Claim("device", f"/dev/{self.device}", self.where),
            *(Module(name, where=self.where) for name in self.driver),
        )
