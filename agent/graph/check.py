"""What must hold between the services of a graph. Pure; adds to the errors that reading found.

A service in `broken` has errors of its own: what it declares is not known for sure, so nothing is
concluded from what it lacks.
"""

from agent.graph import conditions
from agent.graph.fields import Errors, quoted
from agent.graph.model import ENV, Service, covers, split_output
from agent.graph.order import cycles, in_order, needs_of
from agent.graph.spelling import suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    Services = dict[str, Service]


def check(errors: Errors, services: "Services", broken: set[str]) -> None:
    """Find what is wrong between the services."""
    for name in sorted(services):
        _check_mentions(errors, services, services[name], broken)
        _check_secrets(errors, services, services[name], broken)
    _check_groups(errors, services, broken)
    needs = needs_of(services)
    for cycle in cycles(needs):
        place = "services.%s.%s" % (cycle[0], _where(services[cycle[0]], cycle[1 % len(cycle)]))
        errors.expected(place, "no cycle", " -> ".join(cycle + cycle[:1]))
    order, left = in_order(needs)
    if not left and any([services[name].alternative is not None for name in services]):
        _check_choices(errors, services, order)


def _where(service: Service, provider: str) -> str:
    """The first place where a service names another."""
    return [place for place, name, _ in conditions.mentions(service) if name == provider][0]


def _check_mentions(
    errors: Errors, services: "Services", service: Service, broken: set[str]
) -> None:
    """Who is named must exist, and declare the output that is named."""
    for part, name, output in conditions.mentions(service):
        place = "services.%s.%s" % (service.name, part)
        if name not in services:
            if name:  # otherwise its own error has been told
                hint = suggestion(name, list(services))
                errors.expected(place, "the name of a service", quoted(name), hint)
        elif output is not None and name not in broken:
            declared = services[name].outputs
            if not covers(declared, split_output(output)[1]):
                known = ["%s/%s" % (name, path) for path in declared]
                hint = suggestion(output, known)
                hint = hint or "; it declares " + (", ".join(known) or "none")
                errors.expected(place, "an output that %s declares" % name, quoted(output), hint)


def _check_secrets(
    errors: Errors, services: "Services", service: Service, broken: set[str]
) -> None:
    """A secret is one of the outputs, and no one's environment or condition can show it."""
    place = "services." + service.name
    for path in service.secrets:
        if path and service.name not in broken and not covers(service.outputs, path):
            errors.expected(place + ".secrets", "some of its outputs", quoted(path))
    for reference in service.references:
        if reference.place == ENV and _is_secret(services, reference.output):
            at = "%s.env.%s" % (place, reference.name)
            got = "the secret " + quoted(reference.output)
            errors.expected(at, "no secret in the environment", got, "; put it into `files`")
    for part, leaf in conditions.leaves(service.needs, "needs"):
        output = conditions.output_of(leaf)
        if output is not None and _is_secret(services, output) and leaf[2] is not None:
            what = "no condition on a secret's value"
            hint = "; whether it is present can be asked"
            errors.expected("%s.%s" % (place, part), what, quoted(output), hint)


def _is_secret(services: "Services", output: str) -> bool:
    name, path = split_output(output)
    return name in services and covers(services[name].secrets, path)


def _check_groups(errors: Errors, services: "Services", broken: set[str]) -> None:
    """A choice takes two, and it must be clear who comes first."""
    groups: dict[str, list[str]] = {}
    for name in sorted(services):
        alternative = services[name].alternative
        if alternative is not None and name not in broken:
            groups.setdefault(alternative.group, []).append(name)
    for group in sorted(groups):
        members = groups[group]
        first: dict[int, str] = {}
        for name in members:
            alternative = services[name].alternative
            preference = 0 if alternative is None else alternative.preference
            if preference in first:
                place = "services.%s.alternative.preference" % name
                what = "another preference than %s has" % first[preference]
                errors.expected(place, what, "%d" % preference)
            first[preference] = name
        if len(members) == 1 and not broken:
            place = "services.%s.alternative.group" % members[0]
            others = [other for other in groups if other != group]
            what = "a group of at least two services"
            errors.expected(place, what, quoted(group), suggestion(group, others))


def _check_choices(errors: Errors, services: "Services", order: list[str]) -> None:
    """Of a group only one runs: nobody may need two of them, nor one of them another."""
    chosen: dict[str, dict[str, str]] = {}
    for name in order:
        service = services[name]
        alternative = service.alternative
        mine = {} if alternative is None else {alternative.group: name}
        for other in sorted(conditions.necessary(conditions.whole(service))):
            for group in sorted(chosen.get(other, {})):
                member = chosen[other][group]
                if mine.setdefault(group, member) != member:
                    place = "services.%s.%s" % (name, _where(service, other))
                    what = "one of the alternatives %s at a time" % quoted(group)
                    errors.expected(place, what, "%s and %s" % (mine[group], member))
        chosen[name] = mine
