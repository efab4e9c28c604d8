"""Softwire rules (MAP-E, MAP-T, lightweight 4over6) as odhcp6c writes them. Pure.

RFC 7598 defines the options. One rule is `[fmr,]type=map-e,ealen=16,...,`; it leaves here with the
same names in a fixed order, each value checked; names that are not known are dropped.
"""

from agent import ip
from odhcp_script import grammar
from odhcp_script.grammar import GrammarError

FIELDS = 32  # of a rule; 12 are known
TYPES = {"MAPE": "map-e", "MAPT": "map-t", "LW4O6": "lw4o6"}
# name -> greatest value (RFC 7598 sections 4.1 and 4.5)
NUMBERS = (
    ("ealen", 48),
    ("prefix4len", 32),
    ("prefix6len", 128),
    ("offset", 15),
    ("psidlen", 16),
    ("psid", 65535),
)
ORDER = (
    "ealen",
    "prefix4len",
    "prefix6len",
    "ipv4prefix",
    "ipv6prefix",
    "offset",
    "psidlen",
    "psid",
    "br",
    "dmr",
)
NEEDED = ("prefix4len", "prefix6len", "ipv4prefix", "ipv6prefix")


def rule(item: bytes, variable: str) -> str:
    """One rule as `type=map-e,...`, from the variable MAPE, MAPT or LW4O6."""
    values: dict[str, str] = {}
    is_forwarding = False
    fields = item.split(b",", FIELDS)
    if len(fields) > FIELDS:
        raise GrammarError("a softwire rule of at most %d fields" % FIELDS)
    for field in fields:
        name, equals, text = field.partition(b"=")
        if field == b"fmr":
            is_forwarding = True
        elif name == b"type" and text != TYPES[variable].encode():
            raise GrammarError("a rule of type " + TYPES[variable])
        elif equals and grammar.made_of(name, grammar.LABEL) and name.decode() in ORDER:
            values[name.decode()] = _value(name.decode(), text)
    for needed in NEEDED:
        if needed not in values:
            raise GrammarError("a softwire rule with " + needed)
    parts = ["type=" + TYPES[variable]] + (["fmr"] if is_forwarding else [])
    return ",".join(parts + ["%s=%s" % (name, values[name]) for name in ORDER if name in values])


def _value(name: str, text: bytes) -> str:
    """One checked value."""
    for number, high in NUMBERS:
        if name == number:
            return str(grammar.number(text, 0, high))
    if name == "ipv4prefix":
        value = None
        if len(text) <= 15 and grammar.made_of(text, grammar.DIGITS + b"."):
            value = ip.parse4(text.decode())
        if value is None:
            raise GrammarError("an IPv4 address")
        return ip.format4(value)
    if name == "dmr":
        return "%s/%d" % _text(grammar.destination(text))
    return ip.format6(grammar.address(text))


def _text(prefix: tuple[int, int]) -> tuple[str, int]:
    return ip.format6(prefix[0]), prefix[1]
