"""A logged packet as one line. Pure.

    denied bogons RFC 6092 REC-3 in=wan out=lan0 2001:db8::1 -> 2001:db8:1::2 tcp 40000 -> 22

What is cut off or strange shows what is known of it: the line never fails.
"""

from struct import unpack_from

from agent import ip

NAMES = {
    1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 33: "dccp", 41: "ipv6", 47: "gre", 50: "esp",
    51: "ah", 58: "icmpv6", 132: "sctp", 136: "udplite", 139: "hip",
}  # fmt: skip
PORTS = (6, 17, 33, 132, 136)
ICMP = (1, 58)
# RFC 8200 section 4: hop-by-hop, routing and destination options come before the payload
SKIPPED = (0, 43, 60)
FRAGMENT = 44
MOST_HEADERS = 8


def line(prefix: str, into: str, out: str, packet: bytes) -> str:
    """The line, without its end. `prefix`: the rule's; `into`, `out`: names of links or ""."""
    return "denied %s in=%s out=%s %s" % (prefix.strip(), into, out, _packet(packet))


def _packet(octets: bytes) -> str:
    version = octets[0] >> 4 if octets else 0
    if version == 4 and len(octets) >= 20:
        source, destination, kind = octets[12:16], octets[16:20], octets[9]
        at = (octets[0] & 15) * 4
        if unpack_from(">H", octets, 6)[0] & 0x1FFF:
            at = len(octets)  # a later fragment has no ports
    elif version == 6 and len(octets) >= 40:
        source, destination = octets[8:24], octets[24:40]
        kind, at = _payload(octets)
    else:
        return "? -> ? ?"
    words = "%s -> %s %s" % (ip.unpack(source), ip.unpack(destination), NAMES.get(kind, kind))
    if at + 4 > len(octets):
        return words
    if kind in PORTS:
        return "%s %d -> %d" % ((words,) + unpack_from(">HH", octets, at))
    if kind in ICMP:
        return "%s %d/%d" % (words, octets[at], octets[at + 1])
    return words


def _payload(octets: bytes) -> tuple[int, int]:
    """(protocol, where it begins) behind IPv6's extension headers."""
    kind, at = octets[6], 40
    for _ in range(MOST_HEADERS):
        if at + 8 > len(octets) or kind not in SKIPPED + (FRAGMENT,):
            break
        if kind == FRAGMENT:
            later = unpack_from(">H", octets, at + 2)[0] & 0xFFF8
            kind, at = octets[at], len(octets) if later else at + 8
        else:
            kind, at = octets[at], at + 8 + octets[at + 1] * 8
    return kind, at
