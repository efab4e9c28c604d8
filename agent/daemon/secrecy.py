"""Keeps declared secrets out of facts, and so out of all that is shown or recorded.

A secret's fact is `secret ` and a part of a salted hash: it changes when the secret does and tells
nothing else. The salt lives as long as /run, so that the agent's restart changes no fact.
"""

import hashlib

from agent import outputs
from agent.graph.model import FILE, is_secret
from agent.port import clock, files
from agent.port.errno import ENOENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.daemon.places import Places
    from agent.graph.model import Graph

SALT_SIZE = 16  # octets
SHOWN = 8  # hexadecimal digits


class Secrecy:
    """What is a secret in a graph, and what stands for it in the facts."""

    def __init__(self, graph: "Graph", where: "Places") -> None:
        self._where = where
        self._salt = b""
        self.follow(graph)

    def follow(self, graph: "Graph") -> None:
        """Another graph's declarations."""
        self._graph = graph

    def fact(self, output: str, value: str | None) -> str | None:
        """The fact for an output's value: the value, or what stands for it."""
        if value is None or not is_secret(self._graph, output):
            return value
        return self._stand_in(value)

    def hide(self, name: str, values: dict[str, str]) -> dict[str, str]:
        """The values in a service's directory as facts."""
        shown = dict(values)
        for reference in self._graph.services[name].references:
            key = reference.place + " " + reference.name
            if reference.secret and key in shown:
                shown[key] = self._stand_in(shown[key])
        return shown

    def reveal(self, name: str, values: dict[str, str]) -> dict[str, str] | None:
        """The values to write into a service's directory, secrets read from their outputs.

        None when a secret is not what was decided on any more: the change is about to be told.
        """
        written = dict(values)
        for reference in self._graph.services[name].references:
            key = reference.place + " " + reference.name
            if not reference.secret or reference.place != FILE or key not in values:
                continue
            service, _, path = reference.output.partition("/")
            value = (outputs.read(self._where.outputs, service) or {}).get(path)
            if value is None or self._stand_in(value) != values[key]:
                return None
            written[key] = value
        return written

    def _stand_in(self, value: str) -> str:
        if not self._salt:
            self._salt = self._read_salt()
        digest = hashlib.sha256(self._salt + value.encode()).digest()
        return "secret " + "".join(["%02x" % octet for octet in digest])[:SHOWN]

    def _read_salt(self) -> bytes:
        path = self._where.run + "/salt"
        try:
            salt = files.read(path)
        except OSError as error:
            if error.errno != ENOENT:
                raise
            salt = b""
        if len(salt) != SALT_SIZE:
            salt = clock.random(SALT_SIZE)
            files.write(path + ".new", salt, 0o600)
            files.rename(path + ".new", path)
        return salt
