"""Rules in nft's own language, from nft's JSON: what people read beside a verdict. Pure.

It says what is there, also where the walk does not understand it: unknown words are shown as they
stand in the JSON.
"""

from agent.command import json_line
from firewall.command.packet import PROTOCOLS, STATES, TCP_FLAGS, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firewall.command.packet import Packet

SILENT = ("counter", "accept", "drop", "jump", "goto", "return", "reject", "log")

# linux/icmp.h, linux/icmpv6.h, nf_tables.h (NFT_REJECT_ICMPX_*)
ICMP_CODES = (
    ("net-unreachable", 0),
    ("host-unreachable", 1),
    ("prot-unreachable", 2),
    ("port-unreachable", 3),
    ("net-prohibited", 9),
    ("host-prohibited", 10),
    ("admin-prohibited", 13),
)
ICMPV6_CODES = (
    ("no-route", 0),
    ("admin-prohibited", 1),
    ("addr-unreachable", 3),
    ("port-unreachable", 4),
    ("policy-fail", 5),
    ("reject-route", 6),
)
ICMPX_CODES = (
    ("no-route", 0),
    ("port-unreachable", 1),
    ("host-unreachable", 2),
    ("admin-prohibited", 3),
)
# RTN_*
FIB_TYPES = (("unicast", 1), ("local", 2), ("broadcast", 3), ("anycast", 4), ("multicast", 5),
             ("blackhole", 6), ("unreachable", 7), ("prohibit", 8))  # fmt: skip
STATUS = (("expected", 1), ("seen-reply", 2), ("assured", 4), ("confirmed", 8), ("snat", 16),
          ("dnat", 32))  # fmt: skip
REJECTS = {"icmp": ICMP_CODES, "icmpv6": ICMPV6_CODES, "icmpx": ICMPX_CODES}
OPERATORS = {"==": "", "in": "", "!=": "!= ", "!": "! "}
# left side's text: names of what stands on the right
NAMES = {
    "ct state": STATES,
    "ct status": STATUS,
    "tcp flags": TCP_FLAGS,
    "meta l4proto": PROTOCOLS,
    "ip protocol": PROTOCOLS,
    "ip6 nexthdr": PROTOCOLS,
    "fib daddr type": FIB_TYPES,
    "fib saddr type": FIB_TYPES,
}
LONGEST = 12  # elements of an anonymous set that are shown


def reject(body: "Any", packet: "Packet") -> str:
    """How a packet is refused: `icmpv6 admin-prohibited`, `tcp reset`."""
    if not body:
        return "icmp port-unreachable" if packet.family == 4 else "icmpv6 port-unreachable"
    return _reject(body)


def rule(statements: "list[Any]") -> str:
    """What a rule asks for and does, without its verdict and counter."""
    found = []
    for statement in statements:
        word = list(statement)[0]
        if word not in SILENT:
            found.append(_statement(word, statement[word]))
    return " ".join(found)


def _statement(word: str, body: "Any") -> str:
    if word == "match":
        left = expression(body["left"], ())
        operator = OPERATORS.get(body["op"], body["op"] + " ")
        names = NAMES.get(left.partition(" & ")[0].strip("("), ())
        left = expression(body["left"], names)
        return "%s %s%s" % (left, operator, expression(body["right"], names))
    if word == "vmap":
        key = expression(body["key"], ())
        return "%s vmap %s" % (key, expression(body["data"], NAMES.get(key, ())))
    if word == "limit":
        return _limit(body)
    if word == "mangle":
        return "%s set %s" % (expression(body["key"], ()), expression(body["value"], ()))
    if word in ("dnat", "snat", "redirect", "masquerade"):
        return _nat(word, body or {})
    if word == "flow":
        return "flow add %s" % body.get("flowtable", "")
    if body is None:
        return word
    return "%s %s" % (word, json_line.render(body))


def _limit(body: "Any") -> str:
    if isinstance(body, str):
        return 'limit name "%s"' % body
    if "map" in body:
        key, data = body["map"]["key"], body["map"]["data"]
        return "limit name %s map %s" % (expression(key, ()), expression(data, ()))
    over = "over " if body.get("inv") else ""
    return "limit rate %s%s/%s" % (over, body.get("rate"), body.get("per", "second"))


def _nat(word: str, body: "Any") -> str:
    target = expression(body["addr"], ()) if "addr" in body else ""
    if "port" in body:
        target = ("[%s]" % target if ":" in target else target) + ":" + expression(body["port"], ())
    return word if not target else "%s to %s" % (word, target)


def _reject(body: "Any") -> str:
    kind, code = body.get("type", ""), body.get("expr")
    if kind not in REJECTS:
        return "%s" % kind
    return "%s %s" % (kind, name_of(REJECTS[kind], code) if isinstance(code, int) else code)


def expression(given: "Any", names: "tuple[tuple[str, int], ...]") -> str:
    """An expression or a value. names: what its numbers are called."""
    if isinstance(given, bool):
        return "exists" if given else "missing"
    if isinstance(given, int):
        return name_of(names, given)
    if isinstance(given, str):
        return given
    if isinstance(given, list):
        return ",".join([expression(each, names) for each in given])
    if not isinstance(given, dict) or len(given) != 1:
        return json_line.render(given)
    word = list(given)[0]
    body = given[word]
    if word in ("&", "|", "^", "<<", ">>"):
        return "(%s)" % (" %s " % word).join([expression(part, names) for part in body])
    if word == "set":
        shown = [_element(each, names) for each in body[:LONGEST]]
        more = ["..."] if len(body) > LONGEST else []
        return "{ %s }" % ", ".join(shown + more)
    if word == "concat":
        return " . ".join([expression(part, names) for part in body])
    if word == "range":
        return "%s-%s" % (expression(body[0], names), expression(body[1], names))
    if word == "prefix":
        return "%s/%d" % (body["addr"], body["len"])
    return _left(word, body)


def _left(word: str, body: "Any") -> str:
    if word == "payload" and "field" in body:
        return "%s %s" % (body["protocol"], body["field"])
    if word in ("meta", "ct", "rt"):
        key = body["key"]
        if key in ("iifname", "oifname", "iif", "oif"):
            return str(key)
        return " ".join([word] + ([body["dir"]] if "dir" in body else []) + [key])
    if word == "fib":
        flags = body["flags"] if isinstance(body["flags"], list) else [body["flags"]]
        return "fib %s %s" % (" . ".join(flags), body["result"])
    if word in ("exthdr", "tcp option", "ip option", "sctp chunk"):
        shown = "" if word == "exthdr" else word + " "
        return ("%s%s %s" % (shown, body.get("name", ""), body.get("field", ""))).rstrip()
    if word == "map":
        return "%s map %s" % (expression(body["key"], ()), expression(body["data"], ()))
    return json_line.render({word: body})


def _element(given: "Any", names: "tuple[tuple[str, int], ...]") -> str:
    if isinstance(given, list) and len(given) == 2:
        data = given[1]
        word = list(data)[0] if isinstance(data, dict) else ""
        if word in ("accept", "drop", "return", "continue"):
            return "%s : %s" % (expression(given[0], names), word)
        if word in ("jump", "goto"):
            return "%s : %s %s" % (expression(given[0], names), word, data[word]["target"])
        return "%s : %s" % (expression(given[0], names), expression(data, ()))
    return expression(given, names)
