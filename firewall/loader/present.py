"""What there is of our tables in the kernel, from nft's listings. Pure.

A Present is {(family, kind, name): type}: kinds are "table", "chain", "set", "map" and "limit"; the
type is "TYPE flags FLAGS" of sets and maps, "" of others.
"""

from firewall.loader import base
from firewall.loader.spec import table_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firewall.loader.spec import Table

    Present = dict[tuple[str, str, str], str]

# What is listed, `nft list WHAT`. Not tables, nor limits: for these nft fetches the elements of all
# sets (1.3 s where one has 100,000). A table that holds nothing counts as none, and limits that a
# loader before this one left are not known: their names say what they are, so they do no harm.
LISTED = ("chains", "sets", "maps")
LIMITS = "icmp_limits"  # the map of the limits that are ours


def read(objects: "list[dict[str, Any]]") -> "Present":
    """What nft lists, as far as it is ours."""
    found = {}
    for item in objects:
        for kind in item:
            each = item[kind]
            family = each.get("family")
            table = each.get("name") if kind == "table" else each.get("table")
            if family in base.FAMILIES and table == table_of(family):
                found[(family, "table", table)] = ""
                found[(family, kind, each["name"])] = _type(each)
    return found


def declared(tables: "list[Table]") -> "Present":
    """What a ruleset with these tables makes."""
    found = {}
    for table in tables:
        found[(table.family, "table", table.name)] = ""
        for chain in table.chains:
            found[(table.family, "chain", chain)] = ""
        for each in table.sets:
            found[(table.family, each.kind, each.name)] = shown(each.type, each.flags.split(","))
    return found


def _type(each: "dict[str, Any]") -> str:
    if "type" not in each or "hook" in each:
        return ""
    kind = each["type"]
    words = kind if isinstance(kind, str) else " . ".join(kind)
    data = each.get("map")
    if data is not None:
        words += " : " + (data if isinstance(data, str) else " . ".join(data))
    return shown(words, each.get("flags", []))


def shown(kind: str, flags: list[str]) -> str:
    """A type for comparing and for people."""
    words = sorted([flag.strip() for flag in flags if flag.strip()])
    return "%s flags %s" % (kind, ",".join(words)) if words else kind


def changed(now: "Present", new: "Present") -> list[str]:
    """A line for each set or map whose type differs: nft can't change it in place."""
    lines = []
    for family, kind, name in sorted(new):
        other = "map" if kind == "set" else "set"
        before = now.get((family, kind, name))
        is_other = kind in ("set", "map") and (family, other, name) in now
        if is_other or (before is not None and before != new[(family, kind, name)]):
            was = now[(family, other, name)] if is_other else before
            lines.append(
                '%s %s %s %s: expected the type that is loaded, "%s", got "%s"; '
                "give the changed one another name"
                % (kind, family, table_of(family), name, was, new[(family, kind, name)])
            )
    return lines
