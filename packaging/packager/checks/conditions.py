"""Conditions that can never hold, and units that nothing ever starts.

That two members of one group of alternatives are needed at once is agent.graph's to tell.
"""

from collections.abc import Iterator

from packager.gathered import Gathered, uses
from services.model import Condition, Unit
from services.site.conditions import All, Any_, OutputIs
from services.site.problems import Problem, shown


def check(found: Gathered) -> Iterator[Problem]:
    """Conditions at odds with themselves, and producers on demand that nobody needs."""
    for _, unit in found.units:
        if unit.name not in found.blurred and unit.needs is not None:
            yield from _contradictions(unit, unit.needs)
    needed = {use.provider for use in uses(found)}
    for _, unit in found.units:
        if unit.on_demand and unit.outputs and unit.name not in needed | found.blurred:
            yield Problem(
                unit.where,
                unit.name,
                "expected somebody to need it, got nobody: it runs on demand alone, and what it "
                "publishes has no reader; refer to one of its outputs or leave it out",
            )


def _contradictions(unit: Unit, condition: Condition) -> Iterator[Problem]:
    """One output that would have to have two values at once, at any depth."""
    values: dict[str, str] = {}
    for leaf in necessary(condition):
        if isinstance(leaf, OutputIs) and leaf.equals is not None:
            path = leaf.output.path
            first = values.setdefault(path, leaf.equals)
            if first != leaf.equals:
                yield Problem(
                    leaf.where,
                    unit.name,
                    f"expected a condition that can hold, got {path} to be {shown(first)} and "
                    f"{shown(leaf.equals)} at once; `|` is either of them",
                )
    for each in _choices(condition):
        yield from _contradictions(unit, each)


def _choices(condition: Condition) -> list[Condition]:
    """What is below the nearest `|` inside: each of them may hold without the others."""
    if isinstance(condition, Any_):
        return list(condition.conditions)
    if isinstance(condition, All):
        return [found for each in condition.conditions for found in _choices(each)]
    return []


def necessary(condition: Condition) -> list[Condition]:
    """The leaves that have to hold, whatever else does."""
    if isinstance(condition, All):
        return [leaf for each in condition.conditions for leaf in necessary(each)]
    return [] if isinstance(condition, Any_) else [condition]
