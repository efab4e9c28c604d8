"""What the appliers put into the kernel, by identity: a key is the same thing before and after.

A key is a tuple of plain values that can be compared, sorted and written down:
    ("address", index, address, length)
    ("route", kind, destination, length, gateway, index, metric)
What is wanted of a key, and what was seen of it, is a State. See reconcile.py.
"""

from collections import namedtuple

from agent.port import records
from services.dhcp6 import deadlines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple

    from agent.port.netlink import Kernel

    Key = tuple[Any, ...]

    class State(NamedTuple):
        flags: int
        preferred_until: float
        valid_until: float
        error: float
else:
    # flags: IFA_F_* of an address that we care for, the protocol number of a route.
    # Deadlines: those asked for, or seen; error: by how many seconds seen ones may be off.
    State = namedtuple("State", ("flags", "preferred_until", "valid_until", "error"))

LOOPBACK_INDEX = 1  # net/flow.h LOOPBACK_IFINDEX: lo has it in every network namespace

# Of a LAN's on-link route. Another than the kernel's 256, lest it take the place of one that is
# not ours.
ON_LINK_METRIC = 118

# Flags that are asked for; the others (tentative, deprecated...) are the kernel's own business.
ASKED_FLAGS = records.IFA_F_NOPREFIXROUTE

# The kernel tells whole seconds, rounded up, and some time passes until we read them.
SEEN_ERROR = 1.25


def address_key(index: int, address: str, length: int) -> "Key":
    """The key of an address on a link; address in canonical text."""
    return ("address", index, address, length)


def route_key(
    kind: str, destination: str, length: int, gateway: str, index: int, metric: int
) -> "Key":
    """The key of a route in the main table; gateway is "" when the destination is on-link."""
    return ("route", kind, destination, length, gateway, index, metric)


def index_of(key: "Key") -> int:
    """The index of the link that the object is on."""
    index: int = key[1] if key[0] == "address" else key[5]
    return index


def seen_address(record: records.Address, now: float) -> tuple["Key", State]:
    """Key and state of an address that the kernel told about at `now`."""
    return address_key(record.index, record.address, record.length), State(
        record.flags & ASKED_FLAGS,
        _deadline(record.preferred, now),
        _deadline(record.valid, now),
        SEEN_ERROR,
    )


def seen_route(record: records.Route, now: float) -> tuple["Key", State]:
    """Key and state of a route that the kernel told about at `now`."""
    # The kernel hangs an unreachable route on lo, whatever was asked for.
    index = record.index if record.kind == "unicast" else LOOPBACK_INDEX
    until = _deadline(record.expires, now)
    key = route_key(
        record.kind, record.destination, record.length, record.gateway, index, record.metric
    )
    return key, State(record.protocol, until, until, SEEN_ERROR)


def _deadline(seconds: int | None, now: float) -> float:
    return float("inf") if seconds is None else now + seconds


def describe(key: "Key") -> str:
    """A key as people write it."""
    if key[0] == "address":
        return "address %s/%d on link %d" % (key[2], key[3], key[1])
    gateway = " via %s" % key[4] if key[4] else ""
    where = "" if key[1] != "unicast" else " on link %d" % key[5]
    return "route %s %s/%d%s%s metric %d" % (key[1], key[2], key[3], gateway, where, key[6])


def put(kernel: "Kernel", key: "Key", state: State, now: float) -> None:
    """Create or change the object, with the lifetimes that it has at `now`; raises OSError."""
    valid = deadlines.left(state.valid_until, now)
    if key[0] == "address":
        preferred = deadlines.left(state.preferred_until, now)
        kernel.put_address(
            records.Address(
                key[1],
                key[2],
                key[3],
                state.flags,
                records.RT_SCOPE_UNIVERSE,
                preferred,
                valid,
            )
        )
    else:
        kernel.put_route(_route(key, state.flags, valid))


def remove(kernel: "Kernel", key: "Key") -> bool:
    """Remove the object; False when it was already gone. Raises OSError."""
    if key[0] == "address":
        return kernel.remove_address(
            records.Address(key[1], key[2], key[3], 0, records.RT_SCOPE_UNIVERSE, None, None)
        )
    return kernel.remove_route(_route(key, 0, None))


def _route(key: "Key", protocol: int, expires: int | None) -> records.Route:
    index = key[5] if key[1] == "unicast" else 0  # IPv4 takes a rejecting route on no link
    return records.Route(
        key[1], key[2], key[3], key[4], index, key[6], records.RT_TABLE_MAIN, protocol, expires
    )
