"""All that a site's services are made of, asked for once: units, resources, firewalls. Pure.

What a definition raises is a problem at the line of the service. Checks read a Gathered; nothing
is said of what is blurred, since it has been told already that something is wrong with it.
"""

import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from firewall.ruleset.model import Firewall, Where
from services.model import Resource, Service, Site, Unit
from services.site.conditions import Condition, LinkIs, OutputIs, ServiceIs
from services.site.described import parameters
from services.site.outputs import Ref, Reference
from services.site.problems import Problem, collecting, is_ours, on_behalf

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Use:
    """One unit's, or a firewall's, mention of an output or of another unit.

    user: the unit. place: what it is there (`files/resolv.conf`). output: SERVICE/PATH, "" when
    the service is meant. ref: the value, where a site's language made it.
    """

    user: str
    place: str
    where: Where
    output: str
    service: str = ""
    ref: Ref | None = None

    @property
    def provider(self) -> str:
        """The unit that is mentioned."""
        return self.service or self.output.partition("/")[0]


@dataclass(frozen=True)
class Gathered:
    """A site with what its services gave. units: with whose they are, in the site's order; names
    may clash. blurred: the names of units that are not known for sure."""

    site: Site
    units: tuple[tuple[Service, Unit], ...]
    resources: tuple[tuple[Service | None, Resource], ...]
    firewalls: tuple[tuple[Service, Firewall], ...]
    problems: tuple[Problem, ...]
    blurred: frozenset[str]

    def named(self) -> dict[str, Unit]:
        """The units by name, of several with one name the first."""
        found: dict[str, Unit] = {}
        for _, unit in self.units:
            found.setdefault(unit.name, unit)
        return found

    def of(self, kind: type) -> list[tuple[Service | None, Resource]]:
        """The resources of a kind, with whose they are."""
        return [(owner, each) for owner, each in self.resources if isinstance(each, kind)]


def gather(site: Site) -> Gathered:
    """Ask all services of a site."""
    units: list[tuple[Service, Unit]] = []
    resources: list[tuple[Service | None, Resource]] = []
    firewalls: list[tuple[Service, Firewall]] = []
    blurred: set[str] = set()
    problems: list[Problem] = []
    for service in site.services:
        before = len(problems)
        with collecting() as told:
            try:
                made = [each for each in units_of(service) if isinstance(each, Unit)]
                units += [(service, each) for each in made]
                blurred.update(each.name for each in made if each.broken)
                brought = [each for each in resources_of(service) if not each.broken]
                resources += [(service, each) for each in brought]
                firewalls += [(service, each) for each in firewalls_of(service)]
            except Exception as error:
                told.append(_failed(service, error))
        if not service.broken:
            problems += [of_service(service, each) for each in told]
        if service.broken or len(problems) > before:
            blurred.add(service.name)
            blurred.update(unit.name for owner, unit in units if owner is service)
    own: tuple[Resource, ...] = (*site.sysctls, *site.modules, *site.files, *site.packages)
    resources += [(None, each) for each in own if not each.broken]
    return Gathered(
        site, tuple(units), tuple(resources), tuple(firewalls), tuple(problems), frozenset(blurred)
    )


def units_of(service: Service) -> tuple[Unit, ...]:
    """A service's units, made for its line."""
    with on_behalf(service.where):
        return service.units()


def resources_of(service: Service) -> tuple[Resource, ...]:
    """A service's resources, made for its line."""
    with on_behalf(service.where):
        return service.resources()


def firewalls_of(service: Service) -> list[Firewall]:
    """The packet filters among a service's parameters."""
    values = [getattr(service, each.name) for each in parameters(type(service))]
    return [each for each in values if isinstance(each, Firewall)]


def of_service(service: Service, problem: Problem) -> Problem:
    """The problem; where its line is ours, that of the service which asked for it, with ours
    behind."""
    where = problem.where
    if not is_ours(where.file):
        return problem
    place = f"{short(where.file)}:{where.line}"
    return Problem(service.where, problem.subject, f"{problem.text} ({place})")


def short(file: str) -> str:
    """A file of ours as it is named in the source tree; a site's as it is."""
    return file.removeprefix(f"{ROOT}/")


def _failed(service: Service, error: Exception) -> Problem:
    """A definition's own mistake, with its line: the site's is only where it was used."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{short(last.filename)}:{last.lineno}"
    text = f"its definition {type(service).__name__} fails at {place}"
    return Problem(service.where, service.name, f"{text}: {type(error).__name__}: {error}")


def uses(found: Gathered) -> list[Use]:
    """Everything that units mention of others, in their order."""
    return [use for _, unit in found.units for use in uses_of(unit)]


def uses_of(unit: Unit) -> Iterable[Use]:
    """What one unit mentions of others."""
    for leaf in unit.needs.parts() if unit.needs is not None else ():
        yield from _of_condition(unit, leaf)
    for kind, table in (("env", unit.env), ("files", unit.files)):
        for name, value in sorted(table.items()):
            if isinstance(value, Reference):
                place = f"{kind}/{name}"
                yield Use(unit.name, place, unit.where, value.ref.path, ref=value.ref)
    for name in unit.contents:
        yield Use(unit.name, "contents", unit.where, "", name)


def _of_condition(unit: Unit, leaf: Condition) -> Iterable[Use]:
    if isinstance(leaf, ServiceIs):
        yield Use(unit.name, "needs", leaf.where, "", leaf.service)
    elif isinstance(leaf, OutputIs):
        ref = leaf.output if isinstance(leaf.output, Ref) else None
        yield Use(unit.name, "needs", leaf.where, leaf.output.path, ref=ref)
    elif isinstance(leaf, LinkIs) and not isinstance(leaf.link, str):
        ref = leaf.link if isinstance(leaf.link, Ref) else None
        yield Use(unit.name, "needs", leaf.where, leaf.link.path, ref=ref)
