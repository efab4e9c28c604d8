"""What the value of a parameter may be: each kind checks, and says itself in words.

A kind's `words` are in messages and in the manual. `wrong(value)` is what to say of a value that
does not fit, "" when it does. Types are checked before (described.py): a kind sees its own type.
"""

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from agent import names
from agent.graph.service import is_user
from services.site.problems import shown

LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


# What is written in a site as it is, unlike an output that will tell the value
PLAIN = (str, int, float, tuple)


@dataclass(frozen=True)
class Kind:
    """A claim about a value, and its words. hint: what to do about a value that does not fit.
    advise: the same, told from the value. item: the kind of each value of a tuple. hidden: what
    does not fit may be a secret in the wrong place, and is not shown."""

    words: str
    holds: Callable[[object], bool] = field(compare=False)
    hint: str = ""
    advise: Callable[[object], str] = field(default=lambda value: "", compare=False)
    item: "Kind | None" = None
    hidden: bool = False

    def wrong(self, value: object) -> str:
        """What to say of the value; "" when it fits. What refers to something has no value yet."""
        if not isinstance(value, PLAIN) or self.holds(value):
            return ""
        got = "something else (not shown, it may be a secret)" if self.hidden else shown(value)
        hint = self.advise(value) or self.hint
        return f"expected {self.words}, got {got}" + (f"; {hint}" if hint else "")


def number(least: float, most: float, unit: str = "") -> Kind:
    """A number in a range, its unit (s, octets, kbit/s) in the words."""
    words = f"{_digits(least)} to {_digits(most)}" + (f" {unit}" if unit else "")
    return Kind(words, lambda value: isinstance(value, int | float) and least <= value <= most)


def text(words: str, pattern: str, hint: str = "") -> Kind:
    """Text that a regular expression matches whole."""
    compiled = re.compile(pattern)
    return Kind(words, lambda value: bool(compiled.fullmatch(str(value))), hint)


def choice(*known: str) -> Kind:
    """One of some words."""
    return Kind(" or ".join(map(repr, known)), lambda value: value in known)


def each(kind: Kind, *, least: int = 0, most: int = 10**6) -> Kind:
    """A tuple of such values, of a length in a range."""

    def holds(value: object) -> bool:
        assert isinstance(value, tuple)
        return least <= len(value) <= most and not any(kind.wrong(item) for item in value)

    many = f"{least} to {most}" if most < 10**6 else f"{least} or more" if least else "any number"
    return Kind(f"{many} of: {kind.words}", holds, item=kind, hidden=kind.hidden)


def optional(kind: Kind, nothing: object = "") -> Kind:
    """Such a value, or nothing."""
    return replace(
        kind,
        words=f"{kind.words}, or {shown(nothing)}",
        holds=lambda value: value == nothing or kind.holds(value),
    )


def _digits(value: float) -> str:
    """1 000 000 as people write it in code; powers of two keep their name from 2**20 on."""
    if isinstance(value, int) and value >= 2**20 and value & (value - 1) == 0:
        return f"2**{value.bit_length() - 1}"
    return str(value)


def _parses(parse: Callable[[str], object]) -> Callable[[object], bool]:
    def holds(value: object) -> bool:
        try:
            parse(str(value))
        except ValueError:
            return False
        return True

    return holds


def _is_interface(version: int) -> Callable[[object], bool]:
    def holds(value: object) -> bool:
        try:
            found = ipaddress.ip_interface(str(value))
        except ValueError:
            return False
        return found.version == version and "/" in str(value)

    return holds


def _is_domain(value: object) -> bool:
    labels = str(value).split(".")
    return len(str(value)) <= 253 and all(LABEL.fullmatch(label) for label in labels)


def _is_path(value: object) -> bool:
    words = str(value).split("/")
    return words[0] == "" and len(words) > 1 and not any(w in ("", ".", "..") for w in words[1:])


def _is_line(value: object) -> bool:
    return str(value).isprintable()


def _is_public_key(value: object) -> bool:
    """A line of authorized_keys (sshd(8)): the type, and the key that begins with it (RFC 4253
    section 6.6)."""
    words = str(value).split(" ", 2)
    if len(words) < 2 or words[0] not in KEY_TYPES or not str(value).isprintable():
        return False
    try:
        octets = base64.b64decode(words[1], validate=True)
    except (binascii.Error, ValueError):
        return False
    head = len(words[0]).to_bytes(4, "big") + words[0].encode()
    return octets.startswith(head) and len(octets) >= len(head) + 4 + 32


def _key_advice(value: object) -> str:
    if "PRIVATE KEY" in str(value):
        return "a private key never belongs into a site, give the line in the file NAME.pub"
    if str(value).endswith(".pub"):
        return "give the line that is in the file"
    return "it is the line in the file NAME.pub, whole"


def _address_advice(value: object) -> str:
    """What is missing of an address with its prefix length."""
    try:
        found = ipaddress.ip_address(str(value))
    except ValueError:
        return ""
    return (
        f"write {f'{found}/24' if found.version == 4 else f'{found}/64'!r} if its link is so large"
    )


def _prefix_advice(value: object) -> str:
    try:
        found = ipaddress.ip_network(str(value), strict=False)
    except ValueError:
        return ""
    return f"{str(found)!r} is the prefix of this address" if "/" in str(value) else ""


def _mac_advice(value: object) -> str:
    digits = re.sub(r"[^0-9a-f]", "", str(value).lower())
    pairs = ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))
    return f"write {pairs!r}" if MAC.fullmatch(pairs) else ""


KEY_TYPES = (
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
)
ANY = Kind("", lambda value: True)
SERVICE_NAME = Kind(names.SERVICE_NAME, lambda value: names.is_service_name(str(value)))
LINK_NAME = Kind(
    names.LINK_NAME,
    lambda value: names.is_link_name(str(value)),
    advise=lambda value: f"it has {len(str(value))}" if len(str(value)) > 15 else "",
)
USER_NAME = Kind("the name of a user", lambda value: is_user(str(value)))
HOST_NAME = Kind("a name of A-Z a-z 0-9 -", lambda value: bool(LABEL.fullmatch(str(value))))
DOMAIN = Kind("a domain name without a final dot", _is_domain)
MAC_ADDRESS = Kind(
    "a MAC address as 02:00:5e:00:53:01",
    lambda value: bool(MAC.fullmatch(str(value))),
    advise=_mac_advice,
)
ADDRESS4 = Kind("an IPv4 address", _parses(ipaddress.IPv4Address))
ADDRESS6 = Kind("an IPv6 address", _parses(ipaddress.IPv6Address))
ADDRESS = Kind("an IP address", _parses(ipaddress.ip_address))
INTERFACE4 = Kind(
    "an IPv4 address with its prefix length, as 192.168.1.1/24",
    _is_interface(4),
    advise=_address_advice,
)
INTERFACE6 = Kind(
    "an IPv6 address with its prefix length, as fd00::1/64",
    _is_interface(6),
    advise=_address_advice,
)
INTERFACE = Kind(
    "an address with its prefix length, as 192.168.1.1/24 or fd00::1/64",
    lambda value: INTERFACE4.holds(value) or INTERFACE6.holds(value),
    advise=_address_advice,
)
PREFIX4 = Kind(
    "an IPv4 prefix as 192.168.1.0/24", _parses(ipaddress.IPv4Network), advise=_prefix_advice
)
PREFIX6 = Kind(
    "an IPv6 prefix as 2001:db8::/48", _parses(ipaddress.IPv6Network), advise=_prefix_advice
)
SUFFIX6 = text("an interface identifier as ::1", r"::[0-9a-f]{1,4}(:[0-9a-f]{1,4}){0,3}")
PORT = number(1, 65535)
PATH = Kind("an absolute path without . and ..", _is_path)
LINE = Kind("one line of printable text", _is_line)
COUNTRY = text("a country's code of two capital letters (ISO 3166), as DE", r"[A-Z]{2}")
PUBLIC_KEY = Kind(
    "an OpenSSH public key as 'ssh-ed25519 AAAA... comment'",
    _is_public_key,
    advise=_key_advice,
)
PASSWORD_HASH = replace(
    text(
        "a password's hash as crypt(5) makes it",
        r"\$(1|5|6|y)\$[./A-Za-z0-9$=]+",
        "make it with `openssl passwd -6`",
    ),
    hidden=True,
)
