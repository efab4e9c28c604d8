"""The one transaction that brings in a whole ruleset, and what nft's refusal of it means. Pure."""

from firewall.loader import base, contents, present
from firewall.loader.spec import table_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firewall.loader.contents import State
    from firewall.loader.present import Present
    from firewall.loader.spec import Spec


def result(spec: "Spec") -> "Present":
    """What there is of ours once the spec is loaded; a family without a table keeps the base's."""
    tables = list(spec.tables)
    tables += [base.table(family) for family in _without(spec)]
    return present.declared(tables)


def load(spec: "Spec", ruleset: bytes, wanted: "State", there: "Present", now: float) -> bytes:
    """nft's text: `ruleset`, what is gone taken out, and what follows the outputs put in anew.

    `there` is what the kernel has of ours before. The order matters: the ruleset takes the rules
    out, then maps lose the elements that lead to chains, then chains can go.
    """
    after = result(spec)
    gone = sorted([key for key in there if key not in after and _is_ours(key)])
    kept = with_limits({}, wanted)
    maps = [(family, table_of(family), name) for family, kind, name in after if kind == "map"]
    emptied, filled = contents.refill(wanted, maps, now)
    tail = [base.text(family) for family in _without(spec)]
    tail.append(emptied)
    tail += ["flush %s %s\n" % (kind, _place(family, name))
             for family, kind, name in gone if kind in ("set", "map")]  # fmt: skip
    for which in (("map", "set"), ("chain",), ("limit",)):
        tail += ["delete %s %s\n" % (kind, _place(family, name)) for family, kind, name in gone
                 if kind in which and (family, kind, name) not in kept]  # fmt: skip
    tail.append(filled)
    return ruleset + b"".join([b"" if ruleset.endswith(b"\n") else b"\n"] + [
        text.encode() for text in tail])  # fmt: skip


def _is_ours(key: tuple[str, str, str]) -> bool:
    """Limits of another name are the ruleset's own."""
    kind, name = key[1], key[2]
    return kind in ("chain", "set", "map") or (kind == "limit" and name.startswith(contents.LIMIT))


def with_limits(there: "Present", state: "State") -> "Present":
    """`there`, with the limits that a state has."""
    found = dict(there)
    for family, table in state.limits:
        for limit in state.limits[(family, table)]:
            found[(family, "limit", contents.limit_name(limit))] = ""
    return found


def _place(family: str, name: str) -> str:
    return "%s %s %s" % (family, table_of(family), name)


def _without(spec: "Spec") -> list[str]:
    return [family for family in base.FAMILIES if family not in [t.family for t in spec.tables]]


def reason(refusal: str, ruleset: bytes, name: str) -> str:
    """nft's refusal as one line: file, line, the rule's comment if it has one, what nft says."""
    lines = [line for line in refusal.split("\n") if line.strip()]
    parts = lines[0].split(":", 2) if lines else ["nft gives no reason"]
    if len(parts) < 3 or parts[0] != "ruleset":
        return lines[0] if lines else parts[0]
    said = parts[2].partition("Error: ")[2] or parts[2].strip()
    number = int(parts[1]) if parts[1] and not parts[1].strip("0123456789") else 0
    rows = ruleset.split(b"\n")
    if not 1 <= number <= len(rows):
        # Behind the ruleset's own lines come ours; nft shows the line that it means.
        return "followed elements: %s: %s" % (said, lines[1].strip() if len(lines) > 1 else "")
    comment = rows[number - 1].partition(b'comment "')[2].partition(b'"')[0]
    where = "%s: line %d" % (name, number)
    if comment:
        where += ": " + str(comment, "utf-8")
    return "%s: %s" % (where, said)
