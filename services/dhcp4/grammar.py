"""The types of what a DHCPv4 server tells: each function takes text and gives a checked value.

Pure. What does not fit raises GrammarError, whose text says what was expected; nothing is ever
repaired.
"""

from agent import ip

INFINITE = 0xFFFFFFFF  # RFC 2131 section 3.3
LONGEST_NAME = 253
LABEL = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
WHERE = "an IPv4 address of a host"


class GrammarError(Exception):
    """An item does not fit its type; the text names what was expected."""


def host(text: str) -> int:
    """The value of a host's address: no loopback, multicast, reserved or null network."""
    value = ip.parse4(text)
    if value is None or value >> 24 in (0, 127) or value >> 28 >= 14:
        raise GrammarError(WHERE)
    return value


def number(text: str, low: int, high: int) -> int:
    """A decimal number from low to high."""
    value = ip.decimal(text, high)
    if value is None or value < low:
        raise GrammarError("a number from %d to %d" % (low, high))
    return value


def mask(text: str) -> int:
    """The length of a network mask as 255.255.255.0; its ones come first."""
    value = ip.parse4(text)
    if value is not None:
        rest = value ^ 0xFFFFFFFF
        if value and not rest & (rest + 1):
            length = 32
            while rest:
                rest >>= 1
                length -= 1
            return length
    raise GrammarError("a network mask as 255.255.255.0")


def network(value: int, length: int) -> int:
    """The address with everything after its first `length` bits cleared."""
    return value & (0xFFFFFFFF ^ (0xFFFFFFFF >> length))


def route(destination: str, gateway: str) -> tuple[int, int, int]:
    """(destination, length, gateway) of a classless route (RFC 3442); gateway 0: on the link."""
    text, _, bits = destination.partition("/")
    value, length = ip.parse4(text), ip.decimal(bits, 32)
    if value is None or length is None or network(value, length) != value:
        raise GrammarError("a destination as 192.0.2.0/24")
    if length and (value >> 24 in (0, 127) or value >> 28 >= 14):
        raise GrammarError("a destination that hosts have")
    return value, length, 0 if gateway == "0.0.0.0" else host(gateway)


def domain(text: str) -> str:
    """A domain name without its final dot; the last label is not a number."""
    name = text[:-1] if text[-1:] == "." else text
    labels = name.split(".")
    for label in labels:
        if not 1 <= len(label) <= 63 or label.strip(LABEL) or "-" in (label[0], label[-1]):
            raise GrammarError("a domain name")
    if len(name) > LONGEST_NAME or not labels[-1].strip("0123456789"):
        raise GrammarError("a domain name")
    return name
