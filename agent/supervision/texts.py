"""Reasons in words for people. Pure; computed when a transition happens or when somebody asks."""

from agent.graph import conditions
from agent.graph.model import READY, RERUN, RESTART, SIGNAL
from agent.report import show
from agent.supervision.memory import STARTING, STOPPING, UP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from agent.graph.model import Node, Reference
    from agent.supervision.situation import Situation

LONGEST = 60  # characters of a value that are shown
SECRET = "secret "


def value_text(value: "Any") -> str:
    """An output's value, short, escaped; a secret's is not shown."""
    if value is None:
        return "nothing"
    text = str(value)
    if text.startswith(SECRET):
        return "a secret"
    text = text.replace("\n", " ")
    return show(text if len(text) <= LONGEST else text[: LONGEST - 3] + "...")


def seconds_text(seconds: float) -> str:
    """`60 s`, `0.5 s`."""
    # Not %.1f: runtimes round a half differently, and reasons are part of the record.
    tenths = int(seconds * 10 + 0.5)
    return "%d.%d s" % (tenths // 10, tenths % 10) if tenths % 10 else "%d s" % (tenths // 10)


def change_text(key: str, before: "Any", after: "Any") -> str:
    """What a change of a fact was."""
    kind, _, name = key.partition(" ")
    if kind == "output":
        return output_change(name, before, after)
    if kind == "link":
        return link_change(name, before, after)
    if kind == "device":
        return "the device came" if after else "the device went"
    if kind == "wish":
        return {"up": "the operator started it", "down": "the operator stopped it"}.get(
            str(after), "the operator's wish was taken back"
        )
    return "%s changed" % key


def output_change(output: str, before: "Any", after: "Any") -> str:
    """`output ppp/ifname changed from "ppp0" to "ppp1"`."""
    if before is None:
        return "output %s came as %s" % (output, value_text(after))
    if after is None:
        return "output %s vanished, it was %s" % (output, value_text(before))
    if str(before).startswith(SECRET) or str(after).startswith(SECRET):
        return "output %s (a secret) changed" % output
    return "output %s changed from %s to %s" % (output, value_text(before), value_text(after))


def link_change(name: str, before: "Any", after: "Any") -> str:
    """`link wan lost running`."""
    if before is None or after is None:
        return "link %s %s" % (name, "came" if before is None else "vanished")
    old, new = before.split(" "), after.split(" ")
    if old[0] != new[0]:
        return "link %s was replaced (index %s became %s)" % (name, old[0], new[0])
    words = ["is no longer " + state for state in old[1:] if state not in new[1:]]
    words += ["is now " + state for state in new[1:] if state not in old[1:]]
    return "link %s %s" % (name, ", ".join(words) or "changed")


def unmet_text(s: "Situation", leaf: "Node") -> str:
    """Why a leaf of a condition is not met."""
    if leaf[0] == "service":
        return provider_text(s, leaf[1], leaf[2])
    output = conditions.output_of(leaf)
    if output is not None and s.output(output) is None:
        return missing_text(s, output)
    if leaf[0] == "output":
        return "output %s is %s, not %s" % (
            output,
            value_text(s.output(leaf[1])),
            value_text(leaf[2]),
        )
    if leaf[0] == "link":
        name = conditions.link_name(leaf, s)
        states = s.link(name or "")
        return "link %s is %s" % (name, "not " + leaf[3] if states else "not there")
    return "no such device: %s" % leaf[1]


def provider_text(s: "Situation", name: str, wanted: str) -> str:
    """What keeps a condition on a service from being met."""
    memory = s.state.memory.get(name)
    if memory is None:
        return "service %s is not known" % name
    if memory.state == UP and not memory.should:
        return "service %s is about to stop" % name
    if memory.state in (STARTING, STOPPING):
        return "service %s is %s" % (name, memory.state)
    if memory.state == UP:
        return "service %s is not %s" % (name, wanted)
    return "service %s is %s" % (name, memory.state)


def missing_text(s: "Situation", output: str) -> str:
    """Why an output has no value."""
    if s.facts.get("output " + output) is None or s.service_level(output.partition("/")[0]):
        return "output %s is missing" % output
    provider = provider_text(s, output.partition("/")[0], READY)
    return "%s, so output %s does not count" % (provider, output)


def withdrawn(s: "Situation") -> str:
    """Why the entered service should not be up; "" when it should."""
    if s.facts.get("shutdown"):
        return "the system shuts down"
    if s.memory.gone:
        return "no longer in the graph"
    if not s.memory.wanted:
        return "stopped by the operator" if s.wish(s.name) == "down" else "nothing needs it"
    unmet = conditions.unmet(s.graph.conditions[s.name], s)
    if unmet:
        return unmet_text(s, unmet[0])
    group = s.group_of(s.name)
    if group is not None and group.chosen != s.name:
        return "alternative %s is used" % (group.chosen or "nothing")
    return restart(s)


def restart(s: "Situation") -> str:
    """Why what runs can't stay as it is; "" when it can."""
    if s.memory.again != s.again(s.name):
        return "the operator asked for a restart"
    if s.is_outdated():
        return "its definition changed"
    place = s.other_link()
    if place >= 0 and s.memory.links is not None:
        name = conditions.link_name(s.index.link_leaves[s.name][place], s)
        indices = (name, s.memory.links[place], s.link_indices()[place])
        return "link %s is another one (index %s became %s)" % indices
    return changed(s, RESTART)


def changed(s: "Situation", policy: str) -> str:
    """Which value changed for which this policy is to be carried out."""
    reference = s.changed(policy)
    if reference is None:
        return ""
    return reference_text(s, reference)


def reference_text(s: "Situation", reference: "Reference") -> str:
    """The change of a reference's value since the process was given it."""
    given = (s.memory.values or {}).get("%s %s" % (reference.place, reference.name))
    value = s.output(reference.output)
    if reference.secret and given is not None and value is not None:
        return "output %s (a secret) changed" % reference.output
    return output_change(reference.output, given, value)


def ended(s: "Situation") -> str:
    """How the process ended."""
    if s.stray:
        return "its s6-supervise was killed, process %d is left of it" % s.stray
    if s.exit is None:
        return "its process is gone"
    return exit_text(s.exit)


def exit_text(code: int) -> str:
    """`exit code 1`, `killed by signal 9`."""
    return "killed by signal %d" % -code if code < 0 else "exit code %d" % code


REASONS: "dict[str, Callable[[Situation], str]]" = {
    ":withdrawn": withdrawn,
    ":ended": ended,
    ":same": lambda s: s.memory.reason,
    ":not ready": lambda s: "not ready within %s" % seconds_text(s.spec.up_timeout),
    ":not installed": lambda s: "not installed within %s" % seconds_text(s.spec.up_timeout),
    ":killed": lambda s: (
        "%s; not ended within %s"
        % (
            s.memory.reason.partition("; not ended")[0],
            seconds_text(s.spec.down_timeout),
        )
    ),
    ":rerun": lambda s: changed(s, RERUN),
    ":signal": lambda s: changed(s, SIGNAL),
}


def reason(s: "Situation", words: str) -> str:
    """The reason of a row for the entered service."""
    return REASONS[words](s) if words.startswith(":") else words
