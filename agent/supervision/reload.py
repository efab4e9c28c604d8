"""How services come into the state and leave it: at the start and with a new graph. Pure."""

from agent.graph.model import BUNDLE, Graph
from agent.supervision.memory import STARTING, UP, GroupMemory, Memory, State, tick
from agent.supervision.situation import UNKNOWN, Situation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.supervision.step import Action


def adopt(graph: "Graph", state: State, name: str, now: float) -> None:
    """A service that the state does not know: its memory by what runs."""
    service = graph.services[name]
    state.memory[name] = memory = Memory()
    memory.since = now
    memory.again = again(graph, state, name)
    pid, _, ready, _, ending, stray = state.facts.get("s6 " + name) or UNKNOWN
    if service.kind == BUNDLE:
        return
    if pid:
        memory.cleared, memory.pid = False, pid
        memory.values = state.facts.get("used " + name)
        memory.reason = "found running"
        if not stray and (ready or (service.kind == "longrun" and not service.notify)):
            memory.state = UP
        else:
            memory.state = STARTING
            memory.deadline = tick(now + service.up_timeout) if service.up_timeout else None
    elif any([key.startswith("output %s/" % name) for key in state.facts]):
        memory.cleared = False
    alternative = service.alternative
    if alternative is not None and (pid or ending or stray):
        _select(graph, state.groups[alternative.group], alternative.group, name)


def _select(graph: "Graph", group: GroupMemory, name: str, member: str) -> None:
    """Of the alternatives that live the preferred one is in use."""
    members = graph.groups[name]
    if group.selected is None or members.index(member) < members.index(group.selected):
        group.selected = group.chosen = member


def again(graph: "Graph", state: State, name: str) -> int:
    """How often the operator asked for a restart of it, or of a bundle that holds it."""
    count = int(state.facts.get("again " + name) or 0)
    for bundle in graph.bundles_of[name]:
        count += again(graph, state, bundle)
    return count


def carry(old: "Graph", new: "Graph", state: State, now: float) -> "tuple[Graph, State]":
    """The state goes on with a new graph: only what differs restarts.

    The returned graph also holds the services that are gone and still to be stopped and
    uninstalled; it is the one to decide by from now on. Facts that only the new graph names are
    to be given as changes to the next decide.
    """
    leaving = []
    for name in sorted(state.memory):
        service, after = old.services[name], new.services.get(name)
        if after is None and service.kind != BUNDLE:
            leaving.append(name)
        elif after is None or (after.kind == BUNDLE) != (service.kind == BUNDLE):
            # A process may not become a bundle of its name: the daemon refuses such a graph.
            del state.memory[name]
    graph = _merge(old, new, leaving)
    groups = state.groups
    state.groups = {}
    for name in graph.groups:
        state.groups[name] = group = groups.get(name) or GroupMemory()
        _keep_members(group, graph.groups[name])
    for name in graph.order:
        if name not in state.memory:
            adopt(graph, state, name, tick(now))
        state.memory[name].gone = name in leaving
    # What nobody names any more is not followed: named again later, it is to be a change.
    for key in [key for key in state.facts if key.startswith("output ")]:
        if key not in graph.watchers:
            del state.facts[key]
    state.situation, state.fresh = None, True
    return graph, state


def _keep_members(group: GroupMemory, members: tuple[str, ...]) -> None:
    for times in (group.eligible, group.barred):
        for name in sorted(times):
            if name not in members:
                del times[name]
    if group.selected not in members:
        group.selected = None
    if group.chosen not in members:
        group.chosen = None


def _merge(old: "Graph", new: "Graph", leaving: list[str]) -> "Graph":
    """The new graph and the old one's services that leave; these still stop in their order."""
    order = list(new.order) + [name for name in old.order if name in leaving]
    services, rank = dict(new.services), {}
    conditions, needs = dict(new.conditions), dict(new.needs)
    needed_by, bundles_of = dict(new.needed_by), dict(new.bundles_of)
    for i, name in enumerate(order):
        rank[name] = i
    for name in leaving:
        services[name] = old.services[name]
        conditions[name], bundles_of[name] = None, ()
        needs[name] = tuple([other for other in old.needs[name] if other in services])
        needed_by[name] = tuple([other for other in old.needed_by[name] if other in rank])
    for name in leaving:
        for other in needs[name]:
            needed_by[other] = tuple(sorted(set(needed_by[other] + (name,))))
        for other in needed_by[name]:
            needs[other] = tuple(sorted(set(needs[other] + (name,))))
    groups = dict(new.groups)
    for name in leaving:  # never selected, but it still excludes the others while it lives
        alternative = services[name].alternative
        if alternative is not None:
            groups[alternative.group] = groups.get(alternative.group, ()) + (name,)
    fields = (services, order, rank, conditions, needed_by, needs, new.watchers, groups)
    return Graph(*(fields + (new.secrets, bundles_of, new.link_outputs)))


def forget(s: Situation, actions: "list[Action]") -> None:
    """A service that left the graph and is down: uninstalled, then forgotten."""
    memory = s.memory
    if s.pid or s.ending or s.stray:
        return
    if s.facts.get("installed " + s.name) is None:
        s.set_timer([])
        del s.state.memory[s.name]
    elif memory.ordered != "uninstall":
        memory.ordered = "uninstall"
        actions.append(("uninstall", s.name))
