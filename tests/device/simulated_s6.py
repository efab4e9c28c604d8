"""A simulated s6: service directories, their processes and what happens to them by itself.

Time is a number that the test moves; what is to happen waits in `later`. For both runtimes.
"""

from agent.graph.model import BUNDLE, ONESHOT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agent.graph.model import Graph

BACK = 1.0  # seconds until s6-svscan starts an s6-supervise again


class Process:
    """What s6 knows of one service, and how its program behaves."""

    def __init__(self) -> None:
        self.supervised = True
        self.pid = 0
        self.ready = False
        self.exit: int | None = None
        self.ending = False
        self.stray = 0
        self.stamp = 0
        self.installed: str | None = None
        self.used: dict[str, str] | None = None
        self.run = 0  # number of the present run
        # behaviour
        self.until_ready = 0.5
        self.until_end = 0.2
        self.finish = 0.0
        self.fails: int | None = None  # exit code of each run, before it is ready
        self.deaf = False  # to TERM
        self.mute = False  # never ready
        self.lose = 0  # starts that get lost
        self.publishes: dict[str, str | None] = {}


class Machine:
    """`facts` is what an observer would tell of it; `broken` the claims that did not hold."""

    def __init__(self, graph: "Graph", installed: bool) -> None:
        self.graph = graph
        self.now = 1000.0
        self.broken: list[str] = []
        self.processes: dict[str, Process] = {}
        self.facts: dict[str, Any] = {}
        self.later: list[Any] = []  # (time, number, function, arguments)
        self.numbers = 0
        self.unmet_since: dict[str, float] = {}
        for name in graph.order:
            self.add(name, installed)

    def add(self, name: str, installed: bool) -> None:
        """A service that is not there yet; a known one learns of its new outputs."""
        service = self.graph.services[name]
        if service.kind == BUNDLE:
            return
        if name not in self.processes:
            process = self.processes[name] = Process()
            process.supervised = installed
            process.installed = service.digest if installed else None
        for path in service.outputs:
            self.processes[name].publishes.setdefault(path, "v0")

    def expect(self, claim: bool, words: str) -> None:
        if not claim and len(self.broken) < 20:
            self.broken.append("%s: %s" % (self.now, words))

    def observe(self) -> None:
        facts = self.facts
        for name, process in self.processes.items():
            if process.supervised:
                facts["s6 " + name] = [
                    process.pid,
                    "%04x" % process.stamp,
                    process.ready,
                    process.exit,
                    process.ending,
                    process.stray,
                ]
            else:
                facts.pop("s6 " + name, None)
            if process.installed is None:
                facts.pop("installed " + name, None)
            else:
                facts["installed " + name] = process.installed
            if process.used is not None:
                facts["used " + name] = process.used

    def signal(self, name: str, what: str) -> None:
        process = self.processes[name]
        if process.pid and process.supervised:
            if what == "KILL":
                self.die(name, process.run, -9)
            elif not process.deaf:
                self.after(process.until_end, self.die, (name, process.run, -15))

    def after(self, seconds: float, function: "Any", arguments: "Any") -> None:
        self.numbers += 1
        self.later.append((self.now + seconds, self.numbers, function, arguments))

    def start(self, name: str) -> None:
        """The process starts; its fate is known already."""
        process, graph = self.processes[name], self.graph
        if process.pid or not process.supervised:
            return
        self.numbers += 1
        process.run, process.pid = self.numbers, 100 + self.numbers
        process.stamp += 1
        process.ready = False
        if process.fails is not None:
            self.after(process.until_ready / 2, self.die, (name, process.run, process.fails))
        elif not process.mute:
            self.after(process.until_ready, self.get_ready, (name, process.run))
        alternative = graph.services[name].alternative
        if alternative is not None:
            for member in graph.groups[alternative.group]:
                other = self.processes[member]
                if member != name and (other.pid or other.stray):
                    self.expect(False, "%s and %s live at once" % (name, member))

    def get_ready(self, name: str, run: int) -> None:
        process = self.processes[name]
        if process.run == run and process.pid:
            process.ready = self.needs_word(name)
            for path in sorted(process.publishes):
                self.publish(name, path, process.publishes[path])

    def needs_word(self, name: str) -> bool:
        service = self.graph.services[name]
        return service.kind == ONESHOT or service.notify

    def is_ready(self, name: str) -> bool:
        process = self.processes[name]
        return process.pid != 0 and (process.ready or not self.needs_word(name))

    def die(self, name: str, run: int, code: int) -> None:
        process = self.processes[name]
        if process.run != run or not process.pid:
            return
        process.pid, process.ready, process.exit = 0, False, code
        process.stamp += 1
        if process.finish:
            process.ending = True
            self.after(process.finish, self.finish, (name, run))

    def finish(self, name: str, run: int) -> None:
        self.processes[name].ending = False

    def lose_supervise(self, name: str) -> None:
        """s6-supervise is killed hard; its process stays behind."""
        process = self.processes[name]
        if process.supervised and process.installed is not None and not process.stray:
            process.supervised, process.ending = False, False
            self.unmet_since.clear()
            self.after(BACK, self.return_supervise, (name,))

    def return_supervise(self, name: str) -> None:
        process = self.processes[name]
        if process.supervised or process.installed is None:
            return
        process.supervised = True
        process.stamp += 1
        if process.pid:
            process.stray, process.pid, process.ready = process.pid, 0, False
            process.run = 0
        process.exit = None

    def end_stray(self, name: str, what: str) -> None:
        process = self.processes[name]
        if what == "KILL":
            process.stray = 0
        elif not process.deaf:
            self.after(process.until_end, self.stray_ended, (name, process.stray))

    def stray_ended(self, name: str, pid: int) -> None:
        if self.processes[name].stray == pid:
            self.processes[name].stray = 0

    def publish(self, name: str, path: str, value: str | None) -> None:
        key = "output %s/%s" % (name, path)
        if value is None:
            self.facts.pop(key, None)
        elif key in self.graph.watchers:
            self.facts[key] = value

    def well(self, name: str) -> None:
        """Its next runs succeed; a run that hangs ends."""
        process = self.processes[name]
        if process.mute:
            self.die(name, process.run, 1)
        process.fails, process.mute, process.lose = None, False, 0
