"""Small rulesets as nft lists them, and packets for them."""

from firewall.command import journey, question
from firewall.command.ruleset import Ruleset

TABLE = {"family": "ip6", "table": "t"}


def table(name="t", family="ip6", handle=1, **more):
    return {"table": dict({"family": family, "name": name, "handle": handle}, **more)}


def chain(name, hook="", kind="filter", prio=0, policy="accept", handle=1, **where):
    body = dict(TABLE, name=name, handle=handle)
    body.update(where)
    if hook:
        body.update({"type": kind, "hook": hook, "prio": prio, "policy": policy})
    return {"chain": body}


def rule(chain, *statements, comment="", handle=5, **where):
    body = dict(TABLE, chain=chain, handle=handle, expr=list(statements))
    body.update(where)
    if comment:
        body["comment"] = comment
    return {"rule": body}


def match(left, right, op="=="):
    return {"match": {"op": op, "left": left, "right": right}}


def payload(protocol, field):
    return {"payload": {"protocol": protocol, "field": field}}


def meta(key):
    return {"meta": {"key": key}}


def ct(key):
    return {"ct": {"key": key}}


def jump(target, word="jump"):
    return {word: {"target": target}}


ACCEPT, DROP, RETURN, COUNTER = {"accept": None}, {"drop": None}, {"return": None}, {"counter": {
    "packets": 3, "bytes": 180}}  # fmt: skip


def ruleset(*objects, elements=None, probed=()):
    """elements: {set's name: its elements, None for too many}. probed: what get element finds."""
    held = elements or {}
    return Ruleset(list(objects), lambda family, table, name: held.get(name, []),
                   lambda text: text in probed)  # fmt: skip


def packet(text, facts=None, **options):
    """A packet from the words of the command line."""
    made = question.read(text.split(), options)
    made.facts = facts
    return made


def outcome(loaded, text, facts=None, **options):
    return journey.travel(loaded, packet(text, facts, **options))


def way(made):
    """(chain, rule's number, verdict) of each step."""
    return [(step.chain, step.number, step.verdict) for step in made.steps]
