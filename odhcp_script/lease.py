"""The lease: what a DHCPv6 client and the routers on its link have told, in one model. Pure.

The front ends make a Lease of their client's environment, publish.py makes outputs of it. All
numbers are checked already. Lifetimes are seconds as told, INFINITE for one that never ends;
times are whole milliseconds on CLOCK_MONOTONIC.
"""

from collections import namedtuple
from hashlib import sha256

from agent import ip
from odhcp_script.grammar import INFINITE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    class Entry(NamedTuple):
        """A delegated prefix or an address: kind is prefix, address or ra-address."""

        kind: str
        value: int
        length: int
        preferred: int
        valid: int
        told: int  # when the lifetimes were told, ms
        klass: str  # the IAID in hex, "" when the client does not tell it
        excluded: int
        excluded_length: int  # 0: nothing is excluded

    class Route(NamedTuple):
        """A route from a router advertisement; gateway None: the destination is on the link."""

        destination: int
        length: int
        gateway: int | None
        valid: int
        told: int
        metric: int

    class Lease(NamedTuple):
        """All that holds at one moment. word: the state, "" when the call does not tell it."""

        word: str
        is_frozen: bool  # the lifetimes may be those of an earlier call
        entries: list[Entry]
        routes: list[Route]
        plain: dict[str, str]  # the other outputs, by their names

    class Complaint(NamedTuple):
        """One item that was left out: where it stood, what was expected, what was there."""

        where: str
        expected: str
        got: bytes

else:
    Entry = namedtuple(
        "Entry",
        (
            "kind",
            "value",
            "length",
            "preferred",
            "valid",
            "told",
            "klass",
            "excluded",
            "excluded_length",
        ),
    )
    Route = namedtuple("Route", ("destination", "length", "gateway", "valid", "told", "metric"))
    Lease = namedtuple("Lease", ("word", "is_frozen", "entries", "routes", "plain"))
    Complaint = namedtuple("Complaint", ("where", "expected", "got"))


def key(address: str, identity: str) -> str:
    """The folder's name: the address with `-` for `:`, and 8 hex digits of the identity's SHA-256.

    An address that starts with `::` is written `0--`, since no name may start with `-`.
    """
    name = address.replace(":", "-")
    return "%s%s_%s" % ("0" if name[0] == "-" else "", name, digest(identity.encode()))


def digest(identity: bytes) -> str:
    """8 hex digits that stand for what these octets describe."""
    return sha256(identity).digest()[:4].hex()


def entry_folder(entry: "Entry", address: str) -> str:
    """kind/key; the identity is address/length,class,excluded/length with nothing left out."""
    excluded = ""
    if entry.excluded_length:
        excluded = "%s/%d" % (ip.format6(entry.excluded), entry.excluded_length)
    identity = "%s/%d,%s,%s" % (address, entry.length, entry.klass, excluded)
    return "%s/%s" % (entry.kind, key(address, identity))


def route_folder(route: "Route", destination: str, gateway: str) -> str:
    """route/key; the identity is destination/length,gateway."""
    return "route/" + key(destination, "%s/%d,%s" % (destination, route.length, gateway))


def is_usable(lease: "Lease") -> bool:
    """Whether there is a prefix or an address that is still valid: the time to be ready."""
    return any([entry.valid > 0 for entry in lease.entries])


def lifetime_text(seconds: int) -> str:
    """Seconds as told, or `infinity`."""
    return "infinity" if seconds == INFINITE else str(seconds)


def clock_text(milliseconds: int) -> str:
    """A time on the monotonic clock in seconds with three decimals.

    Whole numbers all the way: the runtimes do not round floats alike.
    """
    return "%d.%03d" % (milliseconds // 1000, milliseconds % 1000)


def is_digits(text: str) -> bool:
    """Whether a text is ASCII digits and nothing else; isdigit() takes more than int() does."""
    return text != "" and not text.strip("0123456789")


def clock_value(text: str) -> int | None:
    """The milliseconds that clock_text wrote; None for `infinity` and whatever else."""
    digits = text[:-4] + text[-3:]
    if len(text) < 5 or text[-4] != "." or not is_digits(digits):
        return None
    return int(digits)
