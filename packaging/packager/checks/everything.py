"""All checks of one site, in one call: what `frostgate check` tells and every build asks first."""

from collections.abc import Callable, Iterator
from pathlib import Path

from packager.checks import (
    conditions,
    cycles,
    graph,
    kernel,
    links,
    names,
    networks,
    paths,
    programs,
    references,
    ruleset,
    secrets,
    singletons,
    users,
)
from packager.checks.known_modules import KnownModules
from packager.compiled import site_units
from packager.gathered import Gathered, gather
from packager.site import load, tidied
from packager.targets import Target
from services.model import Site, Unit
from services.site.problems import Problem

CHECKS: tuple[Callable[[Gathered], Iterator[Problem]], ...] = (
    names.check,
    networks.check,
    references.check,
    conditions.check,
    singletons.check,
    secrets.check,
    users.check,
    paths.check,
    programs.check,
    kernel.check,
)


def checked(
    path: Path,
    target: Target | None = None,
    secrets_folder: Path | None = None,
    modules: KnownModules | None = None,
    *,
    nft: str = "nft",
    verbose: bool = False,
) -> tuple[Site | None, list[Problem]]:
    """(the site, all that is wrong with it by file and line; the site is None when there is none).

    target: for what links it has; None: any. secrets_folder: where the values are; None: they are
    not looked at. modules: those of the target's kernel; None: not known. nft: the program that the
    rules are shown to; "": none, which is four times as fast.
    """
    site, problems = load(path, verbose=verbose)
    if site is None:
        return None, problems
    found = [*problems, *check(site, target, secrets_folder, modules, nft)]
    return site, tidied(found, path)


def check(
    site: Site,
    target: Target | None = None,
    secrets_folder: Path | None = None,
    modules: KnownModules | None = None,
    nft: str = "nft",
) -> list[Problem]:
    """What is wrong between the parts of a site that was loaded; arguments as of checked()."""
    found = gather(site)
    problems = [*found.problems, *(each for one in CHECKS for each in one(found))]
    problems += ruleset.check(found, nft)
    problems += links.check(found, target)
    if secrets_folder is not None:
        problems += secrets.check_files(found, secrets_folder)
    if modules is not None:
        problems += kernel.check_modules(found, modules)
    units = compiled_units(found)
    problems += cycles.check(found, units)
    problems += graph.check(found, units, bool(problems))
    return sorted(set(problems))


def compiled_units(found: Gathered) -> dict[str, Unit]:
    """The units as the graph gets them, of several with one name the first."""
    if found.problems or found.blurred:
        return found.named()  # a definition that fails once would fail again
    units: dict[str, Unit] = {}
    for unit in site_units(found.site):
        units.setdefault(unit.name, unit)
    return units
