"""Does what was decided: the only part of the agent that changes anything. It decides nothing.

Whatever fails here is complained of once and met again by the next look: an action is never
repeated by the actor, but what it was to bring about is still missing, and the decision sees that.
"""

from agent import outputs
from agent.port import clock, process
from agent.port.errno import ESRCH
from agent.s6 import control, install, paths, values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agent.daemon.observer import Facts, Observer

    Action = tuple[Any, ...]

AGAIN = 0.2  # seconds until something that somebody else delays is tried again
# The characters that s6-supervise takes (s6-svc's page: -o -d -a -h -i -q -t -1 -2 -y)
SIGNALS = {
    "ALRM": "a",
    "HUP": "h",
    "INT": "i",
    "QUIT": "q",
    "TERM": "t",
    "USR1": "1",
    "USR2": "2",
    "WINCH": "y",
}
ENDS = {"TERM": process.SIGTERM, "KILL": process.SIGKILL}


class Actor:
    """Performs actions; `complaints` collects a line for each one that failed."""

    def __init__(self, observer: "Observer", found: "paths.Paths") -> None:
        self._observer = observer
        self._where = observer.where
        self._paths = found
        self._clears: set[str] = set()  # services whose outputs somebody held locked
        self._retry: float | None = None
        # Service directories that s6 has not let go of yet; an earlier agent may have left some.
        self._going = install.sweep(self._where.scan)
        self._later(bool(self._going))
        self.complaints: list[str] = []

    def deadline(self) -> float | None:
        """When retry() is to be called; None: not."""
        return self._retry

    def perform(self, actions: "list[Action]") -> "Facts":
        """Perform them in this order; the facts that are different now."""
        facts: Facts = {}
        self._rescan = False
        for action in actions:
            try:
                facts.update(self._one(action))
            except (OSError, install.InstallError, outputs.OutputsError) as error:
                text = str(error)
                if isinstance(error, OSError):
                    text = process.strerror(error.errno or 0)
                self.complaints.append("%s: expected to %s, got %s" % (action[1], action[0], text))
        if self._rescan:
            control.rescan(self._where.scan)
        return facts

    def retry(self) -> "Facts":
        """What had to wait for somebody else, once more."""
        self._retry = None
        facts: Facts = {}
        for name in sorted(self._clears):
            facts.update(self._clear(name))
        if self._going:
            self._going = install.sweep(self._where.scan)
            facts.update(self._observer.installed())
            self._later(bool(self._going))
        return facts

    def _one(self, action: "Action") -> "Facts":
        verb, name = action[0], action[1]
        scan = self._where.scan
        if verb == "install":
            service = self._observer.graph.services[name]
            if install.install(scan, service, self._paths):
                self._rescan = True
            self._observer.installed_anew(name)
            facts = self._observer.installed()
            facts.update(self._observer.service(name))
            return facts
        if verb == "uninstall":
            install.uninstall(scan, name)
            self._clear(name)
            self._going.append(name)
            self._later(True)
            return {"installed " + name: None}
        if verb == "start":
            return self._start(name, action[2])
        if verb == "signal":
            facts = self._write(name, action[3])
            control.command(scan, name, SIGNALS[action[2]])
            return facts
        if verb == "stop":
            # A stopped process sees the TERM only when it goes on.
            control.command(scan, name, "dc")
        elif verb == "kill":
            control.kill(scan, name)
        elif verb == "clear":
            return self._clear(name)
        elif verb == "end":
            try:
                process.kill(action[2], ENDS[action[3]])
            except OSError as error:
                if error.errno != ESRCH:
                    raise
        return {}

    def _start(self, name: str, wanted: dict[str, str]) -> "Facts":
        self._clears.discard(name)  # what it publishes from now on is its own
        facts = self._write(name, wanted)
        control.command(self._where.scan, name, "o")
        return facts

    def _write(self, name: str, wanted: dict[str, str]) -> "Facts":
        service = self._observer.graph.services[name]
        if not service.references:
            return {}
        revealed = self._observer.secrecy.reveal(name, wanted)
        if revealed is None:
            return {}
        values.write_values(self._where.scan, service, revealed)
        return self._observer.used(name)

    def _clear(self, name: str) -> "Facts":
        """Clear what a service published; a publisher that holds the lock does not delay us.

        What is there now is a fact at once: who publishes the same again is noticed.
        """
        cleared = outputs.clear(self._where.outputs, name, False)
        if cleared is None:
            self._clears.add(name)
        else:
            self._clears.discard(name)
        self._later(cleared is None)
        return self._observer.outputs(name)

    def _later(self, wanted: bool) -> None:
        if wanted and self._retry is None:
            self._retry = clock.monotonic() + AGAIN
