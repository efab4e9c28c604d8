"""Traffic through the router while its firewall is disturbed in every way.

    python -m tests.lab.firewall.traffic [--flows N] [--seconds S] [--seed N] [--runtime frozen]

Flows run, denied packets are sent, and meanwhile the loader reloads, follows zones, refuses
rulesets, is killed and started again, in random order. Exit code 1 when an allowed datagram was
lost, a TCP flow broke, or one denied packet got through.
"""

import argparse
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from firewall.ruleset import compose
from firewall.ruleset.model import Log
from firewall.ruleset.rendered import Ruleset
from firewall.stock import translation
from packager.isp import wait
from tests.lab.firewall import addresses as at
from tests.lab.firewall import standin, world
from tests.lab.firewall.denied import Denied
from tests.lab.firewall.flows import Counts, Flows
from tests.lab.firewall.loading import Loading
from tests.lab.firewall.room import Room

# Flows take turns, so that packets are on their way at nearly any time.
TURN_S = 0.002
TURN_FLOWS = 20


def variants() -> list[Ruleset]:
    """Rulesets that all allow and deny what is sent here, with more and fewer chains and sets."""
    plain = world.stock(log=Log())
    more = translation.port_forward("extra", "tcp", 9999, at.SERVER)
    hole = translation.pinhole("extra", "udp", 9998, link="lan1", suffix="::77")
    return [
        compose.compose(firewall)
        for firewall in (
            plain,
            replace(plain, groups=(*plain.groups, more, hole)),
            replace(plain, log=Log(rate=7, burst=3)),
        )
    ]


GONE = "delete table ip frost_ip\ndelete table ip6 frost_ip6\n"
EMPTY = "flush table ip frost_ip\nflush table ip6 frost_ip6\n"


class Disturber(threading.Thread):
    """Disturbs the loader until it is told to stop.

    planted: instead of the loader, one that reloads in two steps: with GONE between them, which
    opens the router, or with EMPTY, which closes it.
    """

    def __init__(self, room: Room, loading: Loading, seed: int, planted: str = "") -> None:
        super().__init__(daemon=True)
        self.room = room
        self.loading = loading
        self.random = random.Random(seed)
        self.done: Counter[str] = Counter()
        self.stopping = threading.Event()
        self.error: Exception | None = None
        self.rulesets = variants()
        self.kinds: dict[str, Callable[[], None]] = {
            "reloads": self.reload,
            "zone changes": self.change_zone,
            "refused reloads": self.fail,
            "kills": self.kill,
            "prefix changes": self.change_prefix,
        }
        if planted:
            self.kinds = {"reloads in two steps": lambda: self.stumble(planted)}

    def run(self) -> None:
        """One disturbance after another, in random order, at random times."""
        try:
            while not self.stopping.is_set():
                for kind in self.random.sample(sorted(self.kinds), len(self.kinds)):
                    self.kinds[kind]()
                    self.done[kind] += 1
                    self._listen()
                    if self.stopping.wait(self.random.random() * 0.1):
                        return
        except Exception as error:  # the test's thread raises it
            self.error = error

    def _listen(self) -> list[str]:
        """Take its lines: a full pipe would stop it."""
        if self.loading.ear:
            self.loading.ear.read({})
        return self.loading.told()

    def reload(self) -> None:
        """Another ruleset, right after it yet another."""
        for _ in range(self.random.randint(1, 3)):
            self.loading.write(self.random.choice(self.rulesets))
            self.loading.reload()
            time.sleep(self.random.random() * 0.15)

    def change_zone(self) -> None:
        """Links join zones and leave; those of the flows stay."""
        for _ in range(self.random.randint(1, 10)):
            more = self.random.sample(["tun1", "tun2", "tun3"], self.random.randint(0, 3))
            self.room.publish("guest", {"ifname": "\n".join(["guest0", *more[:1]])})
            self.room.publish("lan", {"ifname": "\n".join(["lan0", "lan1", *more[1:]])})
            self.room.publish("open", self.random.choice([{"ifname": "open0"}, None]))
            time.sleep(self.random.random() * 0.02)

    def change_prefix(self) -> None:
        """A second prefix comes and goes; the first stays."""
        self.room.publish_lease(more=self.random.choice([True, False]))
        time.sleep(self.random.random() * 0.02)

    def fail(self) -> None:
        """A ruleset that nft refuses, one that is not what its digest says, and the right one."""
        self.loading.write_broken(self.rulesets[0], self.random.choice(["digest", "syntax"]))
        before = len(self._listen())
        self.loading.reload()
        wait.until("the loader refuses the ruleset", lambda: len(self._listen()) > before)
        self.loading.write(self.rulesets[0])

    def stumble(self, between: str) -> None:
        """What the loader must not do."""
        self.loading.end()
        standin.apply(self.room, between)
        standin.load(self.room, self.rulesets[0])

    def kill(self) -> None:
        """SIGKILL at any time, also in the middle of a reload; then it is started again."""
        if self.random.random() < 0.7:
            self.loading.write(self.random.choice(self.rulesets))
            self.loading.reload()
            time.sleep(self.random.random() * 0.1)
        self._listen()
        self.loading.end(signal.SIGKILL)
        time.sleep(self.random.random() * 0.05)
        self.loading.start()


def run(
    flows: int, seconds: float, seed: int, runtime: str = "cpython", planted: str = ""
) -> tuple[Counts, dict[str, int], list[str]]:
    """Run it all: what was seen of the flows, how often what was done, and what got through."""
    room = Room(stacks=True)
    loading = Loading(room, runtime)
    disturber = Disturber(room, loading, seed, planted)
    try:
        loading.write(disturber.rulesets[0])
        loading.start()
        denied = Denied(room)
        traffic = Flows(room, flows, flows)
        disturber.start()
        through = _drive(traffic, denied, disturber, seconds)
        counts = traffic.finish()
        through += denied.seen()
        done = dict(disturber.done) | {"denied packets": denied.sent}
        loading.end()
        _prove(room, denied)
        denied.close()
        return counts, done, [f"{side}: {frame.hex()}" for side, frame in through]
    finally:
        disturber.stopping.set()
        loading.end(signal.SIGKILL)
        room.close()


def _drive(
    traffic: Flows, denied: Denied, disturber: Disturber, seconds: float
) -> list[tuple[str, bytes]]:
    """Send and take for so many seconds; what got through."""
    through: list[tuple[str, bytes]] = []
    end = time.monotonic() + seconds
    turn, turns = 0, max(3, traffic.counts.udp // TURN_FLOWS)
    sys.setswitchinterval(0.0005)  # the disturber's thread must not hold the traffic up
    while disturber.is_alive():
        began = time.monotonic()
        if began > end:
            disturber.stopping.set()  # the last disturbance ends, with packets meanwhile
        turn = (turn + 1) % turns
        traffic.push(turn, turns)
        denied.push()
        traffic.take()
        through += denied.seen()
        while time.monotonic() < began + TURN_S:
            traffic.take(TURN_S / 4)
    if disturber.error:
        raise disturber.error
    return through


def _prove(room: Room, denied: Denied) -> None:
    """Without the firewall all kinds of denied packets get through: so the watch can see them."""
    standin.apply(room, GONE)
    denied.push()
    seen: list[tuple[str, bytes]] = []

    def look() -> set[str]:
        seen.extend(denied.seen())
        return set(denied.frames) - denied.kinds(seen)

    wait.until("without the firewall they pass", look, lambda left: not left, deadline_s=5.0)


def main(argv: list[str]) -> int:
    """Run and tell."""
    parser = argparse.ArgumentParser(prog="traffic", description=__doc__)
    parser.add_argument("--flows", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runtime", choices=("cpython", "frozen"), default="cpython")
    given = parser.parse_args(argv)
    counts, done, through = run(given.flows, given.seconds, given.seed, given.runtime)
    print(told(counts, done))
    for line in [*counts.broken, *through][:20]:
        print(line)
    lost = counts.sent - counts.echoed
    return 1 if lost or counts.broken or through else 0


def told(counts: Counts, done: dict[str, int]) -> str:
    """The counts for people."""
    what = ", ".join(f"{count} {name}" for name, count in sorted(done.items()))
    return (
        f"{counts.tcp} TCP flows with {counts.octets} octets and {counts.retransmissions} "
        f"retransmissions, {counts.udp} UDP flows with {counts.sent} datagrams, "
        f"{counts.arrived} arrived, {counts.echoed} came back; {what}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
