"""`frost firewall`: the rulegroups with what their rules have counted."""

from agent.command.console import BOLD, DIM, YELLOW
from agent.command.errors import OK, OTHER
from firewall.command import counters, folder, groups, loaded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agent.command.console import Console
    from firewall.command.counters import Rule

UNITS = ("octets", "kB", "MB", "GB", "TB")


def show(console: "Console", options: dict[str, str], words: list[str]) -> int:
    """Print each rulegroup, then what is loaded and belongs to none, then what is wrong."""
    where = folder.place(console.environ)
    known = folder.groups(where)
    objects = loaded.objects()
    rules = counters.rules(objects)
    found = counters.by_group(rules)
    verbose = "v" in options
    for group in known:
        own = found.pop(group["name"], [])
        if console.json:
            console.record(record(group, own, verbose))
        else:
            for line in lines(group, own, verbose):
                console.line(line)
    strange = [rule for name in sorted(found) for rule in found[name] if _is_foreign(rule)]
    _foreign(console, strange, verbose)
    text = problem(where, rules)
    if text and console.json:
        console.record({"what": "problem", "text": text})
    elif text:
        console.line([(YELLOW, text)])
    return OTHER if text else OK


def _is_foreign(rule: "Rule") -> bool:
    """Whether a rule is none of the renderer's: it has no comment, or a group that is not known."""
    return rule.comment != "dispatch"


def problem(where: str, rules: "list[Rule]") -> str:
    """What is wrong with the loaded ruleset, "" for nothing."""
    text, digest = folder.ruleset(where)
    wanted = counters.outline(text)
    tables = {row[:2] for row in wanted}
    if wanted and not [1 for rule in rules if (rule.family, rule.table) in tables]:
        return "nothing of %s is loaded (the service firewall loads it)" % where
    if digest != folder.digest(where):
        return "%s/ruleset.nft is not the one that follow.json was written with" % where
    differs = counters.difference(wanted, rules)
    return "the loaded ruleset is not the one in %s: %s" % (where, differs) if differs else ""


def _foreign(console: "Console", rules: "list[Rule]", verbose: bool) -> None:
    """What is loaded and belongs to no rulegroup, table by table."""
    tables = sorted({(rule.family, rule.table) for rule in rules})
    for family, table in tables:
        own = [rule for rule in rules if (rule.family, rule.table) == (family, table)]
        packets, octets = total(own)
        if console.json:
            console.record({"what": "foreign", "family": family, "table": table,
                            "rules": len(own), "packets": packets, "octets": octets})  # fmt: skip
            continue
        count = "%d rule%s" % (len(own), "" if len(own) == 1 else "s")
        name = "table %s %s" % (family, table)
        text = ": %s of no known rulegroup, %s" % (count, amount(packets, octets))
        console.line([(YELLOW, name), text])
        for rule in own if verbose else []:
            console.line(_rule(rule, rule.comment))


def record(group: "dict[str, Any]", own: "list[Rule]", verbose: bool) -> "dict[str, Any]":
    """A rulegroup for programs. Pure."""
    packets, octets = total(own)
    found: dict[str, Any] = {
        "what": "group",
        "name": group["name"],
        "requirement": group["requirement"],
        "text": group["text"],
        "parameters": group.get("parameters", {}),
        "rules": len(own),
        "packets": packets,
        "octets": octets,
    }
    if verbose:
        found["loaded"] = [
            {"family": rule.family, "table": rule.table, "chain": rule.chain, "rule": rule.number,
             "comment": rule.comment, "text": rule.text, "packets": rule.packets,
             "octets": rule.octets}
            for rule in own
        ]  # fmt: skip
    return found


def lines(
    group: "dict[str, Any]", own: "list[Rule]", verbose: bool
) -> "list[list[str | tuple[str, str]]]":
    """A rulegroup for people. Pure."""
    parameters = group.get("parameters", {})
    chosen = ", ".join(["%s %s" % (name, parameters[name]) for name in sorted(parameters)])
    counted = amount(*total(own)) if own else "no rules"
    found: list[list[str | tuple[str, str]]] = [
        [(BOLD, group["name"]), "  %s: %s" % (group["requirement"], counted)],
        ["  " + group["text"], (DIM, "  (%s)" % chosen if chosen else "")],
    ]
    for rule in own if verbose else []:
        parts = groups.split(rule.comment) or ("", 0, "")
        found.append(_rule(rule, "%d %s" % (parts[1], parts[2])))
    return found


def _rule(rule: "Rule", name: str) -> "list[str | tuple[str, str]]":
    parts = [name + ":"] if name else []
    parts += ["%s %d (%s)" % (rule.chain, rule.number, rule.family)]
    parts += [rule.text] if rule.text else []
    return ["    " + " ".join(parts), (DIM, ", " + amount(rule.packets, rule.octets))]


def total(rules: "list[Rule]") -> tuple[int, int]:
    """(packets, octets) of all."""
    return sum([rule.packets for rule in rules]), sum([rule.octets for rule in rules])


def amount(packets: int, octets: int) -> str:
    """`3 packets, 240 octets`; large amounts of octets in kB and so on."""
    unit = 0
    size = octets
    rest = 0
    while size >= 10000 and unit < len(UNITS) - 1:
        size, rest = size // 1000, size % 1000
        unit += 1
    number = "%d.%d" % (size, rest // 100) if unit and size < 100 else "%d" % size
    return "%d packet%s, %s %s" % (packets, "" if packets == 1 else "s", number, UNITS[unit])
