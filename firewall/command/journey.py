"""The hooks that a packet passes, and what came of it. Pure.

A packet comes in by a link and is for the router (`input`) or for others (`forward`), or it is the
router's own (`output`). A new destination by dnat may change which.
"""

from collections import namedtuple

from firewall.command.packet import Unknown
from firewall.command.walk import Stopped, Walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from firewall.command.packet import Packet
    from firewall.command.ruleset import Ruleset
    from firewall.command.walk import Step

    class Outcome(NamedTuple):
        verdict: str
        what: str
        step: "Step | None"
        steps: "list[Step]"
        notes: "list[str]"
        why: str

else:
    # verdict: accept, drop, reject (with `what`), or "" when the walk had to stop: `why`.
    # step: the deciding rule or policy, or where it stopped; None: no chain there.
    Outcome = namedtuple("Outcome", ("verdict", "what", "step", "steps", "notes", "why"))

MAIN = ("forward", "input", "output")


def travel(ruleset: "Ruleset", packet: "Packet") -> Outcome:
    """Walk the packet to its end."""
    walk = Walk(ruleset, packet)
    packet.begin()
    for chain in ruleset.not_walked():
        where = "%s %s %s" % chain.key
        walk.note("%s (hook %s) is not walked" % (where, chain.hook))
    outgoing = packet.oif
    try:
        if not packet.iif:
            return _pass(walk, ("output", "postrouting"), outgoing)
        packet.oif = ""
        verdict = walk.hook("prerouting")
        if verdict[0] != "accept":
            return _end(walk, verdict)
        if "dnat" in packet.translated:
            outgoing = _after_dnat(walk, outgoing)
        if not outgoing:
            return _pass(walk, ("input",), "")
        # ip_forward(), ip6_forward(): before the hook
        hops = "ip ttl" if packet.family == 4 else "ip6 hoplimit"
        if hops in packet.fields:
            packet.fields[hops] -= 1
        return _pass(walk, ("forward", "postrouting"), outgoing)
    except Stopped as stopped:
        return Outcome("", "", stopped.step, walk.steps, walk.notes, stopped.why)


def _pass(walk: Walk, hooks: tuple[str, ...], outgoing: str) -> Outcome:
    walk.packet.oif = outgoing
    for hook in hooks:
        verdict = walk.hook(hook)
        if verdict[0] != "accept":
            return _end(walk, verdict)
    return _end(walk, ("accept", ""))


def _after_dnat(walk: Walk, outgoing: str) -> str:
    """Where the new destination is: a link's name, "" for the router itself."""
    packet = walk.packet
    if packet.redirected:
        return ""
    try:
        destination = packet.destination
        if packet.facts is None:
            raise Unknown("the way to the new destination is not known")
        if packet.facts.is_local(packet.family, destination):
            return ""
        link = packet.facts.out(packet.family, destination)
        if link is None:
            raise Unknown("no route to the new destination")
    except Unknown as error:
        if outgoing:
            return outgoing  # as we were told
        raise Stopped(walk.steps[-1], "%s (out IF tells)" % error) from None
    if outgoing and link != outgoing:
        walk.note("by the routes the new destination is behind %s, not %s" % (link, outgoing))
        return outgoing
    return link


def _end(walk: Walk, verdict: tuple[str, str]) -> Outcome:
    return Outcome(verdict[0], verdict[1], _deciding(walk.steps, verdict[0]), walk.steps,
                   walk.notes, "")  # fmt: skip


def _deciding(steps: "list[Step]", verdict: str) -> "Step | None":
    """Which rule decided. A packet passes when every base chain lets it: then the last rule of the
    main hook that said so counts, and its policy where no rule did."""
    if verdict != "accept":
        return steps[-1] if steps else None
    for hooks in (MAIN, ("prerouting", "postrouting")):
        for by_rule in (True, False):
            found = [s for s in steps if s.hook in hooks and s.verdict == "accept"
                     and (s.number > 0) == by_rule and (hooks == MAIN or not by_rule)]  # fmt: skip
            if found:
                return found[-1]
    return None
