"""What a build says while it works: one line a step, with its seconds, on standard error."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


class Progress:
    """Steps of a build. On a terminal the running one is shown, too."""

    def __init__(self, stream: TextIO | None = None, quiet: bool = False) -> None:
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._begun = time.monotonic()

    @contextmanager
    def step(self, what: str) -> Iterator[list[str]]:
        """A step; what is put into the list that this gives stands behind its name."""
        more: list[str] = []
        begun = time.monotonic()
        if self._stream.isatty() and not self._quiet:
            self._stream.write(f"        {what} ...\r")
            self._stream.flush()
        yield more
        self._line(f"{time.monotonic() - begun:6.1f} s {what}" + "".join(f", {x}" for x in more))

    def end(self, what: str) -> None:
        """The last line: what was made, and the seconds of all."""
        self._line(f"{time.monotonic() - self._begun:6.1f} s {what}")

    def _line(self, text: str) -> None:
        if not self._quiet:
            clear = "\x1b[K" if self._stream.isatty() else ""
            self._stream.write(f"{text}{clear}\n")
            self._stream.flush()
