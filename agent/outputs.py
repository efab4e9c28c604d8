"""The outputs tree: what running services tell the others, as files.

`ROOT/SERVICE` is a link to a complete generation of the service's values, one value a file. A
publication replaces the link, so a reader sees the old values or the new ones, never a mix, and
one watch on ROOT sees the changes of every service. docs/outputs.md has the protocol, also for
shell scripts; agent.values says what a name and a value may be; agent.generations does the files.

All functions raise OutputsError with one line for people: what was expected where, what was got.
"""

from collections import namedtuple

from agent.generations import Generations, make_folders
from agent.names import is_service_name
from agent.port import files, process
from agent.port.errno import EINVAL, ENOSPC
from agent.port.records import (
    IN_CREATE,
    IN_DELETE,
    IN_DELETE_SELF,
    IN_IGNORED,
    IN_MOVE_SELF,
    IN_MOVED_FROM,
    IN_MOVED_TO,
    IN_Q_OVERFLOW,
)
from agent.values import OutputsError, check_memo, check_service, check_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NamedTuple

    class Snapshot(NamedTuple):
        values: "dict[str, str] | None"
        memo: str

else:
    # values: {path: text}, None when nothing is published. memo: the publisher's private note,
    # "" when there is none.
    Snapshot = namedtuple("Snapshot", ("values", "memo"))

__all__ = ["OutputsError", "Snapshot", "Watch", "clear", "generation", "peek", "publish", "read"]
__all__ += ["update"]

# A reader is overtaken when a generation is removed while it reads, which takes KEEP_MOST
# publications meanwhile. That this happens so often in a row means that it makes no progress.
ATTEMPTS = 100
CHANGES = IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE


def read(root: str, service: str) -> dict[str, str] | None:
    """The values that the service has published, from one moment; None: it has none."""
    check_service(service)
    generations = Generations(root, service)
    before = 0
    try:
        for _ in range(ATTEMPTS):
            number = generations.current()
            if not number:
                return None
            values = generations.load(number)
            if values is not None:
                return values
            # What the link names is never removed: this link was not made by a publisher.
            if number == before:
                raise OutputsError("%s: expected its generation, got none" % generations.link)
            before = number
    except OSError as error:
        raise OutputsError("%s: expected to read, got %s" % (generations.link, _text(error)))
    text = "%s: expected to read one generation, got overtaken %d times"
    raise OutputsError(text % (generations.link, ATTEMPTS))


def generation(root: str, service: str) -> int:
    """The number of what the service publishes now, greater with each publication; 0: nothing."""
    check_service(service)
    generations = Generations(root, service)
    try:
        return generations.current()
    except OSError as error:
        raise OutputsError("%s: expected to read, got %s" % (generations.link, _text(error)))


def peek(root: str, service: str) -> Snapshot:
    """What update() would hand to `decide`, without the lock: nothing is made, nothing changes.

    Values and memo are of one generation. For those who only look, and where nobody may write.
    """
    check_service(service)
    generations = Generations(root, service)
    try:
        for _ in range(ATTEMPTS):
            number = _current(generations)
            snapshot = _before(generations, number, True)
            # What the link names is never removed, so it was all there.
            if _current(generations) == number:
                return snapshot
    except OSError as error:
        raise OutputsError("%s: expected to read, got %s" % (generations.link, _text(error)))
    text = "%s: expected to read one generation, got overtaken %d times"
    raise OutputsError(text % (generations.link, ATTEMPTS))


def publish(root: str, service: str, values: dict[str, str]) -> bool:
    """Publish these values in place of all earlier ones. False: they were the same, no event."""
    return update(root, service, lambda before: Snapshot(values, before.memo))


def clear(root: str, service: str, wait: bool = True) -> bool | None:
    """Publish nothing any more. False: nothing was published. The memo goes too.

    None, only without `wait`: another publisher of this service has its turn, try again.
    """
    return _update(root, service, lambda before: Snapshot(None, ""), wait)


def update(root: str, service: str, decide: "Callable[[Snapshot], Snapshot | None]") -> bool:
    """Publish what `decide` makes of what is published, with other publishers kept out meanwhile.

    decide(before) returns the whole Snapshot to publish or None to leave everything as it is.
    Texts of `before` are not checked (somebody else may have written them); what is returned is.
    Values and memo change together. A memo that changes alone is no event. Values None clears.
    Returns True when there was an event: other values than before.
    """
    return bool(_update(root, service, decide, True))


def _update(
    root: str, service: str, decide: "Callable[[Snapshot], Snapshot | None]", wait: bool
) -> bool | None:
    """The same; without `wait` None when it is another publisher's turn."""
    check_service(service)
    generations = Generations(root, service)
    turn = -1
    state = "what was published before stays"
    try:
        turn = generations.lock(wait)
        if turn < 0:
            return None
        before = _before(generations, _current(generations), False)
        generations.clean()
        after = decide(before)
        if after is None or not _replace(service, generations, before, after):
            return False
        # Last, so that nobody waits for it who waits for the values.
        state = "the new values are published, old ones could not be removed"
        generations.expire()
        return True
    except OSError as error:
        where = generations.link + (": " + generations.at if generations.at else "")
        raise OutputsError("%s: expected to publish, got %s; %s" % (where, _text(error), state))
    finally:
        if turn >= 0:
            files.unlock(turn)


def _current(generations: Generations) -> int:
    """The number that is published; 0 also for a damaged link that publishing can replace."""
    try:
        return generations.current()
    except OutputsError:
        if not generations.is_replaceable():
            raise
        return 0


def _before(generations: Generations, number: int, in_full: bool) -> Snapshot:
    """What is published. A damaged generation counts as none, so that publishing repairs it."""
    if not number:
        return Snapshot(None, "")
    try:
        values = generations.load(number, in_full)
        return Snapshot(values, "" if values is None else generations.memo(number))
    except (OutputsError, UnicodeError):
        return Snapshot(None, "")


def _replace(service: str, generations: Generations, before: Snapshot, after: Snapshot) -> bool:
    """Bring the files from `before` to `after` with the least that does it; whether by an event."""
    if after.values is None:
        return generations.clear()
    memo = check_memo(service, after.memo)
    if after.values == before.values:
        if after.memo != before.memo:
            generations.replace_memo(memo)
        return False
    entries = check_values(service, after.values)
    try:
        generations.publish(entries, memo)
    except OSError as error:
        # What may go by now makes room.
        if error.errno != ENOSPC or not generations.expire():
            raise
        generations.publish(entries, memo)
    return True


def _text(error: OSError) -> str:
    return process.strerror(error.errno or EINVAL)


class Watch:
    """Tells which services' outputs changed. Take it first, then read: no change is missed."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._watch = files.Watch()
        self._add()

    def _add(self) -> None:
        """Watch the root, which is made when missing."""
        try:
            make_folders(self._root)
            self._wd = self._watch.add(self._root, CHANGES | IN_DELETE_SELF | IN_MOVE_SELF)
        except OSError as error:
            raise OutputsError("%s: expected to watch, got %s" % (self._root, _text(error)))

    def fileno(self) -> int:
        """Readable when something changed."""
        return self._watch.fileno()

    def read(self) -> list[str] | None:
        """The names of the services that changed, sorted; [] for none so far. Never waits.

        None: what changed is not known, look at all. The kernel's queue overflowed, or the root
        was removed and is watched anew.
        """
        names: set[str] = set()
        known = True
        while True:
            events = self._watch.read()
            if not events:
                return sorted(names) if known else None
            for wd, mask, _, name in events:
                if mask & IN_Q_OVERFLOW:
                    known = False
                elif wd != self._wd:
                    continue  # an earlier root
                elif mask & IN_MOVE_SELF:
                    self._watch.remove(wd)  # IN_IGNORED follows
                elif mask & IN_IGNORED:
                    self._add()
                    known = False
                elif is_service_name(name):
                    names.add(name)

    def close(self) -> None:
        """Stop watching."""
        self._watch.close()
