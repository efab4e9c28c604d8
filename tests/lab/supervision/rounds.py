"""`rounds SEED COUNT`, inside the machine: random graphs and events on a real s6, real kills.

After the last event of a round everything behaves well again, and the state must become that of a
clean boot with the same facts, as the simulated s6 of tests/device/supervision_world.py has it.
One line at the end tells what was done; a round that fails tells its seed, events and difference.
"""

import contextlib
import json
import os
import random
import select
import signal
import socket
import sys
import time
from pathlib import Path

from pyroute2.netlink.exceptions import NetlinkError

from agent.supervision import record
from packager.isp import wait
from tests.lab.supervision import graphs
from tests.lab.supervision.clean_boot import CleanBoot
from tests.lab.supervision.hand import AGENT, Hand, Refused, is_alive
from tests.lab.supervision.room import GRAPH, LOG, RUN

DEADLINE_S = 30.0
SLOW_KILLS = 0.2  # the share of rounds with kills after which s6 waits a second


class Follower:
    """Paces events by what the agent does: half of them fall into the middle of its work."""

    def __init__(self) -> None:
        self.line: socket.socket | None = None

    def pace(self, dice: random.Random) -> None:
        """Until the agent has told of some more decisions, but not for long."""
        wanted = dice.choice((0, 0, 1, 2, 5))
        until = time.monotonic() + 0.1
        while wanted and (left := until - time.monotonic()) > 0:
            if self.line is None and not self._connect():
                select.select([], [], [], left)
                return
            assert self.line is not None
            if not select.select([self.line], [], [], left)[0]:
                return
            data = self._read()
            if not data:
                return
            wanted = max(0, wanted - data.count(b"\n"))

    def _read(self) -> bytes:
        assert self.line is not None
        data = b""
        with contextlib.suppress(OSError):
            data = self.line.recv(65536)
        if not data:
            self.line.close()
            self.line = None
        return data

    def _connect(self) -> bool:
        line = socket.socket(socket.AF_UNIX)
        try:
            line.connect(RUN + "/socket")
            line.sendall(b"events follow\n")
        except OSError:
            line.close()
            return False
        self.line = line
        return True


class Round:
    """One graph, its events, and the comparison at the end."""

    def __init__(self, hand: Hand, follower: Follower, seed: int) -> None:
        self.hand, self.follower, self.seed = hand, follower, seed
        self.dice = random.Random(seed)
        self.events: list[str] = []
        self.replayed = 0  # lines of the agent's record
        self.slow = self.dice.random() < SLOW_KILLS
        # Wishes last as long as /run: names that had one are not used again.
        self.wishing = self.dice.randrange(4) == 0
        self.services = graphs.graph(self.dice, "w" if self.wishing else "s")

    def play(self) -> None:
        """The whole round. wait.Unmet when the end is not a clean boot's."""
        self._publishes()
        self._load()
        for _ in range(self.dice.randrange(4, 16)):
            self.follower.pace(self.dice)
            self._event()
        for name in self.hand.names():
            self.hand.behave(name, "")
        end = CleanBoot(self.hand)
        wait.until(
            "the state of a clean boot",
            end.differences,
            lambda seen: not seen,
            deadline_s=DEADLINE_S,
            evidence=end.explanation,
        )
        self._check_record()

    def tell(self) -> str:
        """What a failure needs to be understood."""
        return f"seed {self.seed}: {json.dumps(self.services)}\n" + "\n".join(self.events)

    def _load(self) -> None:
        """The graph; what runs on with the same definition may have other outputs in it."""
        self.hand.load(self.services)
        for name in self.hand.names():
            if self.hand.pid(name):
                self.hand.publish(name)

    def _publishes(self) -> None:
        self.hand.values.clear()
        for name, service in self.services.items():
            self.hand.values[name] = dict.fromkeys(service.get("outputs", ()), "v0")

    # --- events

    def _event(self) -> None:
        kinds = ["kill"] * 5 + ["behave"] * 3 + ["publish"] * 4 + ["link"] * 4 + ["again", "reload"]
        kinds += ["wish"] * 3 * self.wishing + ["agent", "supervise", "supervise"] * self.slow
        kind = self.dice.choice(kinds)
        words = getattr(self, "_" + kind)()
        self.events.append(f"{kind} {words}")

    def _some(self) -> str:
        return self.dice.choice(self.hand.names())

    def _kill(self) -> str:
        name = self._some()
        number = self.dice.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM))
        pid = self.hand.pid(name)
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        return f"{name} {number} {pid}"

    def _agent(self) -> str:
        return f"{self.hand.kill(AGENT)}"

    def _supervise(self) -> str:
        name = self._some() + self.dice.choice(("", "", "", "/log"))
        if self.dice.randrange(5) == 0:
            name = AGENT
        pid = self.hand.supervisor(name)
        if pid:
            os.kill(pid, signal.SIGKILL)
        return f"{name} {pid}"

    def _behave(self) -> str:
        name, how = self._some(), self.dice.choice(("fail", "mute", "deaf", "slow", ""))
        self.hand.behave(name, how)
        return f"{name} {how}"

    def _publish(self) -> str:
        name = self._some()
        paths = self.services[name].get("outputs", ())
        if not paths:
            return "nothing"
        path, value = self.dice.choice(paths), self.dice.choice(graphs.VALUES)
        if value is None:
            self.hand.values[name].pop(path, None)
        else:
            self.hand.values[name][path] = value
        self.hand.publish(name)  # also of what is down: that must not stay
        return f"{name}/{path} {value}"

    def _link(self) -> str:
        name = self.dice.choice((*graphs.LINKS, *graphs.LINKS, graphs.DEVICE_LINK))
        how = self.dice.choice(("come", "come", "up", "up", "go", "down", "address"))
        hand = self.hand
        index = hand.index(name)
        with contextlib.suppress(NetlinkError):
            if how == "come":
                hand.remove_link(name)
                hand.add_link(name, up=self.dice.randrange(3) > 0)
            elif how == "go":
                hand.remove_link(name)
            elif index and how == "address":
                address = self.dice.choice((("192.0.2.1", 24), ("2001:db8::1", 64)))
                verb = self.dice.choice(("add", "add", "del"))
                hand.route.addr(verb, index=index, address=address[0], prefixlen=address[1])
            elif index:
                hand.route.link("set", index=index, state=how)
        return f"{name} {how}"

    def _wish(self) -> str:
        name, verb = self._some(), self.dice.choice(("start", "stop"))
        try:
            self.hand.ask_surely(verb, name)
        except Refused as refused:
            return f"{verb} {name}: {refused}"
        return f"{verb} {name}"

    def _again(self) -> str:
        name = self._some()
        with contextlib.suppress(OSError):
            self.hand.ask("restart", name)
        return name

    def _reload(self) -> str:
        self.services = graphs.changed(self.dice, self.services)
        for name, service in self.services.items():
            self.hand.values.setdefault(name, dict.fromkeys(service.get("outputs", ()), "v0"))
        self._load()
        return json.dumps(self.services)

    # --- the end

    def _check_record(self) -> None:
        """What the agent recorded gives the same decisions again.

        A snapshot in which services of an older graph still leave can't be replayed with this one.
        """
        text = Path(GRAPH).read_bytes()
        digest = record.graph_digest(text)
        told = self.hand.ask_surely("events")
        begins = [n for n, line in enumerate(told) if line.get("graph") == digest]
        whole = [n for n in begins if set(told[n]["state"]["memory"]) <= set(self.services)]
        if whole and begins[-1] == whole[-1]:
            lines = [json.dumps(line) for line in told[whole[-1] :]]
            differences = record.replay(text, lines)
            assert differences == [], (differences, lines)
            self.replayed = len(lines)


def forget_wishes(hand: Hand) -> None:
    """As after a reboot: no wishes, and an agent that knows of none."""
    hand.load({})
    wait.until("no services", hand.states, lambda seen: not seen, evidence=hand.log)
    for wish in Path(RUN, "wishes").iterdir():
        wish.unlink()
    pid = hand.kill(AGENT, signal.SIGTERM)
    wait.until("the agent ended", lambda: not is_alive(pid))
    hand.ask_surely("health")


def main(seed: int, count: int) -> int:
    """Play rounds; 0 when all ended as clean boots do."""
    hand, follower = Hand(), Follower()
    events = replayed = 0
    longest = 0.0
    for number in range(seed, seed + count):
        played = Round(hand, follower, number)
        start = time.monotonic()
        try:
            played.play()
            if played.wishing and Path(RUN, "wishes").exists():
                forget_wishes(hand)
        except BaseException:
            print(played.tell(), flush=True)
            raise
        longest = max(longest, time.monotonic() - start)
        events += len(played.events)
        replayed += played.replayed
    log = "".join(p.read_text() for p in Path(LOG, AGENT).iterdir() if p.name != "lock")
    assert "Traceback" not in log, log
    starts = sum(word == "start" for _, word, _, _ in hand.journal())
    words = f"{count} rounds from seed {seed}: {events} events, {starts} starts"
    print(f"{words}, {replayed} recorded lines replayed, longest {longest:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
