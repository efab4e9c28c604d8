"""Other routers' advertisements against ours (RFC 4861 section 6.2.7). Pure."""

from services.ra import packet
from services.ra.facts import ND_VALID_LIMIT

# Lifetimes count down in real time and two routers may hear of a renewal at different moments.
SKEW_S = 60


def conflict(ours: packet.Advertisement, theirs: packet.Advertisement) -> str:
    """What makes hosts switch from one value to the other with each advertisement; "" for nothing.
    Unspecified (zero) values conflict with nothing, other prefixes neither."""
    pairs = [
        ("hop limit", ours.hop_limit, theirs.hop_limit),
        ("reachable time", ours.reachable, theirs.reachable),
        ("retransmission timer", ours.retrans, theirs.retrans),
        ("MTU", mtu_of(ours), mtu_of(theirs)),
    ]
    found = [
        "%s %d, ours %d" % (n, their, our)
        for n, our, their in pairs
        if our and their and our != their
    ]
    for name, our, their in (
        ("managed flag", ours.managed, theirs.managed),
        ("other flag", ours.other, theirs.other),
    ):
        if our != their:
            found.append("%s %d, ours %d" % (name, their, our))
    for option in theirs.options:
        if isinstance(option, packet.Prefix):
            found += _prefix_conflict(ours, option)
    return "; ".join(found)


def mtu_of(advertisement: packet.Advertisement) -> int:
    """The MTU option's value, 0 without one."""
    for option in advertisement.options:
        if isinstance(option, packet.Mtu):
            return int(option.octets)
    return 0


def _prefix_conflict(ours: packet.Advertisement, theirs: packet.Prefix) -> list[str]:
    for option in ours.options:
        if isinstance(option, packet.Prefix) and option[:2] == theirs[:2]:
            # beyond our limit a difference says only that the other router has no such limit
            both = (min(option.valid, ND_VALID_LIMIT), min(theirs.valid, ND_VALID_LIMIT))
            if abs(both[0] - both[1]) > SKEW_S:
                text = "prefix %s/%d valid %d s, ours %d s"
                return [text % (theirs.address, theirs.length, theirs.valid, option.valid)]
    return []
