"""First half of a look: what should be up, and what others may count on. Pure.

Works through the services that something touched, providers first, until nothing changes any
more. Alternatives are chosen when all else is settled, which may touch others again.
"""

from agent.graph.model import BUNDLE
from agent.supervision import alternatives

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.supervision.situation import Situation


class Work:
    """Who is to be looked at: dicts as sets.

    wants: whose being wanted may have changed. look: whose conditions. step: whose rows. groups:
    which alternatives.
    """

    def __init__(self) -> None:
        self.wants: dict[str, bool] = {}
        self.look: dict[str, bool] = {}
        self.step: dict[str, bool] = {}
        self.groups: dict[str, bool] = {}

    def is_empty(self) -> bool:
        return not (self.wants or self.look or self.step or self.groups)

    def add(self, name: str) -> None:
        """Something of the service itself changed."""
        self.look[name] = self.step[name] = True


def settle(s: "Situation", work: Work) -> None:
    """Bring wanted, fit, should and level of all services up to date."""
    settle_wants(s, work)
    touched = {}
    rounds = 0
    while work.look or work.groups:
        rounds += 1
        if rounds > 100 + 4 * len(s.state.memory):
            raise RuntimeError("what should be up does not settle: a bug, or a circle of groups")
        for name in _in_order(s, work.look):
            work.look.pop(name, None)
            _look_at(s, work, name)
        if not work.look:
            for name in sorted(work.groups):
                touched[name] = True
                _choose(s, work, name)
            work.groups.clear()
    for name in sorted(touched):
        alternatives.settle(s, name)


def settle_wants(s: "Situation", work: Work) -> None:
    """Users first: what nobody wants needs nothing."""
    while work.wants:
        for name in reversed(_in_order(s, work.wants)):
            work.wants.pop(name, None)
            memory = s.state.memory[name]
            wanted = _is_wanted(s, name)
            if wanted != memory.wanted:
                memory.wanted = wanted
                work.add(name)
                for provider in s.graph.needs[name]:
                    if provider in s.state.memory:
                        work.wants[provider] = True


def _is_wanted(s: "Situation", name: str) -> bool:
    if s.state.memory[name].gone:
        return False
    wish = s.wish(name)
    if wish is not None:
        return wish == "up"
    if s.graph.services[name].boot:
        return True
    users = s.index.demanders.get(name, ())
    return any([user in s.state.memory and s.state.memory[user].wanted for user in users])


def _in_order(s: "Situation", names: dict[str, bool]) -> list[str]:
    """The names in the order of the graph; those of services that are gone leave the work."""
    rank = s.graph.rank
    for name in sorted(names):
        if name not in s.state.memory:
            del names[name]
    return sorted(names, key=lambda name: rank[name])


def _look_at(s: "Situation", work: Work, name: str) -> None:
    """One service: is it fit, should it be up, what may others count on."""
    s.enter(name)
    memory = s.memory
    fit = memory.wanted and not s.facts.get("shutdown") and s.conditions_hold()
    if fit != memory.fit:
        memory.fit = fit
        if s.spec.alternative is not None:
            work.groups[s.spec.alternative.group] = True
    should = fit and s.is_selected() and not s.must_restart()
    if should != memory.should:
        memory.should = should
        wake(s, work, name)
    level = s.level()
    if level != memory.level:
        if s.spec.kind == BUNDLE:
            work.step[name] = True
        memory.level = level
        for user in s.graph.needed_by[name]:
            work.add(user)


def _choose(s: "Situation", work: Work, name: str) -> None:
    group = s.state.groups[name]
    chosen = alternatives.choose(s, name)
    if chosen != group.chosen:
        for member in (group.chosen, chosen):
            if member is not None:
                work.add(member)
        group.chosen = chosen


def wake(s: "Situation", work: Work, name: str) -> None:
    """The service stands otherwise for those that wait for its end: what it needs, and the
    other alternatives. Bundles pass that on."""
    work.step[name] = True
    waiting = [name]
    while waiting:
        for provider in s.graph.needs[waiting.pop()]:
            if provider in s.state.memory:
                work.step[provider] = True
                if s.graph.services[provider].kind == BUNDLE:
                    waiting.append(provider)
    alternative = s.graph.services[name].alternative
    if alternative is not None:
        for member in s.graph.groups[alternative.group]:
            work.step[member] = True
