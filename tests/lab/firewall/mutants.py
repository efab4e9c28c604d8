"""Rulesets with one wrong rule. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from firewall.ruleset.rendered import Chain, Dispatch, Line, Ruleset

REMOVE, INVERT = "removed", "inverted"


@dataclass(frozen=True)
class Mutant:
    """A rule of a composed ruleset and what is done to it.

    The key names it in the table of survivors: family, chain, rule, kind, in words that do not
    depend on how many rules stand before it.
    """

    family: str
    chain: str
    number: int
    kind: str
    what: str
    requirement: str

    @property
    def key(self) -> str:
        return f"{self.family} {self.chain}: {self.what}: {self.kind}"


def mutants(ruleset: Ruleset) -> Iterator[Mutant]:
    """All of a ruleset."""
    for table in ruleset.tables:
        for chain in table.chains:
            for number, line in enumerate(chain.lines):
                for kind in (REMOVE, INVERT):
                    if wrong(line, kind) is not line:
                        requirement = line.origin.requirement if isinstance(line, Line) else ""
                        yield Mutant(
                            table.family, chain.name, number, kind, told(line), requirement
                        )


def told(line: Line | Dispatch) -> str:
    """The rule as the key has it: its number in its group, its match and what it does."""
    if isinstance(line, Dispatch):
        return line.text
    parts = (line.match, line.statement.partition(" prefix")[0])
    return f"{line.origin.group}/{line.origin.index} " + " ".join(part for part in parts if part)


def wrong(line: Line | Dispatch, kind: str) -> "Line | Dispatch | None":
    """The line mutated: None is removed; the line itself where there is nothing to invert."""
    if kind == REMOVE:
        return None
    if isinstance(line, Dispatch):
        return line
    if line.statement == "accept":
        return replace(line, statement="drop")
    if line.statement == "drop" or line.statement.startswith(("goto ", "reject ")):
        return replace(line, statement="accept")
    if line.statement.startswith(("masquerade", "dnat ")):
        return replace(line, statement="accept")
    if line.match.startswith("limit rate "):
        return replace(line, match=line.match.replace("limit rate ", "limit rate over ", 1))
    if " == " in line.match:
        return replace(line, match=line.match.replace(" == ", " != ", 1))
    raise ValueError(f"no way to invert {line.text!r}")


def mutated(ruleset: Ruleset, mutant: Mutant) -> Ruleset | None:
    """The ruleset with that rule wrong; None where it does not have the rule."""
    tables = []
    found = False
    for table in ruleset.tables:
        chains = []
        for chain in table.chains:
            lines = list(chain.lines)
            if (table.family, chain.name) == (mutant.family, mutant.chain):
                at = _find(chain, mutant)
                if at is not None:
                    new = wrong(lines[at], mutant.kind)
                    lines[at : at + 1] = [new] if new else []
                    found = True
            chains.append(replace(chain, lines=tuple(lines)))
        tables.append(replace(table, chains=tuple(chains)))
    return replace(ruleset, tables=tuple(tables)) if found else None


def _find(chain: Chain, mutant: Mutant) -> int | None:
    """Where the rule stands: in the same place, or, in another world's ruleset, elsewhere."""
    same = [number for number, line in enumerate(chain.lines) if told(line) == mutant.what]
    if mutant.number in same:
        return mutant.number
    return same[0] if same else None
