"""A composed ruleset as nft's text, and as JSON for tools. Pure; the same input, the same text.

The text can be loaded again and again (`nft -f`): it takes the rules of its own tables out and puts
them in anew, in one transaction, and leaves the elements of sets alone that are not its own.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from firewall.ruleset.model import Set, Where
from firewall.ruleset.rendered import Chain, Dispatch, Line, Ruleset, Table

# What stands in the text for a rule whose whole packet path is told by its map.
DISPATCH = 'comment "dispatch"'


@dataclass(frozen=True)
class Row:
    """A line of the text and what it comes from, for errors of nft."""

    text: str
    where: Where | None = None
    what: str = ""


def rows(ruleset: Ruleset) -> list[Row]:
    """The text line by line."""
    found = [Row(f"# {line}") for line in _head(ruleset)]
    for table in ruleset.tables:
        found += _table(table)
    return found


def text(ruleset: Ruleset) -> str:
    """What `nft -f` takes."""
    return "".join(row.text + "\n" for row in rows(ruleset))


def _head(ruleset: Ruleset) -> list[str]:
    lines = ["frostgate firewall; made from the site, do not edit. Rulegroups:"]
    for group in ruleset.groups:
        chosen = "".join(f" {name}={value}" for name, value in group.parameters)
        lines.append(f"  {group.name}{chosen}: {group.requirement}")
    return lines


def _table(table: Table) -> Iterator[Row]:
    own = [each for each in table.sets if each.elements or each.file]
    yield Row(f"table {table.family} {table.name} {{")
    for each in own:  # declared first, so that they can be emptied
        yield from _set(each, False)
    yield Row("}")
    yield Row(f"flush table {table.family} {table.name}")
    for each in own:
        yield Row(f"flush set {table.family} {table.name} {each.name}".replace(
            "set", "map" if each.data else "set", 1), each.where, _named(each))  # fmt: skip
    yield Row(f"table {table.family} {table.name} {{")
    for each in table.sets:
        yield from _set(each, True)
    for chain in table.chains:
        yield from _chain(chain)
    yield Row("}")
    for each in own:
        if each.file:
            yield Row(f'include "{each.file}"', each.where, _named(each))


def _named(each: Set) -> str:
    return f"{'map' if each.data else 'set'} {each.name}"


def _set(each: Set, filled: bool) -> Iterator[Row]:
    def row(line: str) -> Row:
        return Row(f"\t{line}", each.where, _named(each))

    yield row(f"{_named(each)} {{")
    data = f" : {each.data}" if each.data else ""
    yield row(f"\ttype {each.type}{data};")
    if each.flags:
        yield row(f"\tflags {','.join(each.flags)};")
    if each.elements and filled:
        yield row("\telements = {")
        for element in each.elements:
            yield row(f"\t\t{element},")
        yield row("\t}")
    yield row("}")


def _chain(chain: Chain) -> Iterator[Row]:
    yield Row(f"\tchain {chain.name} {{", None, f"chain {chain.name}")
    if chain.hook:
        hook = chain.hook
        yield Row(f"\t\ttype {hook.type} hook {hook.hook} priority {hook.priority}; "
                  f"policy {hook.policy};")  # fmt: skip
    for line in chain.lines:
        yield _line(line)
    yield Row("\t}")


def _line(line: Line | Dispatch) -> Row:
    if isinstance(line, Dispatch):
        return Row(f"\t\t{line.text} {DISPATCH}", None, f"map {line.map}")
    origin = line.origin
    return Row(f"\t\t{line.text}", origin.where, f"rulegroup {origin.group}: rule {origin.index}")


def as_json(ruleset: Ruleset) -> str:
    """The same for tools: tables, sets, chains and rules with their origin; keys are sorted."""
    tables = [
        {
            "family": table.family,
            "name": table.name,
            "sets": [_json_set(each) for each in table.sets],
            "chains": [_json_chain(chain) for chain in table.chains],
        }
        for table in ruleset.tables
    ]
    return json.dumps({"tables": tables}, indent=1, sort_keys=True) + "\n"


def _json_set(each: Set) -> dict[str, Any]:
    return {
        "name": each.name,
        "type": each.type,
        "data": each.data,
        "flags": list(each.flags),
        "elements": list(each.elements),
    }


def _json_chain(chain: Chain) -> dict[str, Any]:
    found: dict[str, Any] = {"name": chain.name, "rules": []}
    if chain.hook:
        found["hook"] = chain.hook.hook
        found["priority"] = chain.hook.priority
        found["policy"] = chain.hook.policy
    for line in chain.lines:
        if isinstance(line, Dispatch):
            found["rules"].append({"dispatch": line.key, "map": line.map,
                                   "chains": dict(line.chains)})  # fmt: skip
        else:
            found["rules"].append(
                {
                    "match": line.match,
                    "statement": line.statement,
                    "group": line.origin.group,
                    "rule": line.origin.index,
                    "requirement": line.origin.requirement,
                }
            )
    return found
