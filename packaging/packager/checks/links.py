"""Links that the site names: the target has them, or a service makes them."""

from collections.abc import Iterator

from firewall.ruleset.model import Link, Where
from packager.checks.singletons import who
from packager.gathered import Gathered
from packager.targets import Target
from services.model import Claim, Named
from services.site.conditions import LinkIs
from services.site.problems import Problem, suggestion

# A machine of QEMU's may get as many network cards; `frostgate run` gives it two or three.
MOST_NICS = 8
ALWAYS = ("lo",)


def check(found: Gathered, target: Target | None) -> Iterator[Problem]:
    """Names of links that there can't be. On a machine that we do not know, any can."""
    if target is None or target.machine is None:
        return
    nics = [f"eth{number}" for number in range(MOST_NICS)]
    claims = [(owner, each) for owner, each in found.of(Claim) if isinstance(each, Claim)]
    made = [each.what for _, each in claims if each.kind == "link" and each.makes]
    own = [name for name in made if name not in nics]
    given = [each.ifname for _, each in found.of(Named) if isinstance(each, Named)]
    known = {*ALWAYS, *nics, *made, *given}
    for where, subject, name in _named(found):
        if name not in known:
            hint = suggestion(name, own)
            yield Problem(
                where,
                subject,
                f"expected a link of {target.name} (eth0 to {nics[-1]}) or one that a service "
                f"makes, got {name!r}{hint}",
            )
    for owner, claim in claims:
        if claim.makes and claim.what in nics:
            yield Problem(
                claim.where,
                who(owner),
                f"expected another name for a link of its own, got {claim.what!r}, which a network "
                f"card of {target.name} has",
            )


def _named(found: Gathered) -> list[tuple[Where, str, str]]:
    """(line, subject, link) of all that is named by its name: whose link it is, or, of a link that
    no service has, each line that mentions it."""
    owned: dict[tuple[Where, str], str] = {}
    named: dict[tuple[Where, str], str] = {}
    for owner, each in found.of(Claim):
        if isinstance(each, Claim) and each.kind == "link" and not each.makes:
            owned.setdefault((each.where, each.what), who(owner))
    claimed = {name for _, name in owned}
    for _, unit in found.units:
        for leaf in unit.needs.parts() if unit.needs is not None else ():
            if isinstance(leaf, LinkIs) and isinstance(leaf.link, str):
                if unit.name not in found.blurred:
                    named.setdefault((leaf.where, leaf.link), unit.name)
    for service, firewall in found.firewalls:
        for zone in firewall.zones:
            for member in zone.members:
                if isinstance(member, Link):
                    named.setdefault((zone.where, member.name), f"{service.name}: zone {zone.name}")
    rest = {key: subject for key, subject in named.items() if key[1] not in claimed}
    return [(where, subject, name) for (where, name), subject in (owned | rest).items()]
