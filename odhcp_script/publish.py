"""From a lease to outputs: which calls count, what they publish, what the publisher remembers.

Pure: the lease, what is published, the memo kept beside it and the call's own place in the order
come in, the next values and memo go out. The rule not to break: a call that changes nothing but
counted-down lifetimes gives the very values that are published already.
"""

from collections import namedtuple

from agent import ip
from odhcp_script.grammar import INFINITE
from odhcp_script.lease import (
    clock_text,
    clock_value,
    digest,
    entry_folder,
    is_digits,
    lifetime_text,
    route_folder,
)

JITTER = 1500  # ms: hooks get whole seconds, so a deadline moves by up to one with each call
HALF = 1 << 14  # two calls of one clock tick are never this many processes apart
MOST_TOLD = 128  # complaints that are remembered; a call has some 20 items of a kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple

    from odhcp_script.lease import Complaint, Entry, Lease, Route

    class Memo(NamedTuple):
        """What the publisher remembers of the call that it published last.

        start: the process's start in clock ticks since boot; pid: its number; ready: the
        notification pipe that has had its newline; told: what new_complaints() remembers;
        rest: the front end's own notes.
        """

        start: int
        pid: int
        ready: str
        told: str
        rest: str

else:
    Memo = namedtuple("Memo", ("start", "pid", "ready", "told", "rest"))


def parse_memo(text: str) -> "Memo | None":
    """The memo that memo_text wrote; None when there is none or it is not ours."""
    head, _, rest = text.partition("\n")
    words = head.split(" ")
    if len(words) != 4 or not is_digits(words[0]) or not is_digits(words[1]):
        return None
    ready, told = ["" if word == "-" else word for word in words[2:]]
    return Memo(int(words[0]), int(words[1]), ready, told, rest)


def memo_text(memo: "Memo") -> str:
    """One line `start pid ready told`, then the front end's notes."""
    head = "%d %d %s %s" % (memo.start, memo.pid, memo.ready or "-", memo.told or "-")
    return head + "\n" + memo.rest if memo.rest else head


def new_complaints(complaints: "list[Complaint]", told: str) -> "tuple[list[Complaint], str]":
    """Those that the call before did not have, and what the next call is to know of all of these.

    An item is known by its first field: the lifetimes behind it count down with each call.
    """
    before = told.split(",")
    new = []
    now: list[str] = []
    for complaint in complaints:
        field = complaint.got.partition(b",")[0]
        name = digest(("%s %s " % (complaint.where, complaint.expected)).encode() + field)
        if name not in before:
            new.append(complaint)
        if name not in now and len(now) < MOST_TOLD:
            now.append(name)
    return new, ",".join(now)


def is_stale(memo: "Memo | None", start: int, pid: int) -> bool:
    """Whether a call was forked before the one that is published already.

    Processes of one clock tick are told apart by pid; a distance beyond HALF means that the
    kernel began again at the lowest pid.
    """
    if memo is None or start > memo.start:
        return False
    if start < memo.start:
        return True
    return pid < memo.pid if abs(pid - memo.pid) < HALF else pid > memo.pid


def render(lease: "Lease", ifname: str, previous: dict[str, str] | None) -> dict[str, str]:
    """The outputs of a lease: {name: text}.

    `previous` is what is published: its texts are kept where a lifetime only counted down.
    """
    before = previous or {}
    values = dict(lease.plain)
    values["ifname"] = ifname
    values["state"] = lease.word or _word(before.get("state", ""))
    for folder, (address, entry) in _longest(_named_entries(lease)):
        _add_entry(values, folder, address, entry, lease.is_frozen, before)
    for folder, (texts, route) in _longest(_named_routes(lease)):
        _add_route(values, folder, texts, route, lease.is_frozen, before)
    return values


def _named_entries(lease: "Lease") -> "list[tuple[str, tuple[str, Entry]]]":
    """(folder, (address, entry)) of each entry."""
    named = []
    for entry in lease.entries:
        address = ip.format6(entry.value)
        named.append((entry_folder(entry, address), (address, entry)))
    return named


def _named_routes(lease: "Lease") -> "list[tuple[str, tuple[tuple[str, str], Route]]]":
    """(folder, ((destination, gateway), route)) of each route."""
    named = []
    for route in lease.routes:
        texts = ip.format6(route.destination), ""
        if route.gateway is not None:
            texts = texts[0], ip.format6(route.gateway)
        named.append((route_folder(route, texts[0], texts[1]), (texts, route)))
    return named


def _longest(named: "list[tuple[str, Any]]") -> "list[tuple[str, Any]]":
    """The facts by folder; of one that is told twice the longer lived holds."""
    best: dict[str, Any] = {}
    for folder, fact in named:
        other = best.get(folder)
        if other is None or _span(other[1]) < _span(fact[1]):
            best[folder] = fact
    return list(best.items())


def _span(fact: "Any") -> tuple[int, int]:
    """What a duplicate is judged by; a route has a metric in place of a preferred lifetime."""
    return fact.valid, fact.metric if hasattr(fact, "metric") else fact.preferred


def _word(before: str) -> str:
    """The state when there is no lease and the call says only that something was updated.

    A `bound` that is still published was followed by an unbound that got lost; after `stopped`,
    or with nothing published, it was a `started`.
    """
    return "unbound" if before in ("bound", "unbound") else "started"


def _add_entry(
    values: dict[str, str],
    folder: str,
    address: str,
    entry: "Entry",
    is_frozen: bool,
    before: dict[str, str],
) -> None:
    name = folder + ("/prefix" if entry.kind == "prefix" else "/address")
    values[name] = address
    values[folder + "/length"] = str(entry.length)
    _add_lifetime(values, folder + "/preferred", entry.preferred, entry.told, is_frozen, before)
    _add_lifetime(values, folder + "/valid", entry.valid, entry.told, is_frozen, before)
    if entry.klass:
        values[folder + "/class"] = entry.klass
    if entry.excluded_length:
        values[folder + "/excluded"] = ip.format6(entry.excluded)
        values[folder + "/excluded-length"] = str(entry.excluded_length)


def _add_route(
    values: dict[str, str],
    folder: str,
    texts: tuple[str, str],
    route: "Route",
    is_frozen: bool,
    before: dict[str, str],
) -> None:
    values[folder + "/destination"] = texts[0]
    values[folder + "/length"] = str(route.length)
    values[folder + "/metric"] = str(route.metric)
    if texts[1]:
        values[folder + "/gateway"] = texts[1]
    _add_lifetime(values, folder + "/valid", route.valid, route.told, is_frozen, before)


def _add_lifetime(
    values: dict[str, str],
    name: str,
    seconds: int,
    told: int,
    is_frozen: bool,
    before: dict[str, str],
) -> None:
    """One lifetime as told and its deadline; both as published when it only counted down.

    Zero counts from when it was told first (or had run out by itself). A frozen call may repeat
    lifetimes of long ago, so a deadline that is published is never moved up by it.
    """
    text = lifetime_text(seconds)
    deadline = None if seconds == INFINITE else told + seconds * 1000
    until = name + "-until"
    old_text = before.get(name)
    if old_text is not None:
        old = clock_value(before.get(until, ""))
        if seconds == 0:
            deadline = told if old is None else min(old, told)
        elif (
            old is not None and is_digits(old_text) and _is_kept(old, old_text, deadline, is_frozen)
        ):
            text, deadline = old_text, old
    values[name] = text
    values[until] = "infinity" if deadline is None else clock_text(deadline)


def _is_kept(old: int, old_text: str, deadline: int | None, is_frozen: bool) -> bool:
    """Whether the published deadline stands for a lifetime told that is not zero."""
    if is_frozen and (deadline is None or old <= deadline):
        return True
    return deadline is not None and old_text != "0" and abs(deadline - old) <= JITTER
