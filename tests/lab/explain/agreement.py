"""explain against the kernel: random packets are sent, and what the trace tells is compared."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from firewall.command import groups
from firewall.command.facts import Facts
from firewall.command.journey import Outcome
from firewall.command.packet import Packet as Explained
from firewall.command.ruleset import Ruleset
from tests.device import firewall_walks as walks
from tests.lab.explain import draws, octets
from tests.lab.explain.octets import Packet
from tests.lab.explain.trace import SPY, Passage, Step, Trace
from tests.lab.explain.world import World

CASES = 500  # in one file
BATCH = 100  # their trace fits the socket's buffer


@dataclass
class Result:
    """What a run found. `wrong`: texts, the first few; `cases`: for other runtimes' replay."""

    cases: list[Any] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    met: set[tuple[str, str, int]] = field(default_factory=set)
    rules: dict[tuple[str, str, int], str] = field(default_factory=dict)
    objects: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    paths: list[Path] = field(default_factory=list)

    @property
    def unmet(self) -> list[str]:
        """The rules that no packet has met, as their comments or places."""
        return [self.rules[key] for key in sorted(set(self.rules) - self.met)]

    def write(self, folder: Path) -> None:
        """The cases for tests.device.firewall_walks.replay(), in files that a small heap holds."""
        for start in range(0, len(self.cases), CASES):
            known = {"objects": self.objects, "facts": self.facts}
            path = folder / f"cases{start}.json"
            path.write_text(json.dumps(known | {"cases": self.cases[start : start + CASES]}))
            self.paths.append(path)

    @property
    def judged(self) -> int:
        """How many packets were compared to their end: the kernel's verdict and explain's."""
        return sum(self.counts[kind] for kind in ("denied", "forwarded", "taken in", "sent"))

    def summary(self) -> str:
        counted = ", ".join(f"{count} {name}" for name, count in sorted(self.counts.items()))
        met, all_ = len(self.met & set(self.rules)), len(self.rules)
        return f"{self.judged} verdicts of packets: {counted}; {met} of {all_} rules met"


class Run:
    """One run in a world whose ruleset is loaded."""

    def __init__(self, world: World, trace: Trace, seed: int) -> None:
        self._world = world
        self._trace = trace
        self.result = Result(objects=world.listing())
        self._ruleset: Ruleset = walks.ruleset(self.result.objects)
        self._facts: Facts = world.facts()
        self.result.facts = {
            "names": self._facts._names,
            "local": self._facts._local,
            "main": self._facts._main,
        }
        for item in self.result.objects:
            rule = item.get("rule")
            if rule and rule["table"] != SPY:
                place = f"{rule['table']} {rule['chain']} {rule['handle']}"
                name = f"{place} {rule.get('comment', '')}".strip()
                if [1 for each in rule["expr"] if "map" in (each.get("limit") or "")]:
                    name += " over a limit"
                self.result.rules[(rule["family"], rule["table"], rule["handle"])] = name
        self._draws = draws.Draws(seed, self.result.objects, world.hosts, world.far, world.own, SPY)
        self._number = 1

    def batch(self, count: int) -> None:
        """Send new flows' packets, then answers and errors to some that passed; compare all."""
        self._world.forget()
        first = [self._draws.draw(self._next()) for _ in range(count)]
        passed = []
        for packet, passage in self._pass(first):
            after = self._compare(packet, passage)
            known = after is not None and after.state == "new" and not after.translated
            if after and known and _may_be_answered(packet, passage):
                packet.mark = after.fields.get("ct mark", 0)
                passed.append((packet, self._world.names[passage.oif]))
        later = []
        for packet, oif in passed[::2]:
            if packet.protocol not in (octets.SCTP, octets.DCCP):
                later.append(octets.answer(packet, self._next(), oif))
        later += [octets.error(packet, self._next(), oif) for packet, oif in passed[1::2]]
        for packet, passage in self._pass(later):
            self._compare(packet, passage)

    def own(self, count: int) -> None:
        """The router's own packets; what comes back to itself by loopback is left out."""
        self._world.forget()
        packets = [self._draws.draw(self._next()) for _ in range(count)]
        packets = [packet for packet in packets if not packet.is_for_many]
        for packet in packets:
            packet.iif = ""
        self._trace.read()
        self._world.send_own(packets)
        found = {passage.number: passage for passage in self._trace.read()}
        for packet in packets:
            if packet.number in found and "prerouting" not in found[packet.number].hooks:
                self._compare(packet, found[packet.number])

    def _next(self) -> int:
        self._number = self._number % 60000 + 1
        return self._number

    def _pass(self, packets: list[Packet]) -> list[tuple[Packet, Passage]]:
        """Send packets; each with what the kernel did with it."""
        self._trace.read()
        self._world.send(packets)
        found = {passage.number: passage for passage in self._trace.read()}
        lost = [packet for packet in packets if packet.number not in found]
        self.result.counts["never seen by a rule"] += len(lost)
        return [(packet, found[packet.number]) for packet in packets if packet.number in found]

    def _compare(self, packet: Packet, passage: Passage) -> "Explained | None":
        """Compare explain's way with the kernel's; the packet as it ends where they are the same.

        Where the kernel's routing drops a packet between hooks, the way up to there is compared.
        """
        self.result.met.update((str(s[0]), str(s[1]), int(s[3])) for s in passage.steps if s[3])
        leaves = "forward" in passage.hooks or not packet.iif
        oif = self._world.names.get(passage.oif, "") if leaves else ""
        words, options = packet.words(oif), packet.options()
        outcome, after = walks.walk(self._ruleset, self._facts, words, options)
        if packet.iif and oif and "dnat" in after.translated:
            # Where to is explain's to find out
            words = packet.words()
            outcome, after = walks.walk(self._ruleset, self._facts, words, options)
        return after if self._judge(words, options, passage, outcome) else None

    def _judge(
        self, words: list[str], options: dict[str, str], passage: Passage, outcome: Outcome
    ) -> bool:
        wanted = passage.steps
        ended = passage.is_denied or passage.hooks[-1] in ("input", "postrouting")
        if not outcome.verdict and wanted[: len(outcome.steps)] == walks.steps(outcome.steps):
            self.result.counts["stopped"] += 1
            return False
        hooks = None if ended else passage.hooks
        verdict = ("drop" if passage.is_denied else "accept") if ended else None
        comment = _reason(self._ruleset, wanted, verdict) if verdict else ""
        kept = [step for step in outcome.steps if not hooks or step.hook in hooks]
        got = walks.steps(kept)
        said = groups.reason(outcome.steps, outcome.step)
        said_comment = said.comment if said is not None else ""
        decided = walks.DROPS.get(outcome.verdict, outcome.verdict)
        same = got == wanted and (not ended or (decided, said_comment) == (verdict, comment))
        self.result.cases.append([words, options, hooks, wanted, verdict, comment])
        if not same:
            self.result.counts["wrong"] += 1
            text = f"{words} {options}\n kernel: {wanted} {verdict} {comment}\n explain: {got} "
            self.result.wrong.append(text + f"{decided} {said_comment} {outcome.why}")
        else:
            self.result.counts[_kind(passage, verdict)] += 1
        return same


def _kind(passage: Passage, verdict: str | None) -> str:
    if verdict is None:
        return "not routed"
    if verdict == "drop":
        return "denied"
    if "output" in passage.hooks:
        return "sent"
    return "forwarded" if "forward" in passage.hooks else "taken in"


def _may_be_answered(packet: Packet, passage: Passage) -> bool:
    """Whether an answer would find the flow: forwarded as it was, a beginning, and no SYN alone."""
    if passage.is_denied or "postrouting" not in passage.hooks or not passage.oif:
        return False
    if packet.protocol == octets.TCP and packet.flags & 0x17 != 2:
        return False
    if packet.protocol in (octets.ICMP, octets.ICMPV6) and packet.numbers not in ((8, 0), (128, 0)):
        return False
    return packet.protocol != octets.AH and packet.routing is None


def _reason(ruleset: Ruleset, steps: list[Step], verdict: str) -> str:
    """The comment of the rule that decided, from the kernel's trace alone.

    Of a denial: the last rule that led by goto to where it was denied, else the denying one. Of an
    acceptance: the last accepting rule of a main hook.
    """
    comments: dict[Any, str] = {
        (chain.family, chain.table, rule["handle"]): rule.get("comment", "")
        for chain in ruleset.chains.values()
        for rule in chain.rules
    }
    hook, place = "", len(steps) - 1
    if verdict == "accept":
        found = {"main": -1, "other": -1}
        for index, step in enumerate(steps):
            if step[1] == SPY and not step[3]:
                hook = str(step[2])  # the spy's chains are each hook's first
            elif step[4] == "accept":
                main = "main" if hook in ("forward", "input", "output") else "other"
                found[main] = index if step[3] else found[main]
        place = found["main"]
        if place < 0:
            return ""
    decided = steps[place]
    chain, comment = decided[2], comments.get((decided[0], decided[1], decided[3]), "")
    for step in reversed(steps[:place]):
        if step[:2] != decided[:2]:
            break
        if step[4] in ("goto", "jump") and step[5] == chain:
            above = str(comments.get((step[0], step[1], step[3]), ""))
            if step[4] == "jump" or groups.split(above) is None:
                break
            chain, comment = step[2], above
    return str(comment)
