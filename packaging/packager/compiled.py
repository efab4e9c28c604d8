"""A site compiled: all that the image has to have of it, as values. Pure.

compile() is the one place where services become a graph, service directories, files and lists.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_
from pathlib import Path
from typing import TypeVar

from agent import VERSION
from agent.graph import read
from agent.graph.model import BUNDLE, ONESHOT, Graph
from agent.graph.model import VERSION as FORMAT
from agent.graph.read import HEADER
from agent.s6 import directory
from agent.s6.install import MARK
from agent.s6.paths import Paths
from firewall.ruleset.model import Output
from packager import programs
from packager.gathered import resources_of, units_of
from services.model import (
    Account,
    Claim,
    Condition,
    Debian,
    Delivered,
    File,
    Folder,
    Module,
    Named,
    Program,
    Resource,
    Service,
    Site,
    Symlink,
    Sysctl,
    Unit,
    User,
    longrun,
    oneshot,
)
from services.site import places
from services.site.conditions import OutputIs, ServiceIs
from services.ssh.definition import Ssh

T = TypeVar("T")

PATHS = Paths(
    scan=places.SCAN,
    outputs=places.OUTPUTS,
    log=places.LOG,
    execline="/usr/lib/execline/bin",
    s6="/usr/bin",
    oneshot=("frost-oneshot",),
    agent=("frost-agent",),
)
PLACES = {
    "FROST_GRAPH": places.GRAPH,
    "FROST_LOG": places.LOG,
    "FROST_OUTPUTS": places.OUTPUTS,
    "FROST_RUN": places.RUN,
    "FROST_SCAN": places.SCAN,
}

LOOPBACK = "loopback"  # the unit
NAMES = "link-names"  # the unit that gives links their names, where the site has any
ALWAYS = ("frost", "frost-agent", "frost-init", "halt", "poweroff", "reboot")
SUPERVISION = (
    Debian(
        "s6",
        tuple(
            f"usr/bin/s6-{name}"
            for name in ("svscan", "svscanctl", "supervise", "log", "envdir", "setuidgid")
            + ("svc", "svstat")
        ),
    ),
    Debian(
        "execline",
        tuple(
            f"usr/lib/execline/bin/{name}" for name in ("execlineb", "fdmove", "fdclose", "getpid")
        ),
    ),
)


@dataclass(frozen=True)
class Compiled:
    """What one site becomes. All tuples are sorted, nothing is in them twice.

    graph: the agent's file. scan: the service directories by name, the agent's own among them, as
    {relative path: (mode, text)}. programs: names to freeze. files: with graph, service
    directories, ruleset and authorized_keys.
    """

    graph: str
    scan: dict[str, dict[str, tuple[int, str]]]
    programs: tuple[str, ...]
    debian: tuple[Debian, ...]
    modules: tuple[Module, ...]
    sysctls: tuple[Sysctl, ...]
    files: tuple[File, ...]
    folders: tuple[Folder, ...]
    links: tuple[Symlink, ...]
    accounts: tuple[Account, ...]
    claims: tuple[Claim, ...]


def compile(site: Site) -> Compiled:  # noqa: A001 # the verb that it is
    """The whole site. Raises agent.graph.model.GraphError for a graph that the agent would refuse,
    and SiteError for what a definition finds out only now."""
    units = site_units(site)
    text = graph_text(units)
    graph = read.read(text, places.GRAPH)
    scan = service_directories(graph)
    found = [each for service in site.services for each in resources_of(service)]
    found += [*site.sysctls, *site.modules, *site.files, *site.packages, *SUPERVISION]
    made = [File(places.GRAPH, text, where=site.where)]
    for name, rendered in scan.items():
        made += [
            File(f"{places.INSTALLED_SCAN}/{name}/{path}", content, mode, where=site.where)
            for path, (mode, content) in rendered.items()
        ]
    base = next((each.base for each in site.services if isinstance(each, Ssh) and each.keys), "")
    if base:  # made in any case
        keys = [key for user in site.users if user.name == "root" for key in user.keys]
        made.append(File(base, "".join(key + "\n" for key in keys), 0o600, where=site.where))
    for user in site.users:
        if user.keys and not (base and user.name == "root"):
            made.append(authorized_keys(user))
            found.append(ssh_folder(user))
    return Compiled(
        graph=text,
        scan=scan,
        programs=frozen_programs(units, found),
        debian=_debian(found),
        modules=_modules(found),
        sysctls=_by_key(found, Sysctl, "path"),
        files=_by_key([*found, *made], File, "path"),
        folders=_by_key(found, Folder, "path"),
        links=_by_key(found, Symlink, "path"),
        accounts=_by_key(found, Account, "name"),
        claims=tuple(sorted((e for e in found if isinstance(e, Claim)), key=_claim)),
    )


def site_units(site: Site) -> list[Unit]:
    """The units of all services, by name, the loopback link's, and the one that names links. What
    claims a link waits for what is early, and until links have their names."""
    early = [unit.name for service in site.services for unit in units_of(service) if unit.early]
    found = [
        oneshot(
            LOOPBACK,
            *("ifset", "up", "lo"),
            description="the router talks to itself",
            where=site.where,
        )
    ]
    resources = [(service, resources_of(service)) for service in site.services]
    names = [each for _, some in resources for each in some if isinstance(each, Named)]
    first = [*early, NAMES] if names else early
    for service, some in resources:
        given = [each for each in some if isinstance(each, Named)]
        links = any(isinstance(each, Claim) and each.kind == "link" for each in some)
        needs: list[Condition] = [ServiceIs(name, where=service.where) for name in first if links]
        needs += [OutputIs(Output(f"{NAMES}/{each.ifname}"), None, each.where) for each in given]
        for unit in units_of(service):
            if needs and unit.kind != BUNDLE and not unit.early:
                own = [unit.needs] if unit.needs else []
                unit = replace(unit, needs=reduce(and_, [*needs, *own]))
            found.append(unit)
    return sorted([*found, *_naming(names, site)], key=lambda unit: unit.name)


def _naming(names: list[Named], site: Site) -> list[Unit]:
    """The unit that gives links their names; none where nothing is named by its hardware."""
    if not names:
        return []
    words = sorted(f"{each.ifname},{each.by}" for each in names)
    unit = longrun(
        NAMES,
        *("ifname", *words),
        stop=("ifname", "-c"),
        outputs=tuple(sorted({each.ifname for each in names})),
        notify=True,
        description="links get their names",
        where=site.where,
    )
    return [unit]


def graph_text(units: Iterable[Unit]) -> str:
    """The agent's file (docs/graph.md), the same text for the same units."""
    graph = {
        HEADER: FORMAT,
        "written-by": f"frostgate {VERSION}",
        "services": {unit.name: unit.compiled() for unit in units},
    }
    # Characters as they are: the device's reader does not join surrogates.
    return json.dumps(graph, indent=1, ensure_ascii=False) + "\n"


def service_directories(graph: Graph) -> dict[str, dict[str, tuple[int, str]]]:
    """What s6 finds for each service, as the agent would install it: it touches nothing then."""
    found = {directory.DAEMON: directory.daemon(PATHS, sorted(PLACES.items()))}
    found[directory.DAEMON][MARK] = (directory.FILE, "image")
    for name, service in sorted(graph.services.items()):
        if service.kind != BUNDLE:
            rendered = directory.render(service, PATHS)
            rendered[MARK] = (directory.FILE, service.digest)
            found[name] = rendered
    return {name: dict(sorted(found[name].items())) for name in sorted(found)}


def frozen_programs(units: Iterable[Unit], found: Iterable[Resource]) -> tuple[str, ...]:
    """The names of our own programs that units run or that a definition asks for."""
    table = Path(__file__).resolve().parents[1] / "frozen" / "programs"
    ours = {program.name for program in programs.read_programs(table.read_text())}
    found = list(found)
    names = set(ALWAYS) | {each.name for each in found if isinstance(each, Program)}
    if any(isinstance(each, Delivered) for each in found):
        names.add("frost-secret")
    for unit in units:
        names.update(command[0] for command in (unit.run, unit.stop) if command)
        if unit.kind == ONESHOT:
            names.add("frost-oneshot")
    return tuple(sorted(name for name in names if name in ours or name in ALWAYS))


def home(user: User) -> str:
    """A user's home folder."""
    return "/root" if user.name == "root" else f"/home/{user.name}"


def ssh_folder(user: User) -> Folder:
    """Where ssh's daemon looks for the keys; it takes none from a folder that others may change."""
    return Folder(f"{home(user)}/.ssh", 0o700, user.name, where=user.where)


def authorized_keys(user: User) -> File:
    """The file that ssh's daemon reads."""
    lines = "".join(key + "\n" for key in user.keys)
    return File(f"{home(user)}/.ssh/authorized_keys", lines, 0o600, user.name, user.where)


def services_of(site: Site, kind: type[Service]) -> list[Service]:
    """The site's services of a definition."""
    return [service for service in site.services if isinstance(service, kind)]


def _debian(found: Iterable[Resource]) -> tuple[Debian, ...]:
    packages: dict[str, Debian] = {}
    for each in found:
        if isinstance(each, Debian):
            before = packages.get(each.package, each)
            paths = tuple(sorted({*before.paths, *each.paths}))
            packages[each.package] = Debian(each.package, paths, before.where)
    return tuple(packages[name] for name in sorted(packages))


def _modules(found: Iterable[Resource]) -> tuple[Module, ...]:
    modules: dict[str, Module] = {}
    for each in found:
        if isinstance(each, Module):
            before = modules.get(each.name, each)
            modules[each.name] = Module(each.name, before.load or each.load, before.where)
    return tuple(modules[name] for name in sorted(modules))


def _by_key(found: Iterable[object], kind: type[T], key: str) -> tuple[T, ...]:
    """Those of a kind by their key; of several with one key the first (checks tell the rest)."""
    ordered: dict[str, T] = {}
    for each in found:
        if isinstance(each, kind):
            ordered.setdefault(getattr(each, key), each)
    return tuple(ordered[name] for name in sorted(ordered))


def _claim(claim: Claim) -> tuple[str, str]:
    return claim.kind, claim.what
