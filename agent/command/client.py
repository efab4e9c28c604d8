"""Asks the agent over its socket: one line of words, answered by lines of JSON (docs/agent.md).

What comes is checked like anything from outside: too long a line, no JSON, no end or silence is
one clear line for the operator.
"""

import json

from agent.command.errors import OTHER, SYSTEM_CALL_FAILED, CommandError, NotRunning, TimedOut
from agent.daemon import places
from agent.port import clock, local, poll, process
from agent.port.errno import EACCES, ECONNREFUSED, ENOENT, ENOTDIR, EPERM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agent.daemon.places import Places

    Record = dict[str, Any]

PATIENCE = 10.0  # seconds that the agent may take to say the next thing, when it owes an answer
LONGEST_LINE = 1048576  # octets, as the agent bounds what it keeps for a client


class Conversation:
    """One request and its answer."""

    def __init__(self, path: str, words: list[str]) -> None:
        """Connect and ask. Raises NotRunning when nobody listens, CommandError otherwise."""
        self._path = path
        self._buffer = b""
        try:
            self._connection: local.Connection | None = local.connect(path)
        except OSError as error:
            if error.errno in (ENOENT, ENOTDIR, ECONNREFUSED):
                raise NotRunning(path) from None
            raise self._failed(error) from None
        self._send(" ".join(words).encode() + b"\n")

    def fileno(self) -> int:
        """Readable when next() has something."""
        return self._open().fileno()

    def next(self, deadline: float | None) -> "Record | None":
        """The next record, None at the good end of the answer; then the connection is closed.

        Raises CommandError with the agent's own code and line when it refused, TimedOut when
        `deadline` (seconds of the monotonic clock, None: never) passes.
        """
        while b"\n" not in self._buffer:
            if len(self._buffer) > LONGEST_LINE:
                raise self._wrong("a line of more than %d octets" % LONGEST_LINE)
            self._wait(deadline)
            self._read()
        line, _, self._buffer = self._buffer.partition(b"\n")
        record = self._parse(line)
        if "end" not in record:
            return record
        self.close()
        code, error = record["end"], record.get("error")
        if isinstance(code, bool) or not isinstance(code, int) or not 0 <= code < 256:
            raise self._wrong("an end that tells no code and error")
        if not code:
            return None
        if not isinstance(error, str):
            raise self._wrong("an end that tells no code and error")
        raise CommandError(code, error)

    def records(self, patience: float = PATIENCE) -> "list[Record]":
        """The whole answer of an agent that owes it now: it may pause for `patience` seconds."""
        found: list[Record] = []
        while True:
            try:
                record = self.next(clock.monotonic() + patience)
            except TimedOut:
                raise self._timed_out(patience) from None
            if record is None:
                return found
            found.append(record)

    def close(self) -> None:
        """End it; the answer's rest is not wanted."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> local.Connection:
        if self._connection is None:
            raise self._wrong("a request after that")
        return self._connection

    def _send(self, data: bytes) -> None:
        deadline = clock.monotonic() + PATIENCE
        try:
            while data:
                data = data[self._open().write(data) :]
                if data and not poll.ready([], deadline - clock.monotonic(), [self.fileno()]):
                    raise self._timed_out(PATIENCE)
        except OSError as error:
            raise self._failed(error) from None

    def _wait(self, deadline: float | None) -> None:
        while not poll.ready([self.fileno()], _left(deadline)):
            if deadline is not None and clock.monotonic() >= deadline:
                raise TimedOut("%s: the agent said nothing in time" % self._path)

    def _read(self) -> None:
        try:
            data = self._open().read()
        except OSError as error:
            raise self._failed(error) from None
        if data is None:
            return
        if not data:
            raise self._wrong("a closed connection")
        self._buffer += data

    def _parse(self, line: bytes) -> "Record":
        try:
            record = json.loads(line.decode())
        except (ValueError, TypeError, RuntimeError):  # UnicodeError is a ValueError
            record = None
        if not isinstance(record, dict):
            raise self._wrong("a line that is no JSON object")
        return record

    def _timed_out(self, patience: float) -> TimedOut:
        self.close()
        text = "%s: expected the agent's answer within %g s, got none"
        return TimedOut(text % (self._path, patience))

    def _wrong(self, got: str) -> CommandError:
        self.close()
        text = "%s: expected the agent's answer to its end, got %s" % (self._path, got)
        return CommandError(OTHER, text)

    def _failed(self, error: OSError) -> CommandError:
        text = "%s: %s" % (self._path, process.strerror(error.errno or 0))
        if error.errno in (EACCES, EPERM):
            text += "; root and the group frost may ask the agent"
        return CommandError(SYSTEM_CALL_FAILED, text)


def ask(where: "Places", words: list[str], patience: float = PATIENCE) -> "list[Record]":
    """The agent's whole answer to a request. Raises NotRunning, CommandError."""
    return Conversation(places.socket(where), words).records(patience)


def _left(deadline: float | None) -> float | None:
    if deadline is None:
        return None
    left = deadline - clock.monotonic()
    return left if left > 0 else 0.0
