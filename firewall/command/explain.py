"""`frost firewall explain`: which rule decides on a packet, and by which way it gets there."""

from agent.command.console import BOLD, DIM, GREEN, RED, YELLOW
from agent.command.errors import OK, OTHER
from firewall.command import groups, journey, loaded, question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agent.command.console import Console
    from firewall.command.journey import Outcome
    from firewall.command.walk import Step

COLOURS = {"accept": GREEN, "drop": RED, "reject": RED, "": YELLOW}


def explain(console: "Console", options: dict[str, str], words: list[str]) -> int:
    """Walk the loaded ruleset for the packet that the words describe and print the way."""
    packet = question.read(words, options)
    described = question.describe(packet)
    ruleset = loaded.ruleset()
    packet.facts = loaded.facts()
    outcome = journey.travel(ruleset, packet)
    for item in records(described, outcome) if console.json else []:
        console.record(item)
    for line in [] if console.json else lines(described, outcome):
        console.line(line)
    return OK if outcome.verdict else OTHER


def lines(described: str, outcome: "Outcome") -> "list[list[str | tuple[str, str]]]":
    """What people read. Pure."""
    found: list[list[str | tuple[str, str]]] = [[described]]
    place = ""
    for step in outcome.steps:
        where = "%s, table %s %s" % (step.hook, step.family, step.table)
        if where != place:
            found.append([(BOLD, where)])
        place = where
        found.append(_step(step))
    if not outcome.verdict:
        found.append([(YELLOW, "stopped"), " at %s: %s" % (_place(outcome.step), outcome.why)])
        if outcome.step is not None and outcome.step.number:
            found.append(["  " + outcome.step.text, (DIM, _comment(outcome.step))])
        return found
    what = " with %s" % outcome.what if outcome.verdict == "reject" else ""
    reason = groups.reason(outcome.steps, outcome.step)
    text = " by the kernel: no chain there"
    if reason is not None:
        text = " by %s" % (reason.comment + ", " if reason.comment else "") + _place(reason)
    found.append([(COLOURS[outcome.verdict], outcome.verdict + what), text])
    found += [["note: " + note] for note in outcome.notes]
    return found


def _step(step: "Step") -> "list[str | tuple[str, str]]":
    number = "%d" % step.number if step.number else "policy"
    parts = [step.text] if step.number and step.text else []
    if step.verdict != "continue":
        verdict = "reject with" if step.verdict == "reject" else step.verdict
        if not step.what.startswith(("dnat", "snat", "masquerade")):
            verdict = (verdict + " " + step.what).rstrip()
        elif step.what not in step.text:
            verdict = "%s (%s)" % (verdict, step.what)
        parts.append("-> " + verdict)
    return ["  %s %s: %s" % (step.chain, number, " ".join(parts)), (DIM, _comment(step))]


def _comment(step: "Step") -> str:
    return "  # " + step.comment if step.comment else ""


def _place(step: "Step | None") -> str:
    if step is None:
        return "the start"
    where = "chain %s (%s %s)" % (step.chain, step.family, step.table)
    return "rule %d of %s" % (step.number, where) if step.number else "the policy of " + where


def records(described: str, outcome: "Outcome") -> "list[dict[str, Any]]":
    """The same for programs: the steps, then one with the verdict. Pure."""
    found = [dict(_record(step), what="step") for step in outcome.steps]
    reason = groups.reason(outcome.steps, outcome.step) if outcome.verdict else outcome.step
    last: dict[str, Any] = {
        "what": "verdict",
        "packet": described,
        "verdict": outcome.verdict or None,
        "with": outcome.what or None,
        "stopped": outcome.why or None,
        "notes": outcome.notes,
        "rule": None if reason is None else _record(reason),
    }
    return found + [last]


def _record(step: "Step") -> "dict[str, Any]":
    group, index, requirement = groups.split(step.comment) or (None, None, None)
    return {
        "hook": step.hook,
        "family": step.family,
        "table": step.table,
        "chain": step.chain,
        "rule": step.number or None,
        "handle": step.handle or None,
        "text": step.text,
        "comment": step.comment or None,
        "group": group,
        "index": index,
        "requirement": requirement,
        "verdict": step.verdict,
        "target": step.what or None,
    }
