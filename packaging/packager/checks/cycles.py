"""No service needs itself, whatever way round."""

from collections.abc import Iterator

from agent.graph import order
from packager.gathered import Gathered, Use, uses_of
from services.model import Unit
from services.site.problems import Problem


def check(found: Gathered, units: dict[str, Unit]) -> Iterator[Problem]:
    """One problem for each cycle, at its first unit. units: as they are compiled, by name."""
    uses = {name: list(uses_of(unit)) for name, unit in units.items()}
    needs = {
        name: tuple(sorted({use.provider for use in uses[name] if use.provider in units}))
        for name in units
    }
    for cycle in order.cycles(needs):
        path = [*cycle, cycle[0]]
        steps = [_step(a, b, uses[a]) for a, b in zip(path, path[1:], strict=False)]
        text = f"expected no cycle, got {' -> '.join(path)}: {'; '.join(steps)}"
        yield Problem(units[cycle[0]].where, cycle[0], text)


def _step(user: str, provider: str, uses: list[Use]) -> str:
    use = next(each for each in uses if each.provider == provider)
    what = use.output or provider
    place = "" if use.place == "needs" else f" in {use.place}"
    return f"{user} needs {what}{place} ({use.where})"
