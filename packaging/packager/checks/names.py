"""Services and units have a name each, and a service's units are known by its name."""

from collections.abc import Iterator

from packager.gathered import Gathered
from services.model import Service
from services.site.problems import Problem


def check(found: Gathered) -> Iterator[Problem]:
    """Names that clash, and units whose names do not begin with that of their service."""
    services: dict[str, Service] = {}
    seen: set[int] = set()
    for service in found.site.services:
        first = services.setdefault(service.name, service)
        if first is not service:
            yield Problem(
                service.where,
                service.name,
                f"expected each name once, got a second service of this name, the first is at "
                f'{first.where}; give one another, as name="{service.name}2"',
            )
        elif id(service) in seen:
            yield Problem(found.site.where, service.name, "expected each service once in SITE")
        seen.add(id(service))
    yield from _units(found, services)


def _units(found: Gathered, services: dict[str, Service]) -> Iterator[Problem]:
    owners: dict[str, Service] = {}
    for service, unit in found.units:
        name = service.name
        if unit.name != name and not unit.name.startswith(name + "-"):
            definition = type(service).__name__
            yield Problem(
                service.where,
                name,
                f"expected units named {name} or {name}-..., got {unit.name!r} of the definition "
                f"{definition}",
            )
        owner = owners.setdefault(unit.name, service)
        if services.get(name) is not service:
            continue  # the whole service has a name that another has
        if owner is not service:
            yield Problem(
                service.where,
                name,
                f"expected each unit once, got {unit.name!r}, which {owner.name} at {owner.where} "
                f"has, too; give one of the services another name",
            )
    for service in found.site.services:
        mine = [unit.name for owner, unit in found.units if owner is service]
        if mine and service.name not in mine and service.name not in found.blurred:
            known = ", ".join(mine)
            text = f"expected one unit to have its name, got {known}"
            yield Problem(service.where, service.name, f"{text}, of {type(service).__name__}")
