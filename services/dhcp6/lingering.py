"""On-link routes that stay when a LAN loses their prefix, so that its hosts hear of it. Pure.

A host may keep an address for as long as it was once told, and what it sends from there is to be
answered (RFC 7084 L-14: ICMPv6 type 1 code 5). Without an on-link route the answer takes the
default route, out of the WAN. So the kernel lets the route expire. reconcile.py asks here.
"""

from agent import ip
from services.dhcp6.objects import ON_LINK_METRIC, State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from services.dhcp6.objects import Key

# No host was told more (RFC 9096 section 3.4), and for that long it is told that the prefix is
# stale (section 3.5).
LONGEST = 5400.0


def may_stay(key: "Key", elsewhere: list[tuple[int, int]] | None) -> bool:
    """Whether this outlives its prefix on the LAN, as far as `elsewhere` of the plan is known."""
    if elsewhere is None or key[0] != "route" or key[1] != "unicast":
        return False
    if key[4] or key[6] != ON_LINK_METRIC:
        return False
    destination = ip.parse6(key[2]) or 0
    return not [
        length
        for network, length in elsewhere
        if length <= key[3] and ip.contains(network, length, destination)
    ]


def shortened(there: State, now: float) -> State | None:
    """The state to put so that the route is gone in time; None when it will be."""
    if there.valid_until - there.error <= now + LONGEST:
        return None
    return State(there.flags, now + LONGEST, now + LONGEST, 0.0)
