"""Faults to plant in the port, on either runtime: each must make a contract fail.

`plant(NAME)` breaks one function of agent.port as NAME's line says and runs the contract that has
to notice. tests/test_port_faults_files.py calls it and wants an AssertionError.
"""

from agent.port import clock, files, local, poll, process
from agent.port.records import IN_Q_OVERFLOW
from tests.contract import test_files, test_local, test_process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any


def _truncated(path: str, read: "Any" = files.read) -> bytes:
    return read(path)[:512]  # type: ignore[no-any-return]


def _appended(path: str, data: bytes, mode: int = 0o644, write: "Any" = files.write) -> None:
    write(path, (files.read(path) if files.kind(path) else b"") + data, mode)


def _any_mode(path: str, data: bytes, mode: int = 0o644, write: "Any" = files.write) -> None:
    write(path, data)


def _unsorted(path: str, listing: "Any" = files.listing) -> list[str]:
    return list(reversed(listing(path)))


def _blind(self: "Any", read: "Any" = files.Watch.read) -> "Any":
    return [event for event in read(self) if event[1] != IN_Q_OVERFLOW]


def _cookieless(self: "Any", read: "Any" = files.Watch.read) -> "Any":
    return [(wd, mask, 0, name) for wd, mask, _, name in read(self)]


def _shared(path: str, wait: bool = True, lock: "Any" = files.lock) -> int:
    return lock("%s.%d" % (path, len(files.listing("/proc/self/fd"))))  # type: ignore[no-any-return]


def _naive_start(pid: int) -> int | None:
    if files.kind("/proc/%d" % pid):
        return int(files.read("/proc/%d/stat" % pid).split()[21])
    return None


def _ignoring_environ(argv, environ=None, stdin=-1, stdout=-1, stderr=-1, spawn=process.spawn):
    return spawn(argv, None, stdin, stdout, stderr)


def _signalless(pid: int, block: bool = True, wait: "Any" = process.wait) -> int | None:
    code = wait(pid, block)
    return None if code is None else abs(code)


def _unbounded(path: str, most: int = -1, read: "Any" = files.read) -> bytes:
    return read(path) if path != "/dev/zero" else b""


def _any_descriptor(fd: int) -> bool:
    return files.kind("/proc/self/fd/%d" % fd) != ""


def _open_notify(fd: int) -> None:
    process.write(fd, b"\n")


def _repeated(self: "Any", read: "Any" = process.Signals.read) -> list[int]:
    return read(self) * 2  # type: ignore[no-any-return]


def _early(filenos: list[int], timeout: float | None, ready: "Any" = poll.ready) -> list[int]:
    return ready(filenos, timeout and timeout / 50)  # type: ignore[no-any-return]


def _any_order(filenos: list[int], timeout: float | None, ready: "Any" = poll.ready) -> list[int]:
    return sorted(ready(filenos, timeout))


def _own_clock(monotonic: "Any" = clock.monotonic) -> float:
    return monotonic() - 100  # type: ignore[no-any-return]


def _any_socket_mode(
    self: "Any", path: str, mode: int, make: "Any" = local.Listener.__init__
) -> None:
    make(self, path, 0o777)


def _readers_only(filenos, timeout, writers=None, ready=poll.ready):
    return ready(filenos, min(timeout or 0, 0.1))


# name: (where it is planted, the attribute, what is planted, the contract that notices)
FAULTS: "dict[str, tuple[Any, str, Any, ModuleType, str]]" = {
    "read-truncated": (files, "read", _truncated, test_files, "test_what_is_written_is_read"),
    "read-unbounded": (
        files,
        "read",
        _unbounded,
        test_files,
        "test_no_more_is_read_than_asked_for",
    ),
    "writable-readers": (
        process,
        "is_writable",
        _any_descriptor,
        test_process,
        "test_writable_is_what_is_open_for_writing",
    ),
    "write-appends": (files, "write", _appended, test_files, "test_what_is_written_is_read"),
    "write-any-mode": (files, "write", _any_mode, test_files, "test_modes_are_what_is_asked_for"),
    "listing-unsorted": (
        files,
        "listing",
        _unsorted,
        test_files,
        "test_a_listing_is_sorted_and_has_text_only",
    ),
    "watch-no-overflow": (
        files.Watch,
        "read",
        _blind,
        test_files,
        "test_an_overflow_is_told_after_the_events_that_fitted",
    ),
    "watch-no-cookie": (
        files.Watch,
        "read",
        _cookieless,
        test_files,
        "test_a_watch_tells_what_happened_in_order",
    ),
    "lock-shared": (
        files,
        "lock",
        _shared,
        test_files,
        "test_a_lock_keeps_others_out_until_it_is_let_go",
    ),
    "start-time-by-words": (
        process,
        "start_time",
        _naive_start,
        test_process,
        "test_a_start_time_tells_processes_apart_whatever_they_are_called",
    ),
    "spawn-environ": (
        process,
        "spawn",
        _ignoring_environ,
        test_process,
        "test_a_child_inherits_the_environment_unless_given_one",
    ),
    "wait-no-signal": (
        process,
        "wait",
        _signalless,
        test_process,
        "test_wait_gives_the_exit_code_or_the_signal",
    ),
    "socket-any-mode": (
        local.Listener,
        "__init__",
        _any_socket_mode,
        test_local,
        "test_a_socket_left_by_a_killed_listener_is_replaced",
    ),
    "poll-no-writers": (
        poll,
        "ready",
        _readers_only,
        test_local,
        "test_writing_never_waits_for_a_reader",
    ),
    "signals-twice": (
        process.Signals,
        "read",
        _repeated,
        test_process,
        "test_signals_are_read_once_each",
    ),
    "poll-early": (poll, "ready", _early, test_process, "test_poll_never_comes_back_early"),
    "poll-order": (
        poll,
        "ready",
        _any_order,
        test_process,
        "test_poll_gives_the_readable_ones_in_the_order_asked",
    ),
    "clock-own": (
        clock,
        "monotonic",
        _own_clock,
        test_process,
        "test_the_monotonic_clock_is_the_same_in_every_process",
    ),
}


def plant(name: str) -> None:
    """Break the port and run the contract."""
    place, attribute, fault, module, contract = FAULTS[name]
    setattr(place, attribute, fault)
    getattr(module, contract)()
