"""A composed ruleset, before it is text: tables of sets and chains, chains of lines. Values only.

Every line knows which rule of which rulegroup it comes from.
"""

from dataclasses import dataclass
from functools import cached_property

from firewall.ruleset.hooks import Hook
from firewall.ruleset.model import Entries, Firewall, Rulegroup, Set, Values, Where


@dataclass(frozen=True)
class Origin:
    """The rule of a group that a line comes from: its number, from 1, as the group has it."""

    group: str
    index: int
    requirement: str
    where: Where

    @property
    def comment(self) -> str:
        """What the loaded rule carries: GROUP/INDEX REQUIREMENT."""
        return f"{self.group}/{self.index} {self.requirement}"


@dataclass(frozen=True)
class Line:
    """One rule of a chain: `match counter statement comment`."""

    match: str
    statement: str
    origin: Origin

    @cached_property
    def text(self) -> str:
        parts = (self.match, "counter", self.statement, f'comment "{self.origin.comment}"')
        return " ".join(part for part in parts if part)


@dataclass(frozen=True)
class Dispatch:
    """A verdict map lookup by link name, `iifname vmap @forward_from`: where each zone leads."""

    key: str
    map: str
    chains: tuple[tuple[str, str], ...]  # (zone, chain)

    @property
    def text(self) -> str:
        return f"{self.key} vmap @{self.map}"


@dataclass(frozen=True)
class Chain:
    """A chain; base chains have a hook."""

    name: str
    lines: tuple[Line | Dispatch, ...]
    hook: Hook | None = None


@dataclass(frozen=True)
class Table:
    """One family's table. `sets` holds maps too, in the order of their names."""

    family: str
    name: str
    sets: tuple[Set, ...]
    chains: tuple[Chain, ...]

    @cached_property
    def dispatches(self) -> tuple[Dispatch, ...]:
        return tuple(
            line for chain in self.chains for line in chain.lines if isinstance(line, Dispatch)
        )


@dataclass(frozen=True)
class Ruleset:
    """What one Firewall becomes."""

    firewall: Firewall
    tables: tuple[Table, ...]
    groups: tuple[Rulegroup, ...]  # by name
    settings: tuple[tuple[str, str], ...]  # by path
    forget: tuple[Entries | Values, ...]
