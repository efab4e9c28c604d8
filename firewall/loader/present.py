"""What there is of our tables in the kernel. Pure.

A Present is {(family, kind, name): type}: kinds are "table", "chain", "set", "map" and "limit"; the
type is "TYPE flags FLAGS" of sets and maps, "" of others.
"""

from agent.port.nf_listing import UNKNOWN, shown
from firewall.loader import base
from firewall.loader.spec import table_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.port.nf_listing import Found
    from firewall.loader.spec import Table

    Present = dict[tuple[str, str, str], str]

LIMITS = "icmp_limits"  # the map of the limits that are ours


def read(listed: "list[Found]") -> "Present":
    """What is listed, as far as it is ours. A table without a chain counts as none: it stops
    nothing."""
    found = {}
    for family, kind, table, name, of in listed:
        if family in base.FAMILIES and table == table_of(family):
            found[(family, kind, name)] = of
            if kind == "chain":
                found[(family, "table", table)] = ""
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


def changed(now: "Present", new: "Present") -> list[str]:
    """A line for each set or map whose type differs: nft can't change it in place. A type without
    a name of ours is left to the kernel."""
    lines = []
    for family, kind, name in sorted(new):
        other = "map" if kind == "set" else "set"
        before = now.get((family, kind, name))
        is_other = kind in ("set", "map") and (family, other, name) in now
        if is_other or (before not in (None, new[(family, kind, name)]) and UNKNOWN not in before):
            was = now[(family, other, name)] if is_other else before
            lines.append(
                '%s %s %s %s: expected the type that is loaded, "%s", got "%s"; '
                "give the changed one another name"
                % (kind, family, table_of(family), name, was, new[(family, kind, name)])
            )
    return lines
