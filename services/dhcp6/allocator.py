"""Which LAN gets which /64 of each delegated prefix (RFC 7084 L-2, RFC 9818 LPD-2 and LPD-3).

Pure, and without memory: the answer depends on the set of prefixes and the set of LANs alone,
not on their order, on earlier answers or on restarts. Addresses are 128 bit integers.
"""

import hashlib
from collections import namedtuple

from agent import ip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    class Lan(NamedTuple):
        name: str
        id: int | None
        suffix: int
        priority: int
        lease: int

    class Pool(NamedTuple):
        prefix: int
        length: int
        excluded: tuple[tuple[int, int], ...]

    class Share(NamedTuple):
        lan: str
        pool: Pool
        subnet: int
        address: int
else:
    # id: the configured subnet id or None; suffix: the router's interface identifier, 64 bits;
    # priority: who comes first when there is not enough for all, the larger the sooner; lease: for
    # how many seconds a DHCPv6 server leases addresses there, 0 where none does.
    Lan = namedtuple("Lan", ("name", "id", "suffix", "priority", "lease"))
    # excluded: (prefix, length) pairs that must not be used on a LAN (RFC 6603 section 4.2).
    Pool = namedtuple("Pool", ("prefix", "length", "excluded"))
    # One LAN's /64 of one pool, and the router's own address in it.
    Share = namedtuple("Share", ("lan", "pool", "subnet", "address"))

SUBNET = 64


def allocate(pools: list[Pool], lans: list[Lan]) -> tuple[list[Share], list[str]]:
    """One /64 for each LAN from each pool, and what people must be told, one line each.

    A pool that lies inside another one is left alone while that one is there: its /64s would
    be the other's. Shares come sorted by LAN and subnet.
    """
    ranked = sorted(lans, key=_rank)
    shares: list[Share] = []
    notes: list[str] = []
    for pool in _outermost(pools):
        _share_out(pool, ranked, shares, notes)
    shares.sort(key=lambda share: (share.lan, share.subnet))
    return shares, notes


def length_for(lans: list[Lan], reserved: int) -> int:
    """The longest prefix length on a nibble that holds all LANs and their ids (RFC 7084 WPD-2)."""
    slots = max(1, len(lans) + reserved)
    for lan in lans:
        if lan.id is not None:
            slots = max(slots, lan.id + 1)
    length = SUBNET
    while 1 << (SUBNET - length) < slots:
        length -= 4
    return max(0, length)


def _rank(lan: Lan) -> tuple[int, int, int, str]:
    return (-lan.priority, lan.id is None, lan.id or 0, lan.name)


def _outermost(pools: list[Pool]) -> list[Pool]:
    """The pools that lie in no other, each once with all its exclusions, sorted."""
    excluded: dict[tuple[int, int], tuple[tuple[int, int], ...]] = {}
    for pool in pools:
        where = (pool.length, ip.mask(pool.prefix, pool.length))
        excluded[where] = excluded.get(where, ()) + tuple(pool.excluded)
    outermost: list[Pool] = []
    for length, prefix in sorted(excluded):
        inside = False
        for outer in outermost:
            inside = inside or ip.mask(prefix, outer.length) == outer.prefix
        if not inside:
            outermost.append(Pool(prefix, length, tuple(sorted(excluded[(length, prefix)]))))
    return outermost


def _share_out(pool: Pool, ranked: list[Lan], shares: list[Share], notes: list[str]) -> None:
    name = "%s/%d" % (ip.format6(pool.prefix), pool.length)
    if pool.length > SUBNET:
        if ranked:
            notes.append("%s: expected a /64 or shorter, got too little for any LAN" % name)
        return
    slots = 1 << (SUBNET - pool.length)
    barred = _barred(pool)
    reserved = sum([end - start for start, end in barred])
    winners = ranked[: min(len(ranked), max(0, slots - reserved))]
    taken: dict[int, Lan] = {}
    _seat(winners, slots, barred, taken)
    for slot in taken:
        lan = taken[slot]
        subnet = pool.prefix | slot << (128 - SUBNET)
        shares.append(Share(lan.name, pool, subnet, subnet | lan.suffix))
        if lan.id is not None and lan.id != slot and slots > 1:
            notes.append("%s: %s: id %x is not free there, got %x" % (name, lan.name, lan.id, slot))
    losers = ", ".join([lan.name for lan in ranked[len(winners) :]])
    if losers:
        wish = length_for(ranked, reserved)
        hint = "" if wish >= pool.length else "; a /%d has room for all" % wish
        notes.append(
            "%s: expected room for %d LANs, got %d: none for %s%s"
            % (name, len(ranked), len(winners), losers, hint)
        )
    notes.sort()


def _barred(pool: Pool) -> list[tuple[int, int]]:
    """The slots that an excluded prefix touches, as disjoint sorted (first, after the last)."""
    spans = []
    for prefix, length in pool.excluded:
        if length <= pool.length or ip.mask(prefix, pool.length) != pool.prefix:
            continue  # RFC 6603 section 4.2: longer than the delegated prefix, and inside it
        first = (prefix - pool.prefix) >> (128 - SUBNET)
        spans.append((first, first + (1 << max(0, SUBNET - length))))
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _seat(
    winners: list[Lan], slots: int, barred: list[tuple[int, int]], taken: dict[int, Lan]
) -> None:
    """Give each winner a slot: first the configured ids that fit, then the others.

    So a LAN with an id never gives way to one without (RFC 9818 LPD-3).
    """
    waiting = []
    for lan in winners:
        if lan.id is None or lan.id >= slots or lan.id in taken or _end_of(lan.id, barred):
            waiting.append(lan)
        else:
            taken[lan.id] = lan
    for lan in waiting:
        slot = _wish(lan) % slots
        while True:
            end = _end_of(slot, barred)
            if end is None and slot not in taken:
                break
            slot = (slot + 1 if end is None else end) % slots
        taken[slot] = lan


def _wish(lan: Lan) -> int:
    """Where to look first for a LAN without an id, or whose id can't be had: its name tells."""
    return int.from_bytes(hashlib.sha256(lan.name.encode()).digest()[:8], "big")


def _end_of(slot: int, barred: list[tuple[int, int]]) -> int | None:
    """The first slot after the barred span that holds this one, or None when it is free."""
    for start, end in barred:
        if start <= slot < end:
            return end
    return None
