"""Why a service is as it is, computed when somebody asks. Pure; nothing here decides.

why() follows the chain of conditions down to what is not met; status() and health() are the
overview. All results are JSON-able.
"""

from agent.graph import conditions
from agent.graph.model import BUNDLE
from agent.supervision import memory, texts
from agent.supervision.decision import situation
from agent.supervision.memory import DOWN, FAILED, STARTING, STOPPING, UP, tick

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agent.graph.model import Graph, Node
    from agent.supervision.memory import State
    from agent.supervision.situation import Situation

    Record = dict[str, Any]
    # what, name, text, and the leaf of a condition that it is about
    Cause = tuple[str, str, str, Node | None]


def why(graph: "Graph", state: "State", name: str, now: float) -> "list[Record]":
    """The chain from a service down to what keeps it from being up, depth first.

    Each record: depth, what (service, output, link, device, alternative, back-off, wish, process,
    restart, last), name, text, met, since (seconds ago of the last change that touched it, or
    None), change (that change in words, or None). The records of what is not met come first at each
    depth; `last` is why a service was stopped or failed before its present state.
    """
    s = situation(graph, state)
    s.now = tick(now)
    records: list[Record] = []
    _explain(s, name, 0, records)
    return records


def _explain(s: "Situation", name: str, depth: int, records: "list[Record]") -> None:
    s.enter(name)
    own = s.memory
    is_up = own.level == memory.READY
    text = own.state if not own.reason else "%s: %s" % (own.state, own.reason)
    records.append(_record(depth, "service", name, text, is_up, s.now - own.since, None))
    _explain_causes(s, name, depth + 1, records)
    if depth == 0 and own.last and own.last_at is not None:
        told = "stopped last because: " + own.last
        records.append(_record(1, "last", name, told, True, s.now - own.last_at, None))


def _explain_causes(s: "Situation", name: str, depth: int, records: "list[Record]") -> None:
    """What keeps it from being up, then down the first of these."""
    s.enter(name)
    causes = find_causes(s)
    for what, about, words, leaf in causes:
        since, change = _known_since(s, what) if leaf is None else _last_change(s, leaf)
        records.append(_record(depth, what, about, words, False, since, change))
    leaf = causes[0][3] if causes else None
    provider = None if leaf is None else conditions.provider(leaf)
    if leaf is not None and provider is not None and s.service_level(provider) < memory.READY:
        if leaf[0] == "service":
            _explain_causes(s, provider, depth + 1, records)
        else:
            _explain(s, provider, depth + 1, records)


def _record(
    depth: int,
    what: str,
    name: str,
    text: str,
    met: bool,
    since: float | None,
    change: str | None,
) -> "Record":
    return {
        "depth": depth,
        "what": what,
        "name": name,
        "text": text,
        "met": met,
        "since": None if since is None else tick(max(0.0, since)),
        "change": change,
    }


def _known_since(s: "Situation", what: str) -> "tuple[float | None, str | None]":
    """Since when what is no condition holds, with the operator's act."""
    if what == "wish":
        key = "wish " + s.name
        if key in s.state.changes:
            when, before, after = s.state.changes[key]
            return s.now - when, texts.change_text(key, before, after)
        return None, None
    return s.now - s.memory.since, None


def _last_change(s: "Situation", leaf: "Node") -> "tuple[float | None, str | None]":
    """(seconds ago, words) of the last change of what a leaf looks at."""
    name = conditions.link_name(leaf, s) if leaf[0] == "link" else None
    key = conditions.key(leaf) if name is None else "link " + name
    if leaf[0] == "service":
        provider = s.state.memory.get(leaf[1])
        if provider is None:
            return None, None
        return s.now - provider.since, "%s: %s" % (provider.state, provider.reason)
    if key not in s.state.changes:
        return None, None
    when, before, after = s.state.changes[key]
    return s.now - when, texts.change_text(key, before, after)


def find_causes(s: "Situation") -> "list[Cause]":
    """What keeps the entered service from being up, the first thing first; [] when it is up."""
    if s.memory.level == memory.READY:
        return []
    if s.facts.get("shutdown"):
        return [("wish", s.name, "the system shuts down", None)]
    if not s.memory.wanted:
        return [("wish", s.name, texts.withdrawn(s), None)]
    unmet = conditions.unmet(s.graph.conditions[s.name], s)
    if unmet:
        causes: list[Cause] = []
        for leaf in unmet:
            cause = _leaf_cause(s, leaf)
            if cause[:3] not in [other[:3] for other in causes]:
                causes.append(cause)
        return causes
    if not s.is_selected():
        return [("alternative", s.name, texts.withdrawn(s), None)]
    if s.memory.state == UP and not s.memory.should:
        return [("restart", s.name, "%s%s" % (texts.withdrawn(s), _held_by(s)), None)]
    return [_process_cause(s)]


def _leaf_cause(s: "Situation", leaf: "Node") -> "Cause":
    text = texts.unmet_text(s, leaf)
    if leaf[0] == "link":
        name = conditions.link_name(leaf, s)
        return ("link", name, text, leaf) if name else ("output", leaf[2], text, leaf)
    return (leaf[0], leaf[1], text, leaf)


def _held_by(s: "Situation") -> str:
    """`; first users must end: a, b`."""
    users = [user for user in s.graph.needed_by[s.name] if s.holds_back(user)]
    return "; these must end first: " + ", ".join(users) if users else ""


def _process_cause(s: "Situation") -> "Cause":
    """Everything that it needs is there: what its process waits for."""
    own = s.memory
    if s.spec.kind == BUNDLE:
        again = [n for n in s.spec.contents if s.service_level(n) == memory.HELD]
        return ("process", s.name, "runs again in place: " + ", ".join(again), None)
    if own.state == STOPPING:
        return ("process", s.name, "it is ending: " + own.reason, None)
    if s.stray:
        return ("process", s.name, "process %d of it must end first" % s.stray, None)
    if own.state == STARTING:
        return ("process", s.name, _starting_text(s), None)
    if own.retry_at is not None and own.retry_at > s.now:
        return ("back-off", s.name, back_off_text(s), None)
    held = _held_by(s)
    if held:
        return ("process", s.name, held[2:], None)
    if s.is_excluded():
        return ("alternative", s.name, "another alternative is still ending", None)
    if s.ending:
        return ("process", s.name, "its finish script runs", None)
    if s.has_outputs():
        return ("process", s.name, "outputs of its last run are being cleared", None)
    return ("process", s.name, "it is about to start", None)


def _starting_text(s: "Situation") -> str:
    until = s.memory.deadline
    limit = "" if until is None else ", given up in " + texts.seconds_text(int(until - s.now))
    if s.memory.ordered == "install":
        return "its service directory is being installed" + limit
    if not s.pid:
        return "its process is being started" + limit
    return "process %d is not ready yet%s" % (s.pid, limit)


def back_off_text(s: "Situation") -> str:
    """`exit code 1, 3 failures in a row; next try in 4 s`."""
    own = s.memory
    count = "%d failure%s in a row" % (own.failures, "" if own.failures == 1 else "s")
    pause = ", too many: paused" if own.tripped else ""
    wait = texts.seconds_text(int((own.retry_at or s.now) - s.now + 0.999))
    return "%s, %s%s; next try in %s" % (own.last or own.reason, count, pause, wait)


def status(graph: "Graph", state: "State", now: float) -> "list[Record]":
    """One record per service in the graph's order. since and retry_in are seconds from now; waits
    is what it waits for, None when it is up or not wanted."""
    s = situation(graph, state)
    s.now = tick(now)
    return [_status(s, name) for name in graph.order if name in state.memory]


def _status(s: "Situation", name: str) -> "Record":
    s.enter(name)
    own = s.memory
    causes = find_causes(s) if own.wanted else []
    retry_in = None
    if own.state in (DOWN, FAILED) and own.retry_at is not None and own.retry_at > s.now:
        retry_in = tick(own.retry_at - s.now)
    return {
        "name": name,
        "kind": s.spec.kind,
        "state": own.state,
        "since": tick(s.now - own.since),
        "ready": own.level == memory.READY,
        "should": own.should,
        "reason": own.reason,
        "waits": causes[0][2] if causes else None,
        "failures": own.failures,
        "retry_in": retry_in,
        "essential": s.spec.essential,
        "pid": s.pid or None,
    }


def health(graph: "Graph", state: "State") -> str:
    """`healthy`, or `degraded: names` of the essential services that the graph wants up and that
    are not. Of alternatives one is enough."""
    missing = []
    for name in graph.order:
        service = graph.services[name]
        own = state.memory.get(name)
        if own is None or own.gone or not service.essential or not (service.boot or own.wanted):
            continue
        names = [name]
        if service.alternative is not None:
            names = list(graph.groups[service.alternative.group])
        if not any([_is_up(state, other) for other in names]):
            missing.append(name)
    return "degraded: " + ", ".join(missing) if missing else "healthy"


def _is_up(state: "State", name: str) -> bool:
    own = state.memory.get(name)
    return own is not None and own.level == memory.READY
