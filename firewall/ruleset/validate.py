"""What must hold before rules are composed: names, zones, hooks, and no two groups at odds. Pure.

What only nft can know (syntax, types, words that it reserves) is check.py's.
"""

import difflib
import re
from collections.abc import Iterable

from agent.names import LINK_NAME, is_link_name
from firewall.ruleset.hooks import FAMILIES, HOOKS, STAGES
from firewall.ruleset.model import Entries, Firewall, Link, Rule, Rulegroup, Values, Where
from firewall.ruleset.problems import Problem, RulesetError

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,30}\Z")
OUTPUT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}(/[A-Za-z0-9_*][A-Za-z0-9_.:*-]*)+\Z")
# Comments and log prefixes carry it, in quotes: nft(8) takes 127 octets of each.
REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .,:/()&+-]{0,79}\Z")
SETTING = re.compile(r"net/[a-z0-9_]+(/[A-Za-z0-9_.-]+)+\Z")
# Names that the composition itself gives; a zone of that name would clash with one of them.
TAKEN = {"icmp_limits", "established", *HOOKS}
# What has a meaning to nft outside of an expression, and could end a rule or open another.
FORBIDDEN = re.compile(r"[;\n\r\x00#]|\bcomment\b|\bcounter\b")


def check(firewall: Firewall) -> None:
    """Raises RulesetError with all that is wrong."""
    problems = [
        *_zones(firewall),
        *_groups(firewall),
        *_conflicts(firewall),
    ]
    if problems:
        raise RulesetError(problems)


def _zones(firewall: Firewall) -> Iterable[Problem]:
    seen: dict[str, Where] = {}
    for zone in firewall.zones:
        if not NAME.match(zone.name):
            yield _bad_name(zone.where, f"zone {zone.name!r}")
        if zone.name in TAKEN:
            yield Problem(zone.where, "", 0, f"zone {zone.name}: expected a name that the ruleset "
                          f"does not use itself ({', '.join(sorted(TAKEN))})")  # fmt: skip
        if zone.name in seen:
            yield Problem(zone.where, "", 0, f"zone {zone.name}: expected each zone once, it is "
                          f"also at {seen[zone.name]}")  # fmt: skip
        seen.setdefault(zone.name, zone.where)
        for member in zone.members:
            if isinstance(member, Link):
                ok = is_link_name(member.name) and not set(member.name) & set('*"\\')
                if not ok:
                    yield Problem(zone.where, "", 0, f"zone {zone.name}: expected {LINK_NAME}, "
                                  f"without '*' and '\"', got {member.name!r}")  # fmt: skip
            elif not OUTPUT.match(member.path) or "*" in member.path:
                yield Problem(zone.where, "", 0, f"zone {zone.name}: expected an output "
                              f"SERVICE/PATH, got {member.path!r}")  # fmt: skip
    for name in firewall.offload:
        yield from _known_zone(firewall, name, firewall.where, "", 0)


def _known_zone(
    firewall: Firewall, name: str, where: Where, group: str, index: int
) -> Iterable[Problem]:
    names = [zone.name for zone in firewall.zones]
    if name not in names:
        close = difflib.get_close_matches(name, names, 1)
        hint = f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(names)}"
        yield Problem(where, group, index, f"expected a zone, got {name!r}{hint}")


def _groups(firewall: Firewall) -> Iterable[Problem]:
    seen: dict[str, Where] = {}
    for group in firewall.groups:
        if not NAME.match(group.name):
            yield _bad_name(group.where, f"rulegroup {group.name!r}")
        if group.name in seen:
            yield Problem(group.where, group.name, 0, "expected each rulegroup once, it is also at "
                          f"{seen[group.name]}")  # fmt: skip
        seen.setdefault(group.name, group.where)
        if group.stage not in STAGES:
            yield _bad_stage(group.where, group.name, 0, group.stage)
        if not REQUIREMENT.match(group.requirement):
            yield _bad_requirement(group.where, group.name, 0, group.requirement)
        for path, value in group.settings:
            if not SETTING.match(path) or ".." in path or not value.isdigit():
                yield Problem(group.where, group.name, 0, "expected a setting net/... below "
                              f"/proc/sys and a number, got {path!r} = {value!r}")  # fmt: skip
        yield from _sources(group)
        for index, rule in enumerate(group.rules, 1):
            yield from _rule(firewall, group, index, rule)


def _sources(group: Rulegroup) -> Iterable[Problem]:
    found = [(group.where, each) for each in group.forget]
    for one in group.sets:
        if not NAME.match(one.name):
            yield _bad_name(one.where, f"rulegroup {group.name}: set {one.name!r}")
        kinds = [bool(one.elements), bool(one.file), bool(one.follow)]
        if sum(kinds) > 1:
            yield Problem(one.where, group.name, 0, f"set {one.name}: expected elements, a file or "
                          "what to follow, got more than one of them")  # fmt: skip
        if one.file and not one.file.startswith("/"):
            yield Problem(one.where, group.name, 0, f"set {one.name}: expected the absolute path "
                          f"of a file, got {one.file!r}")  # fmt: skip
        found += [(one.where, each) for each in one.follow if isinstance(each, (Entries, Values))]
    for where, each in found:
        if not OUTPUT.match(each.path):
            yield Problem(where, group.name, 0, f"expected outputs SERVICE/PATH, got {each.path!r}")


def _rule(firewall: Firewall, group: Rulegroup, index: int, rule: Rule) -> Iterable[Problem]:
    where, name = rule.where, group.name
    if rule.hook not in HOOKS:
        close = difflib.get_close_matches(rule.hook, HOOKS, 1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        text = f"expected a hook ({', '.join(HOOKS)}), got {rule.hook!r}{hint}"
        yield Problem(where, name, index, text)
        return
    hook = HOOKS[rule.hook]
    if rule.sources and not hook.source:
        yield Problem(where, name, index, f"a packet has no source zone in {rule.hook}")
    if rule.destinations and not hook.destination:
        yield Problem(where, name, index, f"a packet has no destination zone in {rule.hook}")
    if rule.family not in ("", *FAMILIES):
        text = f"expected family '', {', '.join(FAMILIES)}, got {rule.family!r}"
        yield Problem(where, name, index, text)
    if rule.stage and rule.stage not in STAGES:
        yield _bad_stage(where, name, index, rule.stage)
    if rule.requirement and not REQUIREMENT.match(rule.requirement):
        yield _bad_requirement(where, name, index, rule.requirement)
    for text in (rule.match, rule.verdict):
        bad = FORBIDDEN.search(text)
        if bad:
            text = f"expected one rule's expressions, got {bad.group()!r} in {text!r}"
            yield Problem(where, name, index, text)
    for zone in (*rule.sources, *rule.destinations):
        yield from _known_zone(firewall, zone, where, name, index)


def _conflicts(firewall: Firewall) -> Iterable[Problem]:
    """Rules that say different things of the same packets, sets and settings that differ."""
    verdicts: dict[object, tuple[Rulegroup, Rule]] = {}
    sets: dict[tuple[str, str], tuple[Rulegroup, object]] = {}
    settings: dict[str, tuple[Rulegroup, str]] = {}
    zones = {zone.name for zone in firewall.zones}
    for group in firewall.groups:
        for index, rule in enumerate(group.rules, 1):
            for family in rule.families:
                key = (rule.hook, rule.stage or group.stage, family, " ".join(rule.match.split()),
                       rule.sources, rule.destinations)  # fmt: skip
                other, first = verdicts.setdefault(key, (group, rule))
                if first.verdict != rule.verdict and (first.verdict and rule.verdict):
                    yield Problem(rule.where, group.name, index,
                                  f"expected no conflict, but rulegroup {other.name} says "
                                  f"{first.verdict!r} of the same packets at {first.where}, "
                                  f"this rule {rule.verdict!r}")  # fmt: skip
        for one in group.sets:
            for family in one.families:
                if one.name in zones:
                    yield Problem(one.where, group.name, 0, f"set {one.name}: expected another "
                                  "name, a zone has this one")  # fmt: skip
                owner, before = sets.setdefault((family, one.name), (group, one))
                if before != one:
                    yield Problem(one.where, group.name, 0, f"set {one.name}: expected the same "
                                  f"definition as in rulegroup {owner.name}")  # fmt: skip
        for path, value in group.settings:
            owner, given = settings.setdefault(path, (group, value))
            if given != value:
                yield Problem(group.where, group.name, 0, f"setting {path}: expected {given} as in "
                              f"rulegroup {owner.name}, got {value}")  # fmt: skip


def _bad_name(where: Where, what: str) -> Problem:
    text = f"{what}: expected 1 to 31 of A-Z a-z 0-9 _ -, the first a letter"
    return Problem(where, "", 0, text)


def _bad_stage(where: Where, group: str, index: int, got: str) -> Problem:
    return Problem(where, group, index, f"expected a stage ({', '.join(STAGES)}), got {got!r}")


def _bad_requirement(where: Where, group: str, index: int, got: str) -> Problem:
    text = f"expected a requirement, up to 80 of A-Z a-z 0-9 . , : / ( ) & + - and space: {got!r}"
    return Problem(where, group, index, text)
