"""What the agent answers on its socket: docs/agent.md has the protocol.

A request is words; names in it are checked here, and nothing else of it is used.
"""

from agent.daemon.agent import Agent
from agent.daemon.server import Server
from agent.graph import spelling
from agent.port import clock
from agent.supervision import decision, explain
from agent.supervision.memory import READY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agent.daemon.observer import Facts
    from agent.supervision.step import Action

    Records = list[dict[str, Any]] | list[str]
    Moved = tuple[str, str, str, str]

WRONG_USAGE, OTHER = 100, 1


class Requests:
    """Answers requests about one agent; remembers who waits for what."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._waiting: dict[int, str] = {}  # client: the service that is to be up, "" for shutdown
        self._following: set[int] = set()
        self.server: Server | None = None
        agent.listeners.append(self._tell)

    def answer(self, words: list[str], client: int) -> "Records | None":
        """The records of an answer; None: the end comes later, or has been sent."""
        verb, names = words[0], words[1:]
        agent = self._agent
        if verb in ("why", "start", "stop", "release", "restart", "wait") or (
            verb == "status" and names
        ):
            if len(names) != 1 or names[0] not in agent.graph.services:
                self._refuse(client, names)
                return None
            return self._about(verb, names[0], client)
        if verb == "status":
            return explain.status(agent.graph, agent.state, clock.monotonic())
        if verb == "health":
            return [{"health": explain.health(agent.graph, agent.state)}]
        if verb == "events":
            return self._events(names, client)
        if verb == "reload":
            error = agent.reload()
            self._finish(client, OTHER if error else 0, error)
            return None
        if verb == "shutdown":
            self._waiting[client] = ""
            agent.advance({"shutdown": True})
            self._settle()
            return None
        self._finish(client, WRONG_USAGE, "expected a verb of docs/agent.md")
        return None

    def _about(self, verb: str, name: str, client: int) -> "Records | None":
        agent = self._agent
        if verb == "status":
            rows = explain.status(agent.graph, agent.state, clock.monotonic())
            return [row for row in rows if row["name"] == name]
        if verb == "why":
            return explain.why(agent.graph, agent.state, name, clock.monotonic())
        if verb == "wait":
            self._waiting[client] = name
            self._settle()
            return None
        if verb == "restart":
            agent.again(name)
        elif verb == "release":
            agent.release(name)
        else:
            agent.wish(name, "up" if verb == "start" else "down")
        return []

    def _events(self, names: list[str], client: int) -> "Records | None":
        if names not in ([], ["follow"]):
            self._finish(client, WRONG_USAGE, "expected `events` or `events follow`")
            return None
        lines = self._agent.history.lines()
        if not names:
            return lines
        if self.server is not None:
            self.server.send(client, lines)
        self._following.add(client)
        return None

    def _refuse(self, client: int, names: list[str]) -> None:
        known = list(self._agent.graph.services)
        text = "expected the name of a service"
        if len(names) == 1:
            text += ', got "%s"%s' % (names[0][:100], spelling.suggestion(names[0], known))
        self._finish(client, OTHER, text)

    def _finish(self, client: int, code: int, error: str = "") -> None:
        if self.server is not None:
            self.server.finish(client, code, error)

    def _tell(
        self, changes: "Facts", actions: "list[Action]", moved: "list[Moved]", now: float
    ) -> None:
        """Something was decided: followers hear it, and somebody's waiting may be over."""
        if self.server is None or not (changes or actions or moved):
            return
        told: Records = []
        if self._following:
            told = [{"t": now, "facts": changes}] if changes else []
            if actions or moved:
                told.append({"t": now, "actions": actions, "transitions": moved})
        for client in sorted(self._following):
            if self.server.is_here(client):
                self.server.send(client, told)
            else:
                self._following.discard(client)
        if self._waiting:
            self._settle()

    def _settle(self) -> None:
        agent = self._agent
        for client in sorted(self._waiting):
            name = self._waiting[client]
            if self.server is None or not self.server.is_here(client):
                del self._waiting[client]
            elif name and name not in agent.graph.services:
                del self._waiting[client]
                self._finish(client, OTHER, "the service is no longer in the graph")
            elif agent.state.memory[name].level == READY if name else self._is_down():
                del self._waiting[client]
                self._finish(client, 0)

    def _is_down(self) -> bool:
        return decision.all_down(self._agent.graph, self._agent.state)
