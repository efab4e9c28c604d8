"""Rulegroups become one table per family. Pure.

Rules are ordered by stage, by whether they depend on a zone, by group and place. Neighbours in
that order that depend on a packet's zone are gathered behind one verdict map lookup where that
saves lookups: links belong to one zone only, so the order between rules of different zones means
nothing.
"""

from dataclasses import dataclass
from itertools import groupby

from firewall.ruleset.hooks import ALWAYS, FAMILIES, HOOKS, STAGES, table_name
from firewall.ruleset.model import Firewall, Log, Rule, Set
from firewall.ruleset.rendered import Chain, Dispatch, Line, Origin, Ruleset, Table
from firewall.ruleset.validate import check

ICMP_LIMITS = "icmp_limits"
ESTABLISHED = "established"


@dataclass(frozen=True)
class _Placed:
    """A rule with what its group says of it, for one family."""

    rule: Rule
    origin: Origin
    sources: tuple[str, ...]
    destinations: tuple[str, ...]


def compose(firewall: Firewall) -> Ruleset:
    """The whole ruleset. Raises problems.RulesetError, which names everything that is wrong."""
    check(firewall)
    groups = tuple(sorted(firewall.groups, key=lambda group: group.name))
    settings = sorted({pair for group in groups for pair in group.settings})
    forget = tuple(dict.fromkeys(each for group in groups for each in group.forget))
    tables = tuple(_table(firewall, family) for family in FAMILIES)
    return Ruleset(firewall, tables, groups, tuple(settings), forget)


def _table(firewall: Firewall, family: str) -> Table:
    builder = _Builder(firewall.log)
    placed = _ordered(firewall, family)
    base = []
    for name, hook in HOOKS.items():
        here = [each for each in placed if each.rule.hook == name]
        if here or name in ALWAYS:
            keys = [("source", "iifname", "from")] * hook.source
            keys += [("destination", "oifname", "to")] * hook.destination
            base.append(Chain(name, tuple(builder.lines(name, here, keys)), hook))
    if firewall.offload:
        base = _offloadable(base, builder)
    chains = [*base, *sorted(builder.chains, key=lambda chain: chain.name)]
    return Table(family, table_name(family), _sets(firewall, family, chains), tuple(chains))


def _ordered(firewall: Firewall, family: str) -> list[_Placed]:
    """The rules of a family in their fixed order."""
    found = []
    for group in firewall.groups:
        for index, rule in enumerate(group.rules, 1):
            if family in rule.families:
                requirement = rule.requirement or group.requirement
                origin = Origin(group.name, index, requirement, rule.where)
                stage = STAGES.index(rule.stage or group.stage)
                placed = _Placed(rule, origin, rule.sources, rule.destinations)
                zoned = bool(rule.sources or rule.destinations)
                found.append((stage, zoned, group.name, index, placed))
    return [placed for *_, placed in sorted(found, key=lambda row: row[:4])]


class _Builder:
    """Collects the chains that base chains lead to."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.chains: list[Chain] = []
        self.denials: dict[tuple[str, str, str], str] = {}
        self.names: set[str] = set()

    def lines(
        self, chain: str, placed: list[_Placed], keys: list[tuple[str, str, str]]
    ) -> list[Line | Dispatch]:
        """The lines of a chain. `keys`: what may still be told apart: field, nft's key, name."""
        if not keys:
            return [self._line(each, "") for each in placed]
        (field, key, name), rest = keys[0], keys[1:]
        found: list[Line | Dispatch] = []
        for in_zones, run in groupby(placed, lambda each: bool(_zones(each, field))):
            members = list(run)
            lookups = sum(len(_zones(each, field)) * _fan(each, rest) for each in members)
            if not in_zones:
                found += self.lines(chain, members, rest)
            elif lookups > 1:
                found.append(self._dispatch(chain, members, field, key, name, rest))
            else:
                zone = _zones(members[0], field)[0]
                found += self._inline(chain, members[0], f"{key} @{zone}", rest)
        return found

    def _inline(
        self, chain: str, placed: _Placed, match: str, keys: list[tuple[str, str, str]]
    ) -> list[Line | Dispatch]:
        """A rule of one zone, without a jump; its other zones, if any, one line each."""
        if not keys or not _zones(placed, keys[0][0]):
            return [self._line(placed, match)]
        key = keys[0][1]
        return [self._line(placed, f"{match} {key} @{zone}") for zone in _zones(placed, keys[0][0])]

    def _dispatch(
        self,
        chain: str,
        placed: list[_Placed],
        field: str,
        key: str,
        name: str,
        keys: list[tuple[str, str, str]],
    ) -> Dispatch:
        """One lookup that leads each zone's packets to a chain of their own; they come back."""
        zones = sorted({zone for each in placed for zone in _zones(each, field)})
        map_name = self._free(f"{chain}_{name}")
        targets = []
        for zone in zones:
            own = [each for each in placed if zone in _zones(each, field)]
            target = self._free(f"{chain}_{zone}" if name == "from" else f"{chain}_to_{zone}")
            self.chains.append(Chain(target, tuple(self.lines(target, own, keys))))
            targets.append((zone, target))
        return Dispatch(key, map_name, tuple(targets))

    def _free(self, name: str) -> str:
        """The name, or with a number the first that no other chain or map of the table has."""
        number = 1
        while name + _suffix(number) in self.names:
            number += 1
        self.names.add(name + _suffix(number))
        return name + _suffix(number)

    def _line(self, placed: _Placed, zone: str) -> Line:
        rule = placed.rule
        match = f"{zone} {rule.match}".strip()
        if is_denial(rule.verdict):
            return Line(match, f"goto {self._deny(placed.origin, rule.verdict)}", placed.origin)
        return Line(match, rule.verdict, placed.origin)

    def _deny(self, origin: Origin, verdict: str) -> str:
        """The chain that logs and then denies in the name of a requirement."""
        key = (origin.group, origin.requirement, verdict)
        if key not in self.denials:
            name = self._free(f"deny_{origin.group}")
            self.denials[key] = name
            limit = f"limit rate {self.log.rate}/second burst {self.log.burst} packets"
            prefix = f"{origin.group} {origin.requirement}"
            log = f'log prefix "{prefix}" group {self.log.group}'
            lines = (Line(limit, log, origin), Line("", verdict, origin))
            self.chains.append(Chain(name, lines))
        return self.denials[key]


def _zones(placed: _Placed, field: str) -> tuple[str, ...]:
    return placed.sources if field == "source" else placed.destinations


def _fan(placed: _Placed, keys: list[tuple[str, str, str]]) -> int:
    """How many lines a rule is without a jump, for each of its zones."""
    return max(1, len(_zones(placed, keys[0][0]))) if keys else 1


def _suffix(number: int) -> str:
    return "" if number == 1 else str(number)


def is_denial(verdict: str) -> bool:
    """Whether this verdict refuses the packet."""
    return verdict == "drop" or verdict.split(" ")[0] == "reject"


def _offloadable(base: list[Chain], builder: _Builder) -> list[Chain]:
    """Established forwarded flows are accepted in a chain of their own, which the loader fills with
    `flow add` where the kernel has flowtables: it cannot be known here."""
    changed = []
    for chain in base:
        lines = list(chain.lines)
        for number, line in enumerate(lines):
            known = isinstance(line, Line) and line.match == "ct state established"
            if chain.name == "forward" and known and isinstance(line, Line):
                builder.chains.append(Chain(ESTABLISHED, (Line("", "accept", line.origin),)))
                lines[number] = Line(line.match, f"goto {ESTABLISHED}", line.origin)
        changed.append(Chain(chain.name, tuple(lines), chain.hook))
    return changed


def _sets(firewall: Firewall, family: str, chains: list[Chain]) -> tuple[Set, ...]:
    """The zones' sets, the dispatch maps, and the groups' sets that this table's lines name."""
    found = {zone.name: Set(zone.name, "ifname", family, where=zone.where) for zone in
             firewall.zones}  # fmt: skip
    lines = [line for chain in chains for line in chain.lines]
    for line in lines:
        if isinstance(line, Dispatch):
            found[line.map] = Set(line.map, "ifname", family, data="verdict")
    words = " ".join(line.text for line in lines) + " "
    if f"@{ICMP_LIMITS} " in words:
        found[ICMP_LIMITS] = Set(ICMP_LIMITS, "ifname", family, data="limit")
    for group in firewall.groups:
        for each in group.sets:
            if family in each.families:
                found[each.name] = each
    return tuple(found[name] for name in sorted(found))
