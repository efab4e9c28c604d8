"""health: checks of what a router is for. A check is a service that is up while its command
succeeds: others wait for it, people see it, the watchdog counts on it."""

from typing import TypeVar

from services.model import (
    Condition,
    Debian,
    Program,
    Resource,
    Service,
    Unit,
    kinds,
    longrun,
    parameter,
)
from services.site.kinds import Kind
from services.site.problems import here, tell

T = TypeVar("T")
WORD = kinds.text("a word without NUL", r"[^\0]+")
HOST = Kind(
    "a host's name or address",
    lambda value: kinds.DOMAIN.holds(value) or kinds.ADDRESS.holds(value),
)
BUSYBOX = "busybox"
ANSWER_S = 3  # for one answer of a host; a check has several tries


def ping(host: str) -> tuple[str, ...]:
    """The command that sends an echo request to a host and waits for the answer."""
    family = "-6" if ":" in str(host) else "-4"
    usual = (BUSYBOX, "ping", family, "-q", "-c", "1", "-W", str(ANSWER_S))
    return (*usual, _right("ping", host, HOST, "192.0.2.1"))


def resolves(name: str, server: str = "127.0.0.1") -> tuple[str, ...]:
    """The command that asks a name server, usually the router's own, for a name."""
    asked = _right("resolves", name, kinds.DOMAIN, "localhost")
    return (BUSYBOX, "nslookup", asked, _right("resolves", server, kinds.ADDRESS, "127.0.0.1"))


def connects(host: str, port: int) -> tuple[str, ...]:
    """The command that opens a TCP connection and closes it."""
    to = (
        _right("connects", host, HOST, "192.0.2.1"),
        str(_right("connects", port, kinds.PORT, 80)),
    )
    return (BUSYBOX, "nc", "-w", str(ANSWER_S), *to, "-e", "/bin/true")


def _right(subject: str, value: T, kind: Kind, instead: T) -> T:
    """The value, or something usable after a wrong one is told."""
    wrong = kind.wrong(value)
    if wrong:
        tell(here(), subject, wrong)
    return instead if wrong else value


class Check(Service):
    """A command that is run again and again. The check is up from its first success on; after
    several failures in a row it has failed, and begins anew."""

    run: tuple[str, ...] = parameter(
        "the command, one word an item: exit code 0 is a success. ping(HOST), resolves(NAME) and "
        "connects(HOST, PORT) make some",
        kinds.each(WORD, least=1),
    )
    interval: int = parameter("from one run to the next", kinds.number(1, 86400, "s"), default=60)
    timeout: int = parameter(
        "for how long the command may run", kinds.number(1, 86400, "s"), default=10
    )
    failures: int = parameter(
        "so many in a row are too many", kinds.number(1, 1000, "failures"), default=3
    )
    restart: Service | None = parameter(
        "the service to restart then; None: it is only told", default=None
    )
    needs: Condition | None = parameter(
        "the condition while which it is checked; None: always", default=None
    )
    user: str = parameter("who the command runs as", kinds.USER_NAME, default="root")
    packages: tuple[Debian, ...] = parameter("what it needs of Debian's packages", default=())

    def check(self) -> None:
        if self.timeout > self.interval:
            text = f"expected at most the interval's {self.interval} s, got {self.timeout}"
            self.tell("timeout", text)
        if self.restart and self.user != "root":
            self.tell("user", f"expected root, who may restart a service, got {self.user}")

    def units(self) -> tuple[Unit, ...]:
        """The program that runs the command."""
        usual = {"f": (self.failures, 3), "i": (self.interval, 60), "t": (self.timeout, 10)}
        words = [
            (f"-{key}", str(each)) for key, (each, default) in usual.items() if each != default
        ]
        words += [("-r", self.restart.name)] if self.restart else []
        return (
            longrun(
                self.name,
                *("probe", *(word for pair in words for word in pair), "--", *self.run),
                needs=self.needs,
                user="" if self.user == "root" else self.user,
                notify=True,
                up_timeout=0,  # until the first success: maybe never
                description="up while its command succeeds",
                where=self.where,
            ),
        )

    def resources(self) -> tuple[Resource, ...]:
        busybox = (Debian(BUSYBOX, ("usr/bin/busybox",), self.where),)
        needed = busybox if self.run and self.run[0] == BUSYBOX else ()
        return (Program("probe", self.where), *needed, *self.packages)
