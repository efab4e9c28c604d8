"""Runs cases side by side: step after step, each for all cases at once."""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator

from tests.lab.firewall import addresses as at
from tests.lab.firewall.case import Case, Step, told
from tests.lab.firewall.ears import Ear, conntrack, flush_conntrack
from tests.lab.firewall.programs import Programs
from tests.lab.firewall.room import Room
from tests.lab.firewall.sides import Sides

# Where softirqs are put off, more packets wait for the router at once than the kernel's ICMP socket
# may answer (its send buffer holds some hundred).
AT_ONCE = 16


class Bench:
    """What cases run on: the room's cables, the router's programs, and who hears denials."""

    def __init__(self, room: Room, ear: Ear, processor: int | None = None) -> None:
        self.room = room
        self.ear = ear
        self.sides = Sides(room, processor)
        self.programs = Programs(room)

    def close(self) -> None:
        """Close all but the room."""
        self.sides.close()
        self.programs.close()
        self.ear.close()

    def run(self, cases: Iterable[Case]) -> dict[int, str]:
        """Run the cases; of those that failed: number, and what was wrong first."""
        running = list(cases)
        for case in running:
            for source, group, link in case.groups:
                self.programs.forward(source, group, link)
        self.programs.serve()
        flush_conntrack(self.room.router)
        self._forget()
        failures: dict[int, str] = {}
        for index in range(max((len(case.steps) for case in running), default=0)):
            active = {
                case.number: case.steps[index]
                for case in running
                if len(case.steps) > index and case.number not in failures
            }
            if not active:
                break
            for number, problem in self._round(active):
                if problem:
                    failures[number] = f"step {index + 1}: {problem}"
        return failures

    def _forget(self) -> None:
        """Take in what came before the first step."""
        self.sides.fence()
        for _ in self.sides.read():
            pass
        for _ in self.programs.read():
            pass
        self.ear.read({})

    def _round(self, steps: dict[int, Step]) -> Iterator[tuple[int, str]]:
        pause_s = max(step.pause_s for step in steps.values())
        if pause_s:
            time.sleep(pause_s)  # what is tested is the passing of time
        count = 0
        for step in steps.values():
            for packet in step.packets:
                self.sides.send(step.side, packet)
                count += 1
                if count % AT_ONCE == 0:
                    self.sides.fence()
        self.sides.fence()
        arrived, heard, denied = self._collect(steps)
        entries = conntrack(self.room.router) if any(s.entries for s in steps.values()) else []
        for number, step in steps.items():
            problem = (
                judge_denials(step, denied[number])
                or judge_arrivals(step, arrived[number])
                or judge_programs(step, heard[number])
                or judge_entries(step, number, entries)
            )
            yield number, problem

    def _collect(
        self, steps: dict[int, Step]
    ) -> tuple[dict[int, list[tuple[str, bytes]]], dict[int, list[str]], dict[int, list[str]]]:
        arrived: dict[int, list[tuple[str, bytes]]] = defaultdict(list)
        for side, packet in self.sides.read():
            arrived[at.number_of(packet)].append((side, packet))
        heard: dict[int, list[str]] = defaultdict(list)
        for number, program in self.programs.read():
            heard[number].append(program)
        denied: dict[int, list[str]] = defaultdict(list)
        wanted = {number: step.denials[0] for number, step in steps.items() if step.denial}
        for number, prefix in self.ear.read(wanted):
            denied[number].append(prefix)
        return arrived, heard, denied


def judge_denials(step: Step, seen: list[str]) -> str:
    """What is wrong with who denied; "" when nothing is."""
    names = [prefix.partition(" ")[2] for prefix in seen]
    others = sorted({name for name in names if name != step.denial})
    least, most = step.denials
    if others or not least <= len(names) <= most:
        wanted = f"{step.denial!r} {least} to {most} times" if step.denial else "nobody"
        return f"expected to be denied by {wanted}, got {len(seen)}: {sorted(set(seen))}"
    return ""


def judge_arrivals(step: Step, seen: list[tuple[str, bytes]]) -> str:
    """The same for what came out of the router."""
    left = list(seen)
    for arrival in step.arrivals:
        here = [item for item in left if item[0] == arrival.side]
        problems = [arrival.check(step.packets[0], packet) for _, packet in here]
        good = [item for item, problem in zip(here, problems, strict=True) if not problem]
        if not arrival.least <= len(good):
            why = next((f": {p}" for p in problems if p), "")
            return f"expected at {arrival.side}, got {len(good)} of {arrival.least}{why}"
        for item in good[: arrival.most]:
            left.remove(item)
    return "".join(f"unexpected at {side}: {told(packet)}" for side, packet in left[:1])


def judge_programs(step: Step, seen: list[str]) -> str:
    """The same for what the router's programs read."""
    # The kernel answers echo requests, errors and ND itself; raw sockets only see them too.
    if not step.programs:
        seen = [name for name in seen if not name.startswith("icmp")]
    if sorted(seen) == sorted(step.programs * len(step.packets)):
        return ""
    return f"expected to reach {step.programs or 'no program'}, reached {seen or 'none'}"


def judge_entries(step: Step, number: int, entries: list[str]) -> str:
    """The same for conntrack's entries."""
    marks = (f"fa5e:cafe:{number:04x} ", f"={at.far4(number)} ")
    own = [entry for entry in entries if any(mark in entry for mark in marks)]
    for wanted in step.entries:
        for entry in own:
            words = entry.split()
            lasts = (
                wanted.least_s <= int(words[4]) <= wanted.most_s if words[4].isdigit() else False
            )
            if wanted.protocol in words[2:4] and lasts and set(wanted.words) <= set(words):
                break
        else:
            return f"expected {wanted}, conntrack has {own}"
    return ""
