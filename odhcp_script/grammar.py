"""The types of what a network tells: each function takes octets and gives a checked value.

Pure. Called by the front ends for every item before anything is made of it. What does not fit
raises GrammarError, whose text says what was expected; nothing is ever repaired.
"""

from agent import ip

DIGITS = b"0123456789"
HEX = b"0123456789abcdefABCDEF"
ADDRESS = b"0123456789abcdef:.ABCDEF"
LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
LABEL = LETTERS + DIGITS + b"_-"
# RFC 3986 section 2, all but the apostrophe: a quote never leaves here
URI = LETTERS + DIGITS + b"-._~:/?#[]@!$&()*+,;=%"
PATH = LETTERS + DIGITS + b"-._~:/?@!$&()*+,;=%#"
# RFC 8910 section 2: more than DHCPv4's option holds should not be told; ra sends no longer one
LONGEST_URI = 255  # octets
PORTAL = "an http or https URI (RFC 3986) of at most %d octets" % LONGEST_URI
UNRESTRICTED = b"urn:ietf:params:capport:unrestricted"
LONGEST_HEX = 8192  # digits; the longest seen was 1628

INFINITE = ip.INFINITE

SHORTEST_PREFIX = 16  # no provider holds more than a /16, none delegates it
WHERE = "in 2000::/3 or fc00::/7"


class GrammarError(Exception):
    """An item does not fit its type; the text names what was expected."""


def made_of(item: bytes, alphabet: bytes) -> bool:
    """Whether `item` has at least one octet and none outside `alphabet`."""
    return len(item) > 0 and not item.lstrip(alphabet)


def _is_global(value: int) -> bool:
    """Whether an address is in 2000::/3, global unicast (RFC 4291), or fc00::/7, ULA (RFC 4193).

    Here and below by shifts: large numbers are slow on small routers.
    """
    return value >> 125 == 0b001 or value >> 121 == 0b1111110


def _is_link_local(value: int) -> bool:
    """Whether an address is in fe80::/10."""
    return value >> 118 == 0b1111111010


def _is_nat64(value: int) -> bool:
    """Whether an address is in 64:ff9b::/96 (RFC 6052) or 64:ff9b:1::/48 (RFC 8215)."""
    return value >> 32 == 0x64FF9B << 64 or value >> 80 == 0x64FF9B0001


def number(item: bytes, low: int, high: int) -> int:
    """A decimal number from low to high, both included; no sign, no leading zero."""
    if made_of(item, DIGITS) and len(item) <= 10 and (item[:1] != b"0" or item == b"0"):
        value = int(item)
        if low <= value <= high:
            return value
    raise GrammarError("a number from %d to %d" % (low, high))


def lifetimes(preferred: bytes, valid: bytes) -> tuple[int, int]:
    """Preferred and valid lifetime in seconds; INFINITE stands for all ones (RFC 9915, 7.7).

    RFC 9915 section 21.6 and 21.22: a preferred lifetime beyond the valid one is discarded.
    """
    pair = number(preferred, 0, INFINITE), number(valid, 0, INFINITE)
    if pair[0] > pair[1]:
        raise GrammarError("a preferred lifetime of at most the valid one")
    return pair


def address(item: bytes) -> int:
    """The 128-bit value of an IPv6 address (RFC 4291 section 2.2), of any kind."""
    if len(item) <= 45 and made_of(item, ADDRESS):
        value = ip.parse6(item.decode())
        if value is not None:
            return value
    raise GrammarError("an IPv6 address")


def _slash(item: bytes) -> tuple[int, int]:
    """address/length, the length from 0 to 128."""
    text, slash, length = item.partition(b"/")
    if not slash:
        raise GrammarError("an IPv6 prefix like 2001:db8::/56")
    try:
        return address(text), number(length, 0, 128)
    except GrammarError:
        raise GrammarError("an IPv6 address and a length from 0 to 128") from None


def host(item: bytes) -> tuple[int, int]:
    """A global or unique local address with the length of its prefix: (value, length)."""
    value, length = _slash(item)
    if length < SHORTEST_PREFIX or not _is_global(value):
        raise GrammarError("an address %s with a length from 16 to 128" % WHERE)
    return value, length


def delegated(item: bytes) -> tuple[int, int]:
    """A delegated prefix: global or unique local, /16 to /128; host bits are masked off."""
    value, length = _slash(item)
    if length < SHORTEST_PREFIX or not _is_global(value):
        raise GrammarError("a prefix %s with a length from 16 to 128" % WHERE)
    return ip.mask(value, length), length


def excluded(item: bytes, prefix: int, prefix_length: int) -> tuple[int, int]:
    """The prefix that must not be used of a delegated one; RFC 6603 section 4.2: a part of it."""
    value, length = _slash(item)
    if length <= prefix_length or not ip.contains(prefix, prefix_length, value):
        raise GrammarError("an excluded prefix that is a part of the delegated one")
    return ip.mask(value, length), length


def pd_exclude(item: bytes, subnet: bytes, prefix: int, prefix_length: int) -> tuple[int, int]:
    """The excluded prefix of its length and the subnet id in hex (RFC 6603 section 4.2).

    The subnet id follows the delegated prefix's bits, in as many octets as it needs, to the left.
    """
    length = number(item, prefix_length + 1, 128)
    bits = length - prefix_length
    octets = hexadecimal(subnet)
    if len(octets) != (bits + 7) // 8 * 2:
        raise GrammarError("a subnet id of %d bits in hex" % bits)
    value = int(octets, 16) >> (len(octets) * 4 - bits)
    return prefix | value << (128 - length), length


def destination(item: bytes) -> tuple[int, int]:
    """What a route leads to: everything (::/0), or a global, unique local or NAT64 prefix."""
    return route_prefix(*_slash(item))


def route_prefix(value: int, length: int) -> tuple[int, int]:
    """The same from numbers: (value with its host bits masked off, length)."""
    if length and not _shortest(value) <= length <= 128:
        raise GrammarError("a destination: ::/0, or a prefix %s or of NAT64" % WHERE)
    return ip.mask(value, length), length


def _shortest(value: int) -> int:
    """The length of the block that a route's destination lies in; 129: in none."""
    if value >> 125 == 0b001:
        return 3
    if _is_global(value):
        return 7
    if value >> 32 == 0x64FF9B << 64:
        return 96
    return 48 if _is_nat64(value) else 129


def gateway(item: bytes) -> int:
    """A next hop: a unicast address on the link, link-local as a rule (RFC 4861, 6.1.2)."""
    value = address(item)
    if not (_is_link_local(value) or _is_global(value)):
        raise GrammarError("a link-local, global or unique local gateway")
    return value


def router(item: bytes) -> str:
    """The text of an address on the link, as gateway() takes it."""
    return ip.format6(gateway(item))


def iaid(item: bytes) -> str:
    """An IAID (RFC 9915 section 21.21) in hex, 8 digits in lower case."""
    if len(item) > 8 or not made_of(item, HEX):
        raise GrammarError("1 to 8 hex digits")
    return "%08x" % int(item.decode(), 16)


def server(item: bytes, ifname: str) -> str:
    """The address of a server as text; a link-local one gets the link it was told on as its zone.

    RFC 8106 section 5.1: a link-local resolver's address means nothing without its zone.
    """
    value = address(item)
    if _is_link_local(value):
        return "%s%%%s" % (ip.format6(value), ifname)
    if not (_is_global(value) or _is_nat64(value)):
        raise GrammarError("a server's unicast address")
    return ip.format6(value)


def domain_name(item: bytes) -> str:
    """A domain name of letters, digits, `_` and `-`, without a final dot (RFC 1035, 2.3.4).

    A label never starts or ends with `-` (RFC 952), so that no name is taken for an option, and
    the last is not a number (RFC 1123 section 2.1), so that none is taken for an IPv4 address.
    """
    name = item[:-1] if item[-1:] == b"." else item
    labels = name[:254].split(b".")
    good = 0 < len(name) <= 253 and not made_of(labels[-1], DIGITS)
    for label in labels:
        good = good and len(label) <= 63 and made_of(label, LABEL)
        good = good and label[:1] != b"-" and label[-1:] != b"-"
    if not good:
        raise GrammarError("a domain name of A-Z a-z 0-9 _ - in labels")
    return name.decode()


def hexadecimal(item: bytes) -> str:
    """Octets in hex, two digits each, in lower case; none at all is the empty text."""
    if item and (len(item) % 2 or len(item) > LONGEST_HEX or not made_of(item, HEX)):
        raise GrammarError("octets in hex")
    return item.decode().lower()


def uri(item: bytes) -> str:
    """A captive portal's URI: an absolute http or https URI without user information (RFC 3986).

    Or what says that there is no captive portal (RFC 8910 section 2).
    """
    if item == UNRESTRICTED:
        return item.decode()
    if len(item) > LONGEST_URI or not made_of(item, URI):
        raise GrammarError(PORTAL)
    scheme, colon, rest = item.partition(b"://")
    authority = rest
    for mark in (b"/", b"?", b"#"):
        authority = authority.partition(mark)[0]
    tail = rest[len(authority) :]
    if (
        not colon
        or scheme.lower() not in (b"http", b"https")
        or (tail and not made_of(tail, PATH))
        or tail.count(b"#") > 1
        or not _is_authority(authority)
        or not _is_escaped(tail)
    ):
        raise GrammarError(PORTAL)
    return item.decode()


def _is_authority(authority: bytes) -> bool:
    """host or host:port, the host a name, a dotted quad or an IPv6 address in brackets."""
    try:
        if authority[:1] == b"[":
            literal, closed, rest = authority[1:].partition(b"]")
            address(literal)
            if not closed or (rest and rest[:1] != b":"):
                return False
            port = rest[1:]
        else:
            name, _, port = authority.partition(b":")
            if not made_of(name, DIGITS + b".") or ip.parse4(name.decode()) is None:
                domain_name(name)
        if port:
            number(port, 1, 65535)
    except GrammarError:
        return False
    return True


def _is_escaped(tail: bytes) -> bool:
    """Whether each `%` is followed by two hex digits (RFC 3986 section 2.1)."""
    for escape in tail.split(b"%")[1:]:
        if len(escape) < 2 or not made_of(escape[:2], HEX):
            return False
    return True
