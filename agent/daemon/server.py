"""Answers `frost` on a unix socket: requests are lines of words, answers are lines of JSON.

docs/agent.md has the protocol. Nobody who connects can delay the agent: what is sent waits in a
bounded buffer, and who lets it fill is cut off.
"""

import json

from agent.port import files, local

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    # Answers a request: words, the client's number -> records to send, or None when the end comes
    # later (finish).
    Records = list[dict[str, Any]] | list[str]
    Answer = Callable[[list[str], int], "Records | None"]

LONGEST_REQUEST = 512  # octets
LONGEST_PENDING = 1048576  # octets that a client may leave unread
MOST_CLIENTS = 64


class Client:
    """One connection: what came of a request, what is still to be sent."""

    def __init__(self, connection: local.Connection) -> None:
        self.connection = connection
        self.request = b""
        self.pending = b""
        self.ended = False  # nothing follows what is pending


class Server:
    """Listens at `path`, owned by root and `group`; `answer` decides what is said."""

    def __init__(self, path: str, group: int, answer: "Answer") -> None:
        # Nobody but root until the group has it.
        self._listener = local.Listener(path, 0o600)
        if group >= 0:
            files.set_owner(path, 0, group)
            files.set_mode(path, 0o660)
        self._answer = answer
        # By a number of their own: a descriptor's would be the next client's too, and who still
        # remembers the one that left would answer the other.
        self._clients: dict[int, Client] = {}
        self._last = 0

    def readers(self) -> list[int]:
        """Descriptors whose reading is handle()'s."""
        return [self._listener.fileno()] + sorted(self._filenos())

    def writers(self) -> list[int]:
        """Descriptors that have something to send."""
        waiting = [client for client in self._clients.values() if client.pending]
        return sorted([client.connection.fileno() for client in waiting])

    def handle(self, ready: list[int]) -> None:
        """Take in and send what can be, for descriptors that are ready."""
        numbers = self._filenos()
        for fileno in sorted(set(ready)):
            client = self._clients.get(numbers.get(fileno, 0))
            if client is not None:
                self._serve(numbers[fileno], client)
            elif fileno == self._listener.fileno():
                self._accept()

    def send(self, number: int, records: "Records") -> None:
        """Send records, as dicts or as lines of JSON, to a client; one that left is no error."""
        client = self._clients.get(number)
        if client is None or client.ended:
            return
        for record in records:
            line = record if isinstance(record, str) else json.dumps(record)
            client.pending += line.encode() + b"\n"
        if len(client.pending) > LONGEST_PENDING:
            self._drop(number)
        else:
            self._flush(number, client)

    def finish(self, number: int, code: int, error: str = "") -> None:
        """Send the last line of an answer; the connection ends when it is sent."""
        record: dict[str, Any] = {"end": code}
        if error:
            record["error"] = error
        self.send(number, [record])
        client = self._clients.get(number)
        if client is not None:
            client.ended = True
            if not client.pending:
                self._drop(number)

    def is_here(self, number: int) -> bool:
        """Whether that client is still connected."""
        return number in self._clients

    def close(self) -> None:
        """End all connections and stop listening."""
        for number in sorted(self._clients):
            self._drop(number)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            connection = self._listener.accept()
            if connection is None:
                return
            if len(self._clients) >= MOST_CLIENTS:
                connection.close()
            else:
                self._last += 1
                self._clients[self._last] = Client(connection)

    def _filenos(self) -> dict[int, int]:
        """The clients' numbers by their descriptors."""
        return {self._clients[n].connection.fileno(): n for n in self._clients}

    def _serve(self, number: int, client: Client) -> None:
        self._flush(number, client)
        try:
            data = client.connection.read() if number in self._clients else None
        except OSError:
            data = b""
        if data is None:
            return
        if not data:
            self._drop(number)
            return
        if client.ended or client.request == b"\n":
            return  # one request a connection
        client.request += data
        line, newline, _ = client.request.partition(b"\n")
        if not newline and len(line) <= LONGEST_REQUEST:
            return
        client.request = b"\n"
        self._reply(number, line)

    def _reply(self, number: int, line: bytes) -> None:
        try:
            words = line.decode().split(" ")
        except UnicodeError:
            words = []
        if not words or len(line) > LONGEST_REQUEST:
            self.finish(number, 100, "expected a request of at most %d octets" % LONGEST_REQUEST)
            return
        records = self._answer(words, number)
        if records is not None:
            self.send(number, records)
            self.finish(number, 0)

    def _flush(self, number: int, client: Client) -> None:
        try:
            while client.pending:
                taken = client.connection.write(client.pending)
                if not taken:
                    return
                client.pending = client.pending[taken:]
        except OSError:
            self._drop(number)  # gone: EPIPE, ECONNRESET
            return
        if client.ended:
            self._drop(number)

    def _drop(self, number: int) -> None:
        self._clients.pop(number).connection.close()
