"""Status files as s6-supervise 2.11.3.2 wrote them, and those that it would never write."""

from agent.s6 import status
from agent.s6.status import Status, StatusError

# stamps of 2026-11-24 00:08:26 and 00:09:06 UTC
STARTED = "400000006b04d5c62322fcfa"
ENDED = "400000006b04d5c711930cb4"


def record(stamp: str, readystamp: str, pid: int, wstat: int, flags: int) -> bytes:
    """A status file of 2.11."""
    return bytes.fromhex(stamp + readystamp + "%016x%04x%02x" % (pid, wstat, flags))


def test_a_service_that_never_ran_has_no_exit() -> None:
    assert status.decode(record(STARTED, STARTED, 0, 0, 8)) == Status(
        0, STARTED, False, None, False, False, False
    )


def test_a_service_that_runs_has_a_process_and_is_ready_when_it_said_so() -> None:
    up = Status(9961, ENDED, False, None, False, False, True)
    assert status.decode(record(ENDED, STARTED, 9961, 256, 4)) == up
    assert status.decode(record(ENDED, ENDED, 9961, 256, 12)) == Status(
        9961, ENDED, True, None, False, False, True
    )


def test_a_paused_service_is_up() -> None:
    assert status.decode(record(ENDED, STARTED, 7, 0, 1)) == Status(
        7, ENDED, False, None, False, True, False
    )


def test_an_end_tells_the_exit_code_or_the_signal() -> None:
    codes = {0: 0, 256: 1, 42 << 8: 42, 255 << 8: 255, 15: -15, 9: -9, 0x80 | 11: -11}
    for wstat in sorted(codes):
        found = status.decode(record(ENDED, STARTED, 0, wstat, 8))
        assert found == Status(0, ENDED, False, codes[wstat], False, False, False), wstat


def test_while_the_finish_script_runs_the_daemon_has_no_process() -> None:
    assert status.decode(record(ENDED, STARTED, 4711, 42 << 8, 2)) == Status(
        0, ENDED, False, 42, True, False, False
    )


def test_newer_versions_put_the_process_group_behind_the_process() -> None:
    octets = record(ENDED, STARTED, 9961, 256, 12)
    assert status.decode(octets[:32] + bytes(8) + octets[32:]) == status.decode(octets)


def test_what_is_no_status_is_refused() -> None:
    for octets, got in ((b"", "0"), (bytes(34), "34"), (bytes(36), "36"), (bytes(44), "44")):
        text = "expected a status of 35 or 43 octets, got " + got
        assert refusal(octets) == text
    text = "expected a process number, got 4294967296"
    assert refusal(record(ENDED, STARTED, 1 << 32, 0, 0)) == text


def refusal(octets: bytes) -> str:
    """The text of the error."""
    try:
        status.decode(octets)
    except StatusError as error:
        return "%s" % error
    raise AssertionError("no error")


def test_a_stamp_tells_the_time_on_the_wall() -> None:
    # s6-tai64nlocal with TZ=UTC: 2026-11-24 00:09:06
    assert status.seconds(ENDED) == 1795478946
