"""The watchdog's port. A device is there in tests/machine alone; here is what goes wrong."""

from agent.port import errno
from agent.port.watchdog import Watchdog
from tests.contract.tables import errno_of

ENOTTY, EBADF = 25, 9  # asm-generic/errno-base.h, and mips has them there, too


def test_a_device_that_is_not_there_is_told() -> None:
    assert errno_of(Watchdog, "/dev/nonesuch") == errno.ENOENT


def test_what_is_no_watchdog_has_no_timeout() -> None:
    made = Watchdog("/dev/null")
    assert errno_of(made.set_timeout, 60) == ENOTTY
    made.feed()
    made.close(True)
    assert errno_of(made.feed) == EBADF
