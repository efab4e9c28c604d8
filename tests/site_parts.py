"""Small definitions for tests of the site language and its checks: one unit, any resources."""

from firewall.ruleset.model import Where
from packager.checks.everything import check
from services.model import (
    Condition,
    Outputs,
    Ref,
    Reference,
    Resource,
    Service,
    Site,
    Unit,
    kinds,
    longrun,
    output,
    parameter,
)
from services.site.problems import Problem


class ThingOutputs(Outputs):
    """Two outputs, one of them a secret, and one that no unit has."""

    state = output("how it is", kind=kinds.choice("on", "off"))
    token = output("what it signs with", secret=True)
    folder = output("values, a file each")
    forgotten = output("what its definition forgot")


class Thing(Service):
    """One daemon, ifwait, with whatever a test gives it."""

    more: tuple[Resource, ...] = parameter("its resources", default=())
    needs: Condition | None = parameter("what it needs", default=None)
    on_demand: bool = parameter("started by need alone", default=False)
    reads: tuple[Reference, ...] = parameter("values that it gets as files", default=())
    upstream: tuple[Ref, ...] = parameter("outputs that it reads itself", default=())
    extra: tuple[Unit, ...] = parameter("units besides", default=())

    @property
    def outputs(self) -> ThingOutputs:
        return ThingOutputs(self)

    def units(self) -> tuple[Unit, ...]:
        files = {f"value{number}": each for number, each in enumerate(self.reads)}
        unit = longrun(
            self.name, "ifwait", "lo", "present", *(ref.path for ref in self.upstream),
            needs=self.needs, files=files, on_demand=self.on_demand,
            outputs=("state", "token", "folder"), secrets=("token",),
        )  # fmt: skip
        return (unit, *self.extra)

    def resources(self) -> tuple[Resource, ...]:
        return self.more


def site(*services: Service, **more: object) -> Site:
    """A site of these."""
    return Site(hostname="box", services=services, **more)  # type: ignore[arg-type]


def texts(problems: list[Problem]) -> list[str]:
    """Problems without their places, which are in the tests' own code."""
    return [f"{each.subject}: {each.text}" for each in problems]


def told(*services: Service, **more: object) -> list[str]:
    """What the checks say of a site of these services."""
    return texts(check(site(*services, **more)))


NOWHERE = Where("", 0)
