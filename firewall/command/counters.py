"""What the loaded rules counted, by rulegroup; and whether they are those of the file. Pure."""

from collections import namedtuple

from firewall.command import groups, texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple

    class Rule(NamedTuple):
        family: str
        table: str
        chain: str
        number: int
        comment: str
        text: str
        packets: int
        octets: int
        counted: bool

else:
    # counted: whether its counter is of packets that no other rule has counted already.
    Rule = namedtuple(
        "Rule",
        ("family", "table", "chain", "number", "comment", "text", "packets", "octets", "counted"),
    )


def rules(objects: "list[dict[str, Any]]") -> list[Rule]:
    """All loaded rules of nft's listing.

    Where a rulegroup's rule goes to a chain that logs and denies (`goto`), that chain's rules count
    the same packets once more.
    """
    again = set()
    bodies = [item["rule"] for item in objects if "rule" in item]
    for body in bodies:
        for statement in body["expr"]:
            if "goto" in statement and groups.split(body.get("comment", "")) is not None:
                again.add((body["family"], body["table"], statement["goto"]["target"]))
    found = []
    place: tuple[str, str, str] = ("", "", "")
    number = 0
    for body in bodies:
        key = body["family"], body["table"], body["chain"]
        number = number + 1 if key == place else 1
        place = key
        packets, octets = _counter(body["expr"])
        text = texts.rule(body["expr"])
        found.append(
            Rule(*key, number, body.get("comment", ""), text, packets, octets, key not in again)
        )
    return found


def _counter(statements: "list[Any]") -> tuple[int, int]:
    packets = octets = 0
    for statement in statements:
        counter = statement.get("counter")
        if isinstance(counter, dict):
            packets += counter["packets"]
            octets += counter["bytes"]
    return packets, octets


def by_group(loaded: list[Rule]) -> dict[str, list[Rule]]:
    """The rules of each rulegroup that count its packets; "" has those of none."""
    found: dict[str, list[Rule]] = {}
    for rule in loaded:
        parts = groups.split(rule.comment)
        if parts is None or rule.counted:
            found.setdefault("" if parts is None else parts[0], []).append(rule)
    return found


def outline(text: str) -> list[tuple[str, str, str, str]]:
    """(family, table, chain, comment) of the rulegroups' rules in a ruleset's text, in its order.

    The text is the renderer's: one rule a line.
    """
    found = []
    table = ("", "")
    chain = ""
    for line in text.split("\n"):
        words = line.split()
        if line.startswith("table ") and len(words) >= 3:
            table = (words[1], words[2])
        elif words[:1] == ["chain"] and len(words) >= 2:
            chain = words[1]
        elif line.endswith('"') and ' comment "' in line:
            comment = line[:-1].rpartition(' comment "')[2]
            if groups.split(comment) is not None:
                found.append((table[0], table[1], chain, comment))
    return found


def difference(wanted: "list[tuple[str, str, str, str]]", loaded: list[Rule]) -> str:
    """The first difference between the file's rules and the loaded ones, "" for none."""
    tables = {(row[0], row[1]) for row in wanted}
    here = [(rule.family, rule.table, rule.chain, rule.comment) for rule in loaded
            if (rule.family, rule.table) in tables and groups.split(rule.comment)]  # fmt: skip
    # The kernel lists chains in the order in which they were made, a reload keeps old ones' places.
    for key in sorted({row[:3] for row in wanted} | {row[:3] for row in here}):
        expected = [row[3] for row in wanted if row[:3] == key]
        got = [row[3] for row in here if row[:3] == key]
        if expected == got:
            continue
        where = "chain %s (%s %s)" % (key[2], key[0], key[1])
        for index in range(max(len(expected), len(got))):
            one = expected[index] if index < len(expected) else "no more rules"
            two = got[index] if index < len(got) else "no more rules"
            if one != two:
                return "%s: expected %s, loaded is %s" % (where, one, two)
    return ""
