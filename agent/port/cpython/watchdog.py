"""agent.port.watchdog on CPython."""

import fcntl
import os
import struct

__all__ = ["Watchdog"]

WDIOC_SETTIMEOUT = 0xC0045706  # linux/watchdog.h: _IOWR('W', 6, int), the same on mips


class Watchdog:
    """An open watchdog device."""

    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_WRONLY)

    def set_timeout(self, seconds: int) -> int:
        """How long it waits for its food."""
        told = fcntl.ioctl(self._fd, WDIOC_SETTIMEOUT, struct.pack("i", seconds))
        return int(struct.unpack("i", told)[0])

    def feed(self) -> None:
        """Count anew."""
        os.write(self._fd, b"\0")

    def close(self, disarm: bool) -> None:
        """Let go of it."""
        if disarm:
            os.write(self._fd, b"V")
        os.close(self._fd)
