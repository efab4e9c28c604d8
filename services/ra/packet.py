"""Router solicitations and advertisements as octets (RFC 4861 section 4; options' own RFCs).

Pure: values in, octets out, and back. The checksum field stays zero, the kernel fills it in.
Lifetimes are whole seconds here; whoever builds an Advertisement has already read the clock.
"""

import struct
from collections import namedtuple

from agent import ip

SOLICITATION = 133
ADVERTISEMENT = 134
SOURCE_LINK_ADDRESS, PREFIX, MTU, ROUTE, RDNSS, DNSSL, PORTAL = 1, 3, 5, 24, 25, 31, 37
ON_LINK, AUTONOMOUS = 0x80, 0x40
MANAGED, OTHER = 0x80, 0x40
# RFC 4191 section 2.1: a two-bit signed integer; 10 is reserved and must not be sent.
PREFERENCES = {"high": 1, "medium": 0, "low": 3}
PREFERENCE_NAMES = ("medium", "high", "medium", "low")

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Option = Any  # one of the named tuples below: each field is typed by its docstring's RFC

HEADER = ">BBHBBHII"
HEADER_OCTETS = 16

Advertisement = namedtuple(
    "Advertisement",
    ("hop_limit", "managed", "other", "preference", "lifetime", "reachable", "retrans", "options"),
)
Solicitation = namedtuple("Solicitation", ("source", "link_address"))
LinkAddress = namedtuple("LinkAddress", ("mac",))
Mtu = namedtuple("Mtu", ("octets",))
Prefix = namedtuple("Prefix", ("address", "length", "on_link", "autonomous", "preferred", "valid"))
Route = namedtuple("Route", ("address", "length", "preference", "lifetime"))
Servers = namedtuple("Servers", ("addresses", "lifetime"))
Search = namedtuple("Search", ("names", "lifetime"))
Portal = namedtuple("Portal", ("uri",))


def encode(advertisement: Advertisement) -> bytes:
    """The ICMPv6 message (RFC 4861 section 4.2). A router lifetime of zero forces preference 00
    (RFC 4191 section 2.2)."""
    preference = PREFERENCES[advertisement.preference] if advertisement.lifetime else 0
    flags = (MANAGED if advertisement.managed else 0) | (OTHER if advertisement.other else 0)
    head = struct.pack(
        HEADER,
        ADVERTISEMENT,
        0,
        0,
        advertisement.hop_limit,
        flags | preference << 3,
        advertisement.lifetime,
        advertisement.reachable,
        advertisement.retrans,
    )
    return head + b"".join([encode_option(option) for option in advertisement.options])


def encode_option(option: "Option") -> bytes:
    """One option, padded to whole units of 8 octets."""
    if isinstance(option, Prefix):
        flags = (ON_LINK if option.on_link else 0) | (AUTONOMOUS if option.autonomous else 0)
        times = struct.pack(">BBIII", option.length, flags, option.valid, option.preferred, 0)
        return framed(PREFIX, times + octets_of(option.address))
    if isinstance(option, Route):
        return _encode_route(option)
    if isinstance(option, Servers):
        addresses = b"".join([octets_of(address) for address in option.addresses])
        return framed(RDNSS, struct.pack(">HI", 0, option.lifetime) + addresses)
    if isinstance(option, Search):
        names = b"".join([encode_name(name) or b"" for name in option.names])
        return framed(DNSSL, struct.pack(">HI", 0, option.lifetime) + names)
    if isinstance(option, Mtu):
        return framed(MTU, struct.pack(">HI", 0, option.octets))
    if isinstance(option, LinkAddress):
        return framed(SOURCE_LINK_ADDRESS, bytes([int(two, 16) for two in option.mac.split(":")]))
    return framed(PORTAL, option.uri.encode())


def _encode_route(route: Route) -> bytes:
    """RFC 4191 section 2.3: the shortest form that holds the prefix; reserved bits are zero."""
    octets = 0 if route.length == 0 else 8 if route.length <= 64 else 16
    head = struct.pack(">BBI", route.length, PREFERENCES[route.preference] << 3, route.lifetime)
    return framed(ROUTE, head + octets_of(route.address)[:octets])


def octets_of(address: str) -> bytes:
    """The 16 octets of an IPv6 address."""
    value = ip.parse6(address)
    if value is None:
        raise ValueError("expected an IPv6 address, got " + repr(address))
    return value.to_bytes(16, "big")


def framed(kind: int, body: bytes) -> bytes:
    """An option of this type: type, length in units of 8 octets, body, zero padding."""
    units = (2 + len(body) + 7) // 8
    return bytes([kind, units]) + body + bytes(units * 8 - 2 - len(body))


def encode_name(name: str) -> bytes | None:
    """A domain name as labels (RFC 1035 section 3.1), uncompressed; None when it is not one."""
    text = name[:-1] if name.endswith(".") else name
    out = b""
    for label in text.split("."):
        data = label.encode()
        if not 1 <= len(data) <= 63 or len(data) != len(label) or not _printable(label):
            return None
        out += bytes([len(data)]) + data
    return out + b"\0" if len(out) < 255 else None


def _printable(label: str) -> bool:
    return all(33 <= ord(letter) <= 126 for letter in label)


def split(advertisement: Advertisement, room: int) -> list[Advertisement]:
    """As many advertisements as it takes for each message to be at most `room` octets
    (RFC 4861 section 6.2.3), options in their order. The link-layer address leads each of them,
    so that no receiver has to ask for it. An option longer than `room` gets one of its own."""
    lead = tuple([o for o in advertisement.options if isinstance(o, LinkAddress)])
    base = HEADER_OCTETS + sum([len(encode_option(option)) for option in lead])
    parts: "list[list[Option]]" = [[]]
    used = base
    for option in advertisement.options:
        if isinstance(option, LinkAddress):
            continue
        size = len(encode_option(option))
        if parts[-1] and used + size > room:
            parts.append([])
            used = base
        parts[-1].append(option)
        used += size
    return [replace_options(advertisement, lead + tuple(part)) for part in parts]


def replace_options(advertisement: Advertisement, options: "tuple[Option, ...]") -> Advertisement:
    """The same advertisement with other options."""
    return Advertisement(*(tuple(advertisement)[:-1] + (options,)))


def options_of(data: bytes) -> list[tuple[int, bytes]] | None:
    """The (type, body) pairs of an options field; None when a length is zero or leads past the end
    (RFC 4861 sections 6.1.1 and 6.1.2)."""
    out = []
    at = 0
    while at < len(data):
        if at + 2 > len(data) or data[at + 1] == 0 or at + data[at + 1] * 8 > len(data):
            return None
        out.append((data[at], data[at + 2 : at + data[at + 1] * 8]))
        at += data[at + 1] * 8
    return out


def parse_solicitation(data: bytes, source: str, hop_limit: int) -> Solicitation | None:
    """A valid solicitation (RFC 4861 section 6.1.1; the kernel has checked the checksum), or None.
    `link_address` is "" when the sender told none."""
    if hop_limit != 255 or len(data) < 8 or data[0] != SOLICITATION or data[1] != 0:
        return None
    options = options_of(data[8:])
    if options is None:
        return None
    told = [body for kind, body in options if kind == SOURCE_LINK_ADDRESS]
    if told and source == "::":
        return None
    address = ":".join(["%02x" % octet for octet in told[0]]) if told else ""
    return Solicitation(source, address)


def parse_advertisement(data: bytes, source: str, hop_limit: int) -> Advertisement | None:
    """A valid advertisement of another router (RFC 4861 section 6.1.2), or None. Options that this
    module does not know, or that contradict their own length, are left out."""
    link_local = (ip.parse6(source) or 0) >> 118 == 0xFE80 >> 6
    if hop_limit != 255 or len(data) < HEADER_OCTETS or data[0] != ADVERTISEMENT or data[1] != 0:
        return None
    pairs = options_of(data[HEADER_OCTETS:])
    if pairs is None or not link_local:
        return None
    _, _, _, hops, flags, lifetime, reachable, retrans = struct.unpack(HEADER, data[:HEADER_OCTETS])
    options = [_parse_option(kind, body) for kind, body in pairs]
    return Advertisement(
        hops,
        bool(flags & MANAGED),
        bool(flags & OTHER),
        PREFERENCE_NAMES[flags >> 3 & 3],
        lifetime,
        reachable,
        retrans,
        tuple([option for option in options if option is not None]),
    )


def _parse_option(kind: int, body: bytes) -> "Option | None":
    if kind == PREFIX and len(body) == 30:
        length, flags, valid, preferred, _ = struct.unpack(">BBIII", body[:14])
        address = ip.unpack(body[14:])
        return Prefix(
            address, length, bool(flags & ON_LINK), bool(flags & AUTONOMOUS), preferred, valid
        )
    if kind == MTU and len(body) == 6:
        return Mtu(struct.unpack(">HI", body)[1])
    if kind == SOURCE_LINK_ADDRESS and len(body) == 6:
        return LinkAddress(":".join(["%02x" % octet for octet in body]))
    if kind == ROUTE and len(body) in (6, 14, 22) and body[0] <= (len(body) - 6) * 8:
        length, flags, lifetime = struct.unpack(">BBI", body[:6])
        address = ip.unpack(body[6:] + bytes(22 - len(body)))
        if flags >> 3 & 3 == 2:  # reserved: the option must be ignored (RFC 4191 section 2.3)
            return None
        return Route(address, length, PREFERENCE_NAMES[flags >> 3 & 3], lifetime)
    if kind == RDNSS and len(body) >= 22 and len(body) % 16 == 6:
        lifetime = struct.unpack(">HI", body[:6])[1]
        addresses = [ip.unpack(body[at : at + 16]) for at in range(6, len(body), 16)]
        return Servers(tuple(addresses), lifetime)
    return None
