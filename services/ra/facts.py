"""The facts that advertisements are made of: items, and how published values become them.

Pure. Every deadline is a time on the monotonic clock in seconds; FOREVER has no end.
"""

from collections import namedtuple

from agent import ip

PREFIX, ROUTE, SERVER, DOMAIN = "prefix", "route", "dns", "domain"
# The option could hold 2038 octets (RFC 4861 section 4.6), but more than DHCPv4 can carry should
# not be told (RFC 8910 sections 2 and 2.3).
PORTAL_OCTETS = 255
SCHEME_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789+-.ABCDEFGHIJKLMNOPQRSTUVWXYZ"
KINDS = (PREFIX, ROUTE, SERVER, DOMAIN)
FOREVER = float("inf")

# RFC 9096 section 4, seconds
ND_PREFERRED_LIMIT = 2700
ND_VALID_LIMIT = 5400

# kind: one of KINDS. what: "2001:db8::/64", an address or a name. flags: for a prefix which of
# "L" and "A" are set. preferred, valid: deadlines. source: the service that published it.
Item = namedtuple("Item", ("kind", "what", "flags", "preferred", "valid", "source"))

# sources: (service name, its outputs or None) in the order of precedence. lease: the outputs of the
# client's hook or None. lease_name: its service. wan_running: the lease's link has a carrier.
# hosts: the LANs on which the kernel does not forward, where this router is only a host.
World = namedtuple("World", ("sources", "lease_name", "lease", "wan_running", "hosts"))


def folders(values: dict[str, str], head: str) -> list[tuple[str, dict[str, str]]]:
    """The folders below `head` in the order of their names: (key, {field: value})."""
    found: dict[str, dict[str, str]] = {}
    for name in values:
        if name.startswith(head + "/"):
            key, _, field = name[len(head) + 1 :].partition("/")
            found.setdefault(key, {})[field] = values[name]
    return [(key, found[key]) for key in sorted(found)]


def deadline(text: str) -> float | None:
    """A published deadline: seconds with or without a fraction, or `infinity`; else None."""
    if text == "infinity":
        return FOREVER
    whole, _, fraction = text.partition(".")
    digits = whole + fraction
    if not whole or len(digits) > 18 or [d for d in digits if d not in "0123456789"]:
        return None
    return float(text)


def network(fields: dict[str, str]) -> tuple[int, int] | None:
    """(value, length) of a folder's prefix, host bits cleared; None when there is none that may be
    advertised: link-local and multicast never are (RFC 4861 section 4.6.2)."""
    value = ip.parse6(fields.get("prefix", ""))
    length = ip.decimal(fields.get("length", ""), 128)
    if value is None or length is None:
        return None
    value = ip.mask(value, length)
    if value >> 120 == 0xFF or value >> 118 == 0xFE80 >> 6:
        return None
    return value, length


def can_serve(address: int) -> bool:
    """Whether it can be the address of a name server: not ::, not ::1, not multicast."""
    return address > 1 and address >> 120 != 0xFF


def is_portal(text: str) -> bool:
    """Whether it can be told as the captive portal's URI (RFC 8910): a scheme, and then nothing but
    ASCII characters that are visible (RFC 3986 section 2)."""
    scheme, _, rest = text.partition(":")
    if not scheme or not scheme[0].isalpha() or scheme.strip(SCHEME_CHARACTERS):
        return False
    if not rest or len(text) > PORTAL_OCTETS:
        return False
    return all(["!" <= character <= "~" for character in text])


def split_prefix(what: str) -> tuple[str, int]:
    """("2001:db8::", 64) of "2001:db8::/64"."""
    address, _, length = what.partition("/")
    return address, int(length)


def is_local(what: str) -> bool:
    """Whether an address or prefix is a unique local one, fc00::/7 (RFC 4193 section 3.1)."""
    value = ip.parse6(what.partition("/")[0])
    return value is not None and value >> 121 == 0xFC >> 1


def order(what: str) -> tuple[int, int]:
    """Sort key: shorter prefixes first, then by value. A dict's order is never relied on."""
    address, length = split_prefix(what)
    return length, ip.parse6(address) or 0
