"""What tests/lab/explain calls on either runtime: explain's way for packets whose way is known."""

import json

from agent.port import files
from agent.port.records import Route
from firewall.command import groups, journey, question
from firewall.command.facts import Facts
from firewall.command.ruleset import Ruleset

DROPS = {"reject": "drop"}  # what the kernel's trace calls them


def ruleset(objects):
    """A ruleset whose elements are in the listing."""
    elements = {}
    for item in objects:
        for kind in ("set", "map"):
            if kind in item:
                body = item[kind]
                elements[(body["family"], body["table"], body["name"])] = body.get("elem") or []
    return Ruleset(objects, lambda *key: elements.get(key, []), lambda text: False)


def facts(given):
    """Facts from JSON: names by index, and the routes of two tables."""
    names = {int(index): given["names"][index] for index in given["names"]}
    tables = [[Route(*route) for route in given[table]] for table in ("local", "main")]
    return Facts(names, tables[0], tables[1])


def walk(loaded, known, words, options):
    """The outcome for the packet that the words describe, and the packet as it ends."""
    packet = question.read(words, options)
    packet.facts = known
    return journey.travel(loaded, packet), packet


def steps(made):
    """Steps as the kernel's trace has them."""
    found = []
    for step in made:
        verdict = DROPS.get(step.verdict, step.verdict)
        target = step.what if verdict in ("jump", "goto") else ""
        found.append([step.family, step.table, step.chain, step.handle, verdict, target])
    return found


def replay(path):
    """[words, options, hooks, steps, verdict, comment] of each case: does explain say the same?"""
    given = json.loads(files.read(path))
    loaded = ruleset(given["objects"])
    known = facts(given["facts"])
    wrong = 0
    for words, options, hooks, wanted, verdict, comment in given["cases"]:
        outcome, _ = walk(loaded, known, words, options)
        kept = [step for step in outcome.steps if not hooks or step.hook in hooks]
        got = steps(kept)
        same = got == wanted
        if verdict is not None:
            reason = groups.reason(outcome.steps, outcome.step)
            decided = DROPS.get(outcome.verdict, outcome.verdict)
            said = reason.comment if reason is not None else ""
            same = same and (decided, said) == (verdict, comment)
        if not same:
            wrong += 1
            if wrong <= 5:
                print(words, options, "wanted", wanted, verdict, comment, "got", got,
                      outcome.verdict, outcome.why)  # fmt: skip
    print(len(given["cases"]), "cases,", wrong, "wrong")
    assert wrong == 0, wrong
