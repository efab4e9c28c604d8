"""Every output and service that somebody refers to is there: declared, by a service of the site.

Secrets come as files alone: an environment can be read in /proc, and a condition tells its value.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from agent.graph.model import covers
from firewall.ruleset.model import Entries, Firewall, Output, Values
from packager.gathered import Gathered, Use, uses
from services.model import Service, Unit
from services.site.conditions import OutputIs
from services.site.described import parameters
from services.site.outputs import UNKNOWN, Ref, Reference
from services.site.problems import Problem, suggestion


def check(found: Gathered) -> Iterator[Problem]:
    """References to what is not there, and secrets where they can be seen."""
    units = found.named()
    unlisted = _unlisted(found)
    for user, part in unlisted:
        text = f"expected services of the site alone, got {part.name}, made at {part.where}"
        yield Problem(user.where, user.name, f"{text}; add it to services of SITE")
    told = {part.name for _, part in unlisted if part.name not in units}
    for use in [*uses(found), *firewall_uses(found), *parameter_uses(found)]:
        if use.user not in found.blurred and use.provider not in told:
            yield from _use(found, units, use)
    for _, unit in found.units:
        if unit.name not in found.blurred:
            yield from _secrets(units, unit)


def _unlisted(found: Gathered) -> list[tuple[Service, Service]]:
    """(user, service) of services that others are made of or refer to, and that nobody runs."""
    listed = {id(each) for each in found.site.services}
    owners = {unit.name: owner for owner, unit in found.units}
    pairs = [(each, part) for each in found.site.services for part in parts(each)]
    for use in [*uses(found), *firewall_uses(found)]:
        if use.ref is not None and use.ref.service is not None:
            pairs.append((owners[use.user], use.ref.service))
    missing = {(id(user), id(part)): (user, part) for user, part in pairs if id(part) not in listed}
    return list(missing.values())


def parts(value: object) -> Iterator[Service]:
    """The services among a service's parameters."""
    if isinstance(value, Service):
        values = [getattr(value, each.name) for each in parameters(type(value))]
    else:
        values = list(value) if isinstance(value, tuple) else []
    for each in values:
        if isinstance(each, Service):
            yield each
        elif isinstance(each, tuple):
            yield from parts(each)
        elif isinstance(each, Ref) and isinstance(each.service, Service):
            yield each.service


def parameter_uses(found: Gathered) -> Iterator[Use]:
    """The outputs among parameters: a definition may give a program no more than their paths."""
    for service in found.site.services:
        for name, ref in _refs(service):
            yield Use(service.name, name, service.where, ref.path, ref=ref)


def _refs(service: Service) -> Iterator[tuple[str, Ref]]:
    for each in parameters(type(service)):
        value = getattr(service, each.name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Ref):
                yield each.name, item


def firewall_uses(found: Gathered) -> Iterator[Use]:
    """The outputs that zones and sets of a firewall follow."""
    for service, firewall in found.firewalls:
        for place, where, member in _followed(firewall):
            where = where if where.file == found.site.where.file else service.where
            ref = member if isinstance(member, Ref) else None
            path = member if isinstance(member, str) else member.path
            yield Use(service.name, place, where, path, ref=ref)


def _followed(firewall: Firewall) -> Iterator[tuple]:  # type: ignore[type-arg] # place, where, output
    for zone in firewall.zones:
        for member in zone.members:
            if isinstance(member, Output):
                yield f"zone {zone.name}", zone.where, member
        if zone.icmp.bandwidth:
            yield f"zone {zone.name}", zone.where, zone.icmp.bandwidth
    for group in firewall.groups:
        for each in group.forget:
            yield f"rulegroup {group.name}", group.where, each
        for one in group.sets:
            for source in one.follow:
                if isinstance(source, Entries | Values):
                    yield f"set {one.name}", one.where, source


def _use(found: Gathered, units: dict[str, Unit], use: Use) -> Iterator[Problem]:
    if use.ref is not None and use.ref.unit == UNKNOWN:
        return  # told when it was made
    subject = use.user if use.place == "needs" else f"{use.user}: {use.place}"
    name = use.provider
    if name in found.blurred:
        return
    if name not in units:
        yield Problem(use.where, subject, _no_service(found, units, use))
    elif use.output and not _declares(units[name], use.output):
        yield Problem(use.where, subject, _no_output(units[name], use))


def _no_service(found: Gathered, units: dict[str, Unit], use: Use) -> str:
    names = [each.name for each in found.site.services if each.name in units]
    hint = suggestion(use.provider, list(units))
    if "did you mean" not in hint:
        hint = suggestion(use.provider, names)
    if use.output:
        text = "expected an output that a service of the site publishes"
        return f"{text}, got {use.output!r}, and there is no {use.provider}{hint}"
    return f"expected a service of the site, got {use.provider!r}{hint}"


def _no_output(unit: Unit, use: Use) -> str:
    hint = suggestion(use.output.partition("/")[2], list(unit.outputs)) or "; it has many others"
    hint = hint if unit.outputs else "; it has none"
    return f"expected an output of {unit.name}, got {use.output!r}{hint}"


def _declares(unit: Unit, output: str) -> bool:
    """Whether a unit declares an output, itself or a folder around it. `*`: any one element."""
    path = output.partition("/")[2]
    if "*" not in path:
        return covers(unit.outputs, path)
    asked = path.split("/")
    return any(
        all(fnmatchcase(word, mask) for word, mask in zip(each.split("/"), asked))
        for each in unit.outputs
    )


def _secrets(units: dict[str, Unit], unit: Unit) -> Iterator[Problem]:
    for name, value in sorted(unit.env.items()):
        if isinstance(value, Reference) and _is_secret(units, value.ref):
            yield Problem(
                unit.where,
                f"{unit.name}: env/{name}",
                f"expected no secret in the environment, got the output {value.ref.path}; put it "
                "into files: everybody on the router can read an environment",
            )
    for leaf in unit.needs.parts() if unit.needs is not None else ():
        if isinstance(leaf, OutputIs) and leaf.equals is not None:
            if _is_secret(units, leaf.output):
                yield Problem(
                    leaf.where,
                    unit.name,
                    f"expected no condition on a secret's value, got the output {leaf.output.path}"
                    "; .present can be asked",
                )


def _is_secret(units: dict[str, Unit], output: Output) -> bool:
    name, _, path = output.path.partition("/")
    told = isinstance(output, Ref) and output.secret
    return told or (name in units and covers(units[name].secrets, path))
