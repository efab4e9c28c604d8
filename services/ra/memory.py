"""What a LAN has been told, so that what is gone can be taken back (RFC 9096 section 3.5).

Pure. The memory of a LAN is {(kind, what): Told}. Everything that hosts may still believe is in it:
live items, and withdrawn ones until the lifetime they were last told has passed. It is kept in
stable storage (storage.py), so that a reboot does not forget.
"""

from collections import namedtuple

from services.ra.content import Content
from services.ra.facts import ND_VALID_LIMIT, ROUTE

LIVE, WITHDRAWN = "live", "withdrawn"
# Loaded from storage, and its source has not spoken yet: neither live nor taken back.
PENDING = "pending"

# flags: of the prefix as last told. until: the latest moment up to which a host may use what it was
# told; 0.0 before the first advertisement. source: the service that published it.
Told = namedtuple("Told", ("kind", "what", "flags", "until", "state", "source"))

# A memory never grows without bound, whatever an ISP does; the oldest are forgotten first.
WITHDRAWN_MAX = 128

TYPE_CHECKING = False
if TYPE_CHECKING:
    Memory = dict[tuple[str, str], "Told"]


def follow(memory: "Memory", content: Content, now: float, hold_until: float) -> "Memory":
    """The memory after a look at the present content.

    What the content lists is live. What it no longer lists is withdrawn until hosts have forgotten
    it. What was loaded from storage stays pending until its source lists something of its kind
    (then the source has spoken, and without it) or until `hold_until`; routes do not wait for that
    while the kernel does not forward.
    """
    spoken = [(item.source, item.kind) for item in content.items]
    listed = {}
    after: Memory = {}
    for item in content.items:
        key = (item.kind, item.what)
        listed[key] = True
        old = memory.get(key)
        until = old.until if old is not None else 0.0
        after[key] = Told(item.kind, item.what, item.flags, until, LIVE, item.source)
    for kind, what, source in content.ended:
        key = (kind, what)
        listed[key] = True
        after[key] = _ended(memory.get(key), kind, what, source, now)
    for key in memory:
        told = memory[key]
        if key in listed or told.until <= now:
            continue
        known = told.kind == ROUTE and not content.forwards
        waits = told.state == PENDING and now < hold_until and not known
        if waits and (told.source, told.kind) not in spoken:
            after[key] = told
        else:
            after[key] = changed(told, told.until, WITHDRAWN)
    return _bounded(after)


def _bounded(memory: "Memory") -> "Memory":
    gone = [(memory[key].until, key) for key in memory if memory[key].state == WITHDRAWN]
    for _, key in sorted(gone)[: max(0, len(gone) - WITHDRAWN_MAX)]:
        del memory[key]
    return memory


def _ended(old: Told | None, kind: str, what: str, source: str, now: float) -> Told:
    """A source that lists a prefix with valid lifetime zero wants it taken back even when this
    router never advertised it: "as they would be generated" (RFC 9096 section 3.5)."""
    if old is None:
        return Told(kind, what, "LA", now + ND_VALID_LIMIT, WITHDRAWN, source)
    return Told(kind, what, old.flags, old.until, WITHDRAWN, source)


def withdrawn(memory: "Memory", now: float) -> list[Told]:
    """What has to be advertised with zero lifetimes now, in a fixed order."""
    gone = [memory[key] for key in sorted(memory)]
    return [told for told in gone if told.state == WITHDRAWN and told.until > now]


def remember(memory: "Memory", lifetimes: dict[tuple[str, str], int], now: float) -> "Memory":
    """The memory after an advertisement at `now`; `lifetimes` are the valid ones it told, seconds,
    by (kind, what)."""
    after = dict(memory)
    for key in lifetimes:
        told = after.get(key)
        if told is not None and told.state == LIVE:
            after[key] = changed(told, max(told.until, now + lifetimes[key]), LIVE)
    return after


def changed(told: Told, until: float, state: str) -> Told:
    """The same with another deadline and state."""
    return Told(told.kind, told.what, told.flags, until, state, told.source)


def next_deadline(memory: "Memory", now: float, hold_until: float) -> float | None:
    """When `follow` has something to do without any event."""
    times = [memory[key].until for key in memory if memory[key].state != LIVE]
    if [key for key in memory if memory[key].state == PENDING]:
        times.append(hold_until)
    return min([time for time in times if time > now], default=None)
