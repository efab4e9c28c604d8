"""The walk of a packet through base chains, as nf_tables does it: rule by rule, statement by
statement, with jumps and returns. Pure.

A statement's function returns None (go on), BREAK (the rule does not match) or a verdict, which is
a pair: ("accept" | "drop" | "reject" | "return" | "jump" | "goto", what).
"""

from collections import namedtuple

from firewall.command import nat, texts
from firewall.command.expressions import value
from firewall.command.matching import find, matches
from firewall.command.packet import WITH_TYPES, Unknown
from firewall.command.ruleset import Sets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple

    from firewall.command.packet import Packet
    from firewall.command.ruleset import Chain, Ruleset

    Verdict = tuple[str, str]

    class Step(NamedTuple):
        hook: str
        family: str
        table: str
        chain: str
        number: int
        handle: int
        comment: str
        text: str
        verdict: str
        what: str

else:
    # number: the rule's place in its chain from 1; 0: the chain's policy. verdict: "continue" or
    # what the rule decided, `what` its target. text: the rule in nft's language.
    Step = namedtuple(
        "Step",
        ("hook", "family", "table", "chain", "number", "handle", "comment", "text", "verdict",
         "what"),
    )  # fmt: skip

BREAK = ("break", "")
DEEPEST = 16  # NFT_JUMP_STACK_SIZE
CONNTRACK = -200  # NF_IP_PRI_CONNTRACK
TRACKING_HOOKS = ("prerouting", "output")
LIMITS = "rates and limits are taken as not exceeded"
OFFLOAD = "flows in a flowtable pass none of these chains once they are established"


class Stopped(Exception):
    """The walk can't go on: at which step, and why."""

    def __init__(self, step: Step, why: str) -> None:
        self.step = step
        self.why = why
        super().__init__(why)


class Walk:
    """`steps`: what matched so far. `notes`: what was assumed."""

    def __init__(self, ruleset: "Ruleset", packet: "Packet") -> None:
        self.packet = packet
        self.steps: list[Step] = []
        self.notes: list[str] = []
        self._ruleset = ruleset
        self._chain: Chain | None = None  # the base chain that it is in
        self._sets = Sets(ruleset, "", "")

    def hook(self, hook: str) -> "Verdict":
        """Pass all base chains of a hook: ("accept", "") or the verdict that ends the packet."""
        packet = self.packet
        for chain in self._ruleset.base(packet.family, hook):
            if (chain.family, chain.table) in self._ruleset.flagged:
                why = "table %s has flags: whether it is dormant is not shown"
                raise Stopped(self._step(chain, None, 0, BREAK), why % chain.table)
            if hook in TRACKING_HOOKS:
                packet.tracked = chain.order[0] > CONNTRACK
            if chain.type == "nat" and self._is_settled(hook):
                continue
            self._chain = chain
            self._sets = Sets(self._ruleset, chain.family, chain.table)
            verdict = self._pass(chain, 0)
            if verdict is None or verdict[0] == "return":
                verdict = (chain.policy, "")
                self.steps.append(self._step(chain, None, 0, verdict))
            if verdict[0] != "accept":
                return verdict
        packet.tracked = True
        return "accept", ""

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def _is_settled(self, hook: str) -> bool:
        """Whether nat chains of this hook are passed over (nf_nat_inet_fn): only the first packet
        of a flow asks, and the first answer counts. An ICMP error belongs to its flow."""
        packet = self.packet
        begins = packet.state == "new" or (
            packet.state == "related" and packet.protocol not in WITH_TYPES
        )
        return not begins or nat.KINDS[hook] in packet.translated

    def _pass(self, chain: "Chain", depth: int) -> "Verdict | None":
        """One chain's rules; None: its end was reached, so its caller goes on."""
        for index, rule in enumerate(chain.rules):
            try:
                verdict = self._rule(rule["expr"])
            except Unknown as error:
                raise Stopped(self._step(chain, rule, index + 1, BREAK), "%s" % error) from None
            if verdict == BREAK:
                continue
            self.steps.append(self._step(chain, rule, index + 1, verdict))
            if verdict is None:
                continue
            word, target = verdict
            if word in ("jump", "goto"):
                key = chain.family, chain.table, target
                if depth >= DEEPEST:
                    why = "more than %d jumps deep" % DEEPEST
                    raise Stopped(self.steps[-1], why)
                verdict = self._pass(self._ruleset.chains[key], depth + 1)
                # After goto the caller of this chain goes on, after jump this chain.
                if verdict is None and word == "jump":
                    continue
                return verdict
            if word == "return":
                return None
            return verdict
        return None

    def _rule(self, statements: "list[dict[str, Any]]") -> "Verdict | None":
        for statement in statements:
            word = list(statement)[0] if isinstance(statement, dict) else ""
            if word not in STATEMENTS:
                raise Unknown('statement "%s"' % (word or statement))
            verdict = STATEMENTS[word](self, statement[word])
            if verdict is not None:
                return verdict  # type: ignore[no-any-return]
        return None

    def _step(
        self, chain: "Chain", rule: "dict[str, Any] | None", place: int, verdict: "Verdict | None"
    ) -> Step:
        word, what = verdict or ("continue", "")
        hook = self._chain.hook if self._chain is not None else chain.hook
        where = hook, chain.family, chain.table, chain.name
        if rule is None:
            return Step(*where, 0, 0, "", "policy", word, what)
        comment = rule.get("comment", "")
        return Step(*where, place, rule["handle"], comment, texts.rule(rule["expr"]), word, what)

    # --- statements

    def _match(self, body: "Any") -> "Verdict | None":
        return None if matches(body, self.packet, self._sets) else BREAK

    def _vmap(self, body: "Any") -> "Verdict | None":
        found = self._look_up(body)
        return BREAK if found is None else self._rule([found])

    def _look_up(self, body: "Any") -> "Any":
        """What a map, named or not, has for this packet; None: nothing."""
        left = value(body["key"], self.packet)
        if left is None:
            return None
        data = body["data"]
        if isinstance(data, str):
            return self._sets.data(data[1:], left)
        pair = find(left, data["set"])
        return None if pair is None else pair[1]

    def _limit(self, body: "Any") -> "Verdict | None":
        """Limits, quotas and counts of connections; they may be objects with a name."""
        if isinstance(body, dict) and "map" in body:
            body = self._look_up(body["map"])
            if body is None:
                return BREAK
        self.note(LIMITS)
        over = self._sets.is_over(body) if isinstance(body, str) else body.get("inv")
        return BREAK if over else None

    def _quota(self, body: "Any") -> "Verdict | None":
        if isinstance(body, str):
            raise Unknown("quota %s" % body)
        return self._limit(body)

    def _reject(self, body: "Any") -> "Verdict | None":
        return "reject", texts.reject(body, self.packet)

    def _nat(self, word: str, body: "Any") -> "Verdict | None":
        hook = self._chain.hook if self._chain is not None else ""
        if self._chain is None or self._chain.type != "nat":
            raise Unknown("%s outside a nat chain" % word)
        return nat.translate(self.packet, hook, word, body, self._look_up)

    def _notrack(self, body: "Any") -> "Verdict | None":
        if not self.packet.tracked:
            self.packet.state = "untracked"
            self.packet.exempt = True
        return None

    def _mangle(self, body: "Any") -> "Verdict | None":
        """The packet or a mark is changed; to what is not known when the value is too difficult."""
        word = list(body["key"])[0]
        key = body["key"][word]
        if word == "tcp option":
            return None if self.packet.protocol == 6 else BREAK
        if word not in ("meta", "ct", "payload"):
            raise Unknown("change of %s" % word)
        name = "%s %s" % (word if word != "payload" else key["protocol"], key.get("key", ""))
        if word == "payload":
            if value(body["key"], self.packet) is None:
                return BREAK
            name = "%s %s" % (key["protocol"], key["field"])
        elif key["key"] not in ("mark", "nftrace", "priority"):
            raise Unknown("change of %s" % name)
        try:
            found = value(body["value"], self.packet)
        except Unknown:
            self.packet.fields.pop(name, None)
            return None
        if found is None:
            return BREAK
        self.packet.fields[name] = found[1]
        return None

    def _flow(self, body: "Any") -> "Verdict | None":
        self.note(OFFLOAD)
        return None

    def _go_on(self, body: "Any") -> "Verdict | None":
        return None


def _verdict(word: str) -> "Any":
    def decide(walk: Walk, body: "Any") -> "Verdict":
        return word, body["target"] if body else ""

    return decide


def _translation(word: str) -> "Any":
    def decide(walk: Walk, body: "Any") -> "Verdict | None":
        return walk._nat(word, body)

    return decide


STATEMENTS = {
    "match": Walk._match,
    "vmap": Walk._vmap,
    "limit": Walk._limit,
    "quota": Walk._quota,
    "ct count": Walk._limit,
    "reject": Walk._reject,
    "notrack": Walk._notrack,
    "mangle": Walk._mangle,
    "flow": Walk._flow,
    "counter": Walk._go_on,
    "log": Walk._go_on,
    "last": Walk._go_on,
    "continue": Walk._go_on,
    "dup": Walk._go_on,
    "accept": _verdict("accept"),
    "drop": _verdict("drop"),
    "return": _verdict("return"),
    "jump": _verdict("jump"),
    "goto": _verdict("goto"),
    "masquerade": _translation("masquerade"),
    "snat": _translation("snat"),
    "dnat": _translation("dnat"),
    "redirect": _translation("redirect"),
}
