"""Values of libnftables' expressions (libnftables-json(5)) for one packet. Pure.

value(expression, packet) -> (kind, value), or None where the kernel's evaluation breaks off and the
rule does not match. Kinds: "number", "address", "name" (of a link), "ethertype", "bits" (of which
only single ones are known), "fib" (a link's name, "" for none), "concat" (a list of such pairs).
"""

from agent import ip
from firewall.command.packet import (
    IPS_DST_NAT,
    IPS_SRC_NAT,
    PROTOCOLS,
    SCTP,
    STATES,
    TCP,
    WITH_PORTS,
    Unknown,
    number_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from firewall.command.packet import Packet

    Value = tuple[str, Any]

ADDRESSES = ("saddr", "daddr")
PORTS = ("sport", "dport")
IP_NUMBERS = (("ip", 4), ("ip6", 6))
ETHERTYPES = {4: 0x0800, 6: 0x86DD}
NFPROTOS = {4: 2, 6: 10}
INVALID = 1
IP_DF = 0x4000  # of the packet nothing is known about "don't fragment"


def value(expression: "Any", packet: "Packet") -> "Value | None":
    """What the expression is for this packet; None: the rule does not match. Raises Unknown."""
    if isinstance(expression, (int, str)):
        return "number", number(expression)
    if not isinstance(expression, dict) or len(expression) != 1:
        raise Unknown("expression %s" % (expression,))
    word = list(expression)[0]
    if word not in EXPRESSIONS:
        raise Unknown('expression "%s"' % word)
    return EXPRESSIONS[word](expression[word], packet)


def number(given: "Any") -> int:
    """A number as nft writes it: digits, or a list of flags."""
    if isinstance(given, bool):
        return 1 if given else 0
    if isinstance(given, int):
        return given
    if isinstance(given, str):
        try:
            return int(given, 0) if given[:2] == "0x" else int(given)
        except ValueError:
            raise Unknown('value "%s"' % given) from None
    if isinstance(given, dict) and list(given) == ["|"]:
        given = given["|"]
    if isinstance(given, list):
        bits = 0
        for each in given:
            bits |= number(each)
        return bits
    raise Unknown("value %s" % (given,))


def address(text: "Any") -> int:
    """An address as nft writes it."""
    parsed = ip.parse(text) if isinstance(text, str) else None
    if parsed is None:
        raise Unknown("value %s, no address" % (text,))
    return parsed[1]


def _payload(body: "Any", packet: "Packet") -> "Value | None":
    if "protocol" not in body:
        raise Unknown("raw payload %s" % (body,))
    protocol, field = body["protocol"], body["field"]
    family = number_of(IP_NUMBERS, protocol)
    if family is not None:
        # Where a rule names a protocol nft leaves out the match that makes sure of it.
        if family != packet.family:
            return None
        kind = "address" if field in ADDRESSES else "number"
        return kind, packet.field("%s %s" % (protocol, field))
    wanted = number_of(PROTOCOLS, protocol)
    if wanted is None and protocol != "th":
        raise Unknown('payload "%s %s"' % (protocol, field))
    if wanted is not None and wanted != packet.protocol:
        return None
    if field in PORTS:
        if packet.protocol not in WITH_PORTS:
            raise Unknown("th %s of a protocol without ports" % field)
        return "number", packet.field("th " + field)
    return "number", packet.field("%s %s" % (protocol, field))


def _meta(body: "Any", packet: "Packet") -> "Value | None":
    key = body["key"]
    if key in ("iifname", "iif"):
        return "name", packet.iif
    if key in ("oifname", "oif"):
        return "name", packet.oif
    if key == "l4proto":
        return "number", packet.protocol
    if key == "nfproto":
        return "number", NFPROTOS[packet.family]
    if key == "protocol":
        return "ethertype", ETHERTYPES[packet.family]
    return "number", packet.field("meta " + key)


def _ct(body: "Any", packet: "Packet") -> "Value | None":
    key = body["key"]
    if key == "state":
        # nft_ct_get_eval(): what has no entry is invalid, unless it was told not to have one.
        if not packet.tracked and not packet.exempt:
            return "number", INVALID
        return "number", number_of(STATES, packet.state)
    if not packet.tracked or packet.state in ("invalid", "untracked"):
        return None
    if key == "status":
        given = packet.fields.get("ct status")
        if given is not None:
            return "number", given
        if packet.state != "new":
            raise Unknown("ct status of a known flow (-w 'ct status=NUMBER' tells)")
        return "bits", packet.status
    if "dir" in body:
        return _original(body, packet)
    if packet.state == "new" and key in ("direction", "mark"):
        return "number", packet.fields.get("ct " + key, 0)
    if key == "l3proto":
        return "number", NFPROTOS[packet.family]
    if key == "protocol":
        return "number", packet.protocol
    return "number", packet.field("ct " + key)


def check_status(mask: int, packet: "Packet") -> None:
    """Raises Unknown when a bit of conntrack's status is asked for that is not known."""
    if mask & ~(IPS_SRC_NAT | IPS_DST_NAT):
        raise Unknown("ct status but for snat and dnat")
    if mask & packet.unsure:
        raise Unknown("ct status: whether the translation changed anything")


def _original(body: "Any", packet: "Packet") -> "Value | None":
    """A side of the flow's original tuple; a new flow's is what the packet was when it came."""
    key = body["key"]
    if body["dir"] != "original" or packet.state != "new":
        raise Unknown("ct %s %s" % (body["dir"], key))
    if key in ("ip saddr", "ip daddr", "ip6 saddr", "ip6 daddr"):
        return ("address", packet.original[key]) if key in packet.original else None
    if key in ("saddr", "daddr"):
        return "address", packet.original["%s %s" % (packet.ip, key)]
    name = {"proto-src": "th sport", "proto-dst": "th dport"}.get(key, "")
    if name not in packet.original:
        raise Unknown("ct %s %s" % (body["dir"], key))
    return "number", packet.original[name]


def _exthdr(body: "Any", packet: "Packet") -> "Value | None":
    """IPv6 extension headers: only a routing header may be there, when it was told."""
    if packet.family != 6:
        return None
    name, field = body["name"], body.get("field")
    if body.get("offset") or name not in ("rt", "rt0", "rt2", "srh", "frag", "hbh", "dst", "mh"):
        raise Unknown("exthdr %s" % name)
    there = name == "rt" and packet.routing is not None
    if field is None:
        return "number", 1 if there else 0
    if packet.routing is None:
        return None
    if not there or field != "type":
        raise Unknown("exthdr %s %s" % (name, field))
    return "number", packet.routing


def _ip_option(body: "Any", packet: "Packet") -> "Value | None":
    """A packet has no IP options here."""
    if packet.family != 4:
        return None
    return ("number", 0) if "field" not in body else None


def _sctp_chunk(body: "Any", packet: "Packet") -> "Value | None":
    if packet.protocol != SCTP:
        return None
    if "field" in body:
        raise Unknown("sctp chunk %s %s" % (body["name"], body["field"]))
    return "number", 1 if body["name"] == packet.chunk else 0


def _tcp_option(body: "Any", packet: "Packet") -> "Value | None":
    if packet.protocol != TCP:
        return None
    raise Unknown("tcp option %s" % body.get("name", ""))


def _fib(body: "Any", packet: "Packet") -> "Value | None":
    flags = sorted(body["flags"]) if isinstance(body["flags"], list) else [body["flags"]]
    facts = packet.facts
    if facts is None:
        raise Unknown("fib: this machine's addresses and routes are not known")
    if body["result"] == "type" and flags in (["daddr"], ["saddr"]):
        asked = packet.destination if flags == ["daddr"] else packet.source
        return "number", facts.type(packet.family, asked)
    if body["result"] == "type" and flags in (["daddr", "iif"], ["iif", "saddr"]) and packet.iif:
        asked = packet.destination if flags == ["daddr", "iif"] else packet.source
        return "number", facts.type(packet.family, asked, packet.iif)
    if body["result"] in ("oif", "oifname") and flags == ["iif", "saddr"]:
        return "fib", facts.back(packet.family, packet.source, packet.destination, packet.iif)
    raise Unknown("fib %s %s" % (" . ".join(flags), body["result"]))


def _concat(parts: "Any", packet: "Packet") -> "Value | None":
    found = []
    for part in parts:
        one = value(part, packet)
        if one is None:
            return None
        found.append(one)
    return "concat", found


def _and(parts: "Any", packet: "Packet") -> "Value | None":
    first = parts[0].get("payload") if isinstance(parts[0], dict) else None
    if first == {"protocol": "ip", "field": "frag-off"} and "ip frag-off" not in packet.fields:
        bits = number(parts[1])
        if packet.family == 4 and bits & IP_DF:
            raise Unknown("ip frag-off: whether it may be fragmented")
        return ("number", 0) if packet.family == 4 else None  # it is no fragment
    left = value(parts[0], packet)
    if left is None:
        return None
    kind = left[0]
    mask = address(parts[1]) if kind == "address" else number(parts[1])
    if kind == "bits":
        check_status(mask, packet)
        kind = "number"
    return kind, left[1] & mask


def _arithmetic(parts: "Any", packet: "Packet", word: str) -> "Value | None":
    left, right = value(parts[0], packet), value(parts[1], packet)
    if left is None or right is None:
        return None
    if left[0] != "number":
        raise Unknown("%s of what is no number" % word)
    a, b = left[1], right[1]
    found = {"|": a | b, "^": a ^ b, "<<": a << b & 0xFFFFFFFF, ">>": a >> b}[word]
    return "number", found


EXPRESSIONS: "dict[str, Callable[[Any, Packet], Value | None]]" = {
    "payload": _payload,
    "meta": _meta,
    "ct": _ct,
    "exthdr": _exthdr,
    "ip option": _ip_option,
    "tcp option": _tcp_option,
    "sctp chunk": _sctp_chunk,
    "fib": _fib,
    "concat": _concat,
    "&": _and,
    "|": lambda parts, packet: _arithmetic(parts, packet, "|"),
    "^": lambda parts, packet: _arithmetic(parts, packet, "^"),
    "<<": lambda parts, packet: _arithmetic(parts, packet, "<<"),
    ">>": lambda parts, packet: _arithmetic(parts, packet, ">>"),
}
