"""What the value of a parameter may be: each kind checks, and says itself in words.

A kind's `words` are in messages and in the manual. `wrong(value)` is what to say of a value that
does not fit, "" when it does. Types are checked before (described.py): a kind sees its own type.
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from agent import names
from agent.graph.service import is_user
from services.site.problems import shown

LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


@dataclass(frozen=True)
class Kind:
    """A claim about a value, and its words."""

    words: str
    holds: Callable[[object], bool] = field(compare=False)
    hint: str = ""

    def wrong(self, value: object) -> str:
        """What to say of the value; "" when it fits."""
        if self.holds(value):
            return ""
        return f"expected {self.words}, got {shown(value)}" + (
            f"; {self.hint}" if self.hint else ""
        )


def number(least: float, most: float, unit: str = "") -> Kind:
    """A number in a range, its unit (s, octets, kbit/s) in the words."""
    words = f"{least} to {most}" + (f" {unit}" if unit else "")
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
        return least <= len(value) <= most and all(kind.holds(item) for item in value)

    many = f"{least} or more" if most == 10**6 else f"{least} to {most}"
    return Kind(f"{many} of: {kind.words}" if least else f"any number of: {kind.words}", holds)


def optional(kind: Kind, nothing: object = "") -> Kind:
    """Such a value, or nothing."""
    return Kind(
        f"{kind.words}, or {shown(nothing)}",
        lambda value: value == nothing or kind.holds(value),
        kind.hint,
    )


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


ANY = Kind("", lambda value: True)
SERVICE_NAME = Kind(names.SERVICE_NAME, lambda value: names.is_service_name(str(value)))
LINK_NAME = Kind(names.LINK_NAME, lambda value: names.is_link_name(str(value)))
USER_NAME = Kind("the name of a user", lambda value: is_user(str(value)))
HOST_NAME = Kind("one label of A-Z a-z 0-9 -", lambda value: bool(LABEL.fullmatch(str(value))))
DOMAIN = Kind("a domain name without a final dot", _is_domain)
MAC_ADDRESS = Kind(
    "a MAC address as 02:00:5e:00:53:01", lambda value: bool(MAC.fullmatch(str(value)))
)
ADDRESS4 = Kind("an IPv4 address", _parses(ipaddress.IPv4Address))
ADDRESS6 = Kind("an IPv6 address", _parses(ipaddress.IPv6Address))
ADDRESS = Kind("an IP address", _parses(ipaddress.ip_address))
INTERFACE4 = Kind("an IPv4 address with its prefix length, as 192.168.1.1/24", _is_interface(4))
INTERFACE6 = Kind("an IPv6 address with its prefix length, as fd00::1/64", _is_interface(6))
PREFIX4 = Kind("an IPv4 prefix as 192.168.1.0/24", _parses(ipaddress.IPv4Network))
PREFIX6 = Kind("an IPv6 prefix as 2001:db8::/48", _parses(ipaddress.IPv6Network))
PORT = number(1, 65535)
PATH = Kind("an absolute path without . and ..", _is_path)
LINE = Kind("one line of printable text", _is_line)
