"""The compiled graph, read as the device reads it; what it refuses has the unit's line.

Cycles, unknown services and outputs, and secrets in sight are told by checks of their own with the
site's words; here they count only when those found nothing.
"""

import re
from collections.abc import Iterator

from agent.graph import read
from agent.graph.model import GraphError
from firewall.ruleset.model import Where
from packager.compiled import graph_text
from packager.gathered import Gathered
from services.model import Unit
from services.site.problems import Problem

FILE = "graph"
TOLD_ELSEWHERE = re.compile(
    r"expected (no cycle|the name of a service|an output that|no secret in|no condition on a)"
)


def check(found: Gathered, units: dict[str, Unit], told: bool) -> Iterator[Problem]:
    """The agent's errors. units: as they are compiled. told: whether others found something."""
    whole = {name: unit for name, unit in units.items() if name not in found.blurred}
    try:
        read.read(graph_text([whole[name] for name in sorted(whole)]), FILE)
    except GraphError as error:
        for line in str(error).splitlines():
            text = line.removeprefix(FILE + ": ")
            if not (TOLD_ELSEWHERE.search(text) and (told or found.blurred)):
                yield _told(found, whole, text)


def _told(found: Gathered, units: dict[str, Unit], text: str) -> Problem:
    """`services.NAME.PLACE: TEXT` at the unit's line."""
    place, _, rest = text.partition(": ")
    named = place.removeprefix("services.")
    owners = [name for name in units if named == name or named.startswith(name + ".")]
    if place == named or not owners:
        return Problem(found.site.where, "", text)
    name = max(owners, key=len)
    inner = named[len(name) + 1 :]
    where: Where = units[name].where
    return Problem(where, f"{name}: {inner}" if inner else name, rest)
