"""agent.port.watchdog in the frozen binary."""

import _linux

__all__ = ["Watchdog"]

WDIOC_SETTIMEOUT = 0xC0045706  # linux/watchdog.h: _IOWR('W', 6, int), the same on mips


class Watchdog:
    """An open watchdog device."""

    def __init__(self, path: str) -> None:
        self._fd = _linux.open(path, _linux.O_WRONLY)

    def set_timeout(self, seconds: int) -> int:
        """How long it waits for its food."""
        return _linux.ioctl(self._fd, WDIOC_SETTIMEOUT, seconds)  # type: ignore[no-any-return]

    def feed(self) -> None:
        """Count anew."""
        _linux.write(self._fd, b"\0")

    def close(self, disarm: bool) -> None:
        """Let go of it."""
        if disarm:
            _linux.write(self._fd, b"V")
        _linux.close(self._fd)
