"""What an applier means to have done: the prefixes in use and what it owns, from step to step.

Pure. The order of a step is the promise: plan(), then the memo is on disk, then the actions are
carried out, then settle(). Whatever is in the kernel because of us is then always in the memo.
"""

from services.dhcp6 import memory, objects, reconcile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.port.records import Link
    from services.dhcp6.lease import Lease
    from services.dhcp6.memory import Used
    from services.dhcp6.objects import Key, State
    from services.dhcp6.plan import Plan
    from services.dhcp6.reconcile import Action

    Decide = Callable[[float, Lease, list[Used], list[Link]], Plan]


class Intent:
    """`used` and `owned` start as the memo of the last run tells."""

    def __init__(self, decide: "Decide", memo: str) -> None:
        self._decide = decide
        self.used, self.owned = memory.parse(memo)

    def plan(self, now: float, lease: "Lease", links: "dict[int, Link]") -> "Plan":
        """Decide, and take what the plan wants for ours from now on."""
        plan = self._decide(now, lease, self.used, [links[index] for index in sorted(links)])
        # What was on a link that is gone is gone with it. lo is always there.
        there = list(links) + [objects.LOOPBACK_INDEX]
        keep = [key for key in self.owned if objects.index_of(key) in there]
        self.used = plan.used
        self.owned = sorted(keep + [key for key in plan.wanted if key not in keep], key=str)
        return plan

    def memo(self) -> str:
        """The text to be on disk before the kernel is touched."""
        return memory.render(self.used, self.owned)

    def actions(
        self, plan: "Plan", seen: "dict[Key, State]", up: list[int], now: float
    ) -> "list[Action]":
        """What closes the gap between the plan and what is seen on the links that are up."""
        # Unreachable routes hang on lo and are possible in any case.
        links = up + [objects.LOOPBACK_INDEX]
        return reconcile.actions(plan, self.owned, seen, links, now)

    def settle(self, plan: "Plan", seen: "dict[Key, State]") -> bool:
        """Forget what is neither wanted nor there: whoever brings it back, it is not ours.

        A route that stays until it expires is there until then, and ours.

        Returns whether the memo changed.
        """
        owned = [key for key in self.owned if key in plan.wanted or key in seen]
        changed = len(owned) != len(self.owned)
        self.owned = owned
        return changed
