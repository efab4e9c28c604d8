"""What `frost firewall explain` is asked: a packet from words. Pure.

SRC DST PROTO [SPORT DPORT | TYPE [CODE]] [in IF] [out IF]
"""

from agent import ip
from agent.names import is_link_name
from agent.options import UsageError
from firewall.command.packet import (
    AH,
    PROTOCOLS,
    SCTP,
    STATES,
    TCP,
    TCP_FLAGS,
    WITH_PORTS,
    WITH_TYPES,
    Packet,
    name_of,
    number_of,
)

SIDES = ("in", "out")
ALIASES = {"ipv6-icmp": "icmpv6", "icmp6": "icmpv6"}
FAMILY_OF = {1: 4, 58: 6}  # ICMP's


def read(words: list[str], options: dict[str, str]) -> Packet:
    """The packet that is asked about. Raises UsageError."""
    words = list(words)
    links = _links(words)
    if len(words) < 3:
        raise UsageError("expected SRC DST PROTO, got %d operands" % len(words))
    packet = _addressed(words)
    numbers = [_number(word, 65535, "a port, type or code") for word in words[3:]]
    if packet.protocol in WITH_TYPES:
        if not 1 <= len(numbers) <= 2 or max(numbers) > 255:
            raise UsageError("expected TYPE [CODE] of ICMP, got %s" % _shown(words[3:]))
        packet.set_type(numbers[0], numbers[1] if len(numbers) > 1 else 0)
    elif numbers:
        if packet.protocol not in WITH_PORTS or len(numbers) != 2:
            name = name_of(PROTOCOLS, packet.protocol)
            wanted = "SPORT DPORT" if packet.protocol in WITH_PORTS else "no ports"
            raise UsageError("%s: expected %s, got %s" % (name, wanted, _shown(words[3:])))
        packet.set_ports(numbers[0], numbers[1])
    packet.iif, packet.oif = links["in"], links["out"]
    _state(packet, options)
    if "w" in options:
        _known(packet, options["w"])
    return packet


def describe(packet: Packet) -> str:
    """One line that says what the packet is."""
    show = ip.format4 if packet.family == 4 else ip.format6
    ends = []
    for address, port in ((packet.source, "th sport"), (packet.destination, "th dport")):
        text = show(address)
        ends.append(text + (" port %d" % packet.fields[port] if port in packet.fields else ""))
    name = name_of(PROTOCOLS, packet.protocol)
    if packet.fields.get("ip6 nexthdr") == AH:
        name = "ah (of %s)" % name
    parts = ["%s %s -> %s" % (name, ends[0], ends[1])]
    for name in ("icmp", "icmpv6"):
        if name + " type" in packet.fields:
            kind = packet.fields[name + " type"], packet.fields[name + " code"]
            parts.append("type %d code %d" % kind)
    if packet.protocol == TCP:
        bits = packet.fields["tcp flags"]
        parts.append("flags " + (",".join([n for n, bit in TCP_FLAGS if bits & bit]) or "none"))
    parts += ["%s %s" % (side, link) for side, link in (("in", packet.iif), ("out", packet.oif))
              if link]  # fmt: skip
    return ", ".join(parts + ["conntrack state " + packet.state])


def _links(words: list[str]) -> dict[str, str]:
    """Take `in IF` and `out IF` off the end of the words."""
    links = {"in": "", "out": ""}
    while len(words) >= 2 and words[-2] in SIDES:
        name = words.pop()
        side = words.pop()
        if links[side]:
            raise UsageError("expected one link after %s, got two" % side)
        if not is_link_name(name):
            raise UsageError('%s: expected the name of a link, got "%s"' % (side, name))
        links[side] = name
    if not links["in"] and not links["out"]:
        raise UsageError("expected `in IF`, `out IF` or both at the end, got none")
    return links


def _addressed(words: list[str]) -> Packet:
    ends = []
    for word in words[:2]:
        parsed = ip.parse(word)
        if parsed is None:
            raise UsageError('expected an IP address, got "%s"' % word)
        ends.append(parsed)
    if ends[0][0] != ends[1][0]:
        raise UsageError("expected two addresses of one family, got %s and %s" % tuple(words[:2]))
    protocol = number_of(PROTOCOLS, ALIASES.get(words[2], words[2]))
    if protocol is None:
        protocol = _number(words[2], 255, "a protocol (%s)" % ", ".join([p[0] for p in PROTOCOLS]))
    family = ends[0][0]
    if FAMILY_OF.get(protocol, family) != family:
        raise UsageError("expected addresses of IPv%d for %s" % (FAMILY_OF[protocol], words[2]))
    return Packet(family, ends[0][1], ends[1][1], protocol)


def _state(packet: Packet, options: dict[str, str]) -> None:
    """The state as told, or what conntrack says of a packet that no flow is known for."""
    told = options.get("s", "")
    if told and number_of(STATES, told) is None:
        names = ", ".join([name for name, _ in STATES])
        raise UsageError('option -s: expected %s, got "%s"' % (names, told))
    if packet.protocol == TCP:
        usual = "syn" if told in ("", "new") else "ack"
        packet.fields["tcp flags"] = _flags(options.get("F", usual))
    elif "F" in options:
        raise UsageError("option -F: expected with tcp alone")
    packet.state = told or packet.first_state()
    if packet.protocol == SCTP and packet.state == "new":
        packet.chunk = "init"


def _flags(text: str) -> int:
    bits = 0
    for name in text.split(",") if text != "none" else []:
        bit = number_of(TCP_FLAGS, name)
        if bit is None:
            names = ",".join([flag for flag, _ in TCP_FLAGS])
            raise UsageError('option -F: expected some of %s, or none; got "%s"' % (names, name))
        bits |= bit
    return bits


def _known(packet: Packet, text: str) -> None:
    """What -w tells: `ct mark=16,ip6 hoplimit=1`."""
    for part in text.split(","):
        name, equals, number = part.strip().partition("=")
        if not equals or len(name.split()) != 2:
            raise UsageError('option -w: expected NAME=NUMBER like "ct mark=1", got "%s"' % part)
        value = _number(number, 0xFFFFFFFF, "a number")
        packet.fields[name] = value
        if name == "ah nexthdr" and packet.fields.get("ip6 nexthdr") == AH:
            packet.protocol = value
        if name == "rt type" and packet.family == 6:
            packet.routing = value
            packet.fields["ip6 nexthdr"] = 43  # IPPROTO_ROUTING


def _number(text: str, most: int, what: str) -> int:
    value = ip.decimal(text, most)
    if value is None:
        raise UsageError('expected %s up to %d, got "%s"' % (what, most, text))
    return value


def _shown(words: list[str]) -> str:
    return " ".join(words) or "nothing"
