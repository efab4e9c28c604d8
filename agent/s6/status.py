"""What s6-supervise says about a service: its `supervise/status` file. Pure.

s6 2.11 writes 35 octets (src/libs6/s6_svstatus_pack.c), big-endian: the stamp of the last change
and that of readiness (TAI64N, 12 octets each), the process (8), how the last one ended (wait(2)'s
status, 2), flags (1). Since 2.12 the process's group (8 octets) follows the process. The file
arrives by rename, so a reader has all of it or none.
"""

import struct
from collections import namedtuple

SIZE = 35
SIZE_WITH_GROUP = 43
# s6_svstatus_pack.c
FLAG_PAUSED, FLAG_FINISHING, FLAG_WANT_UP, FLAG_READY = 1, 2, 4, 8
# TAI64 counts from 2^62. TAI is 37 s ahead of UTC since 2017 (IERS Bulletin C), and so is skalibs.
TAI_EPOCH = (1 << 62) + 37

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    class Status(NamedTuple):
        pid: int
        stamp: str
        ready: bool
        exit: "int | None"
        ending: bool
        paused: bool
        want: bool

else:
    # pid: the daemon's; 0 when it is down, also while its finish script runs (ending). stamp: 24
    # hex digits that differ after every start and every end. ready: up, and told so on the
    # notification descriptor. exit: code, -N for signal N; None while up and before the first
    # end. paused: stopped by s6-svc -p. want: s6 would start it again by itself.
    Status = namedtuple("Status", ("pid", "stamp", "ready", "exit", "ending", "paused", "want"))


class StatusError(Exception):
    """Not a status file that this version knows; the text tells what was got."""


def decode(octets: bytes) -> Status:
    """What the octets of `supervise/status` say; StatusError when they are no status."""
    if len(octets) not in (SIZE, SIZE_WITH_GROUP):
        text = "expected a status of %d or %d octets, got %d"
        raise StatusError(text % (SIZE, SIZE_WITH_GROUP, len(octets)))
    high, pid = struct.unpack_from(">II", octets, 24)
    if high:
        raise StatusError("expected a process number, got %d" % (high << 32 | pid))
    wstat = octets[-3] << 8 | octets[-2]
    flags = octets[-1]
    ending = bool(flags & FLAG_FINISHING)
    up = pid != 0 and not ending
    # Before the first end both stamps are the same and wstat is 0, as after a success.
    never = octets[:12] == octets[12:24] and not wstat
    return Status(
        pid if up else 0,
        octets[:12].hex(),
        up and bool(flags & FLAG_READY),
        None if up or never else _exit(wstat),
        ending,
        bool(flags & FLAG_PAUSED),
        bool(flags & FLAG_WANT_UP),
    )


def _exit(wstat: int) -> int:
    """wait(2): the low 7 bits are the signal that ended it, 0 for an exit."""
    return -(wstat & 0x7F) if wstat & 0x7F else wstat >> 8


def seconds(stamp: str) -> int:
    """When that start or end was: seconds since 1970 by the wall clock of that moment."""
    return int(stamp[:16], 16) - TAI_EPOCH
