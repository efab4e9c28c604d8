"""Random graphs of workers and random changes to them, drawn by a random.Random.

Small ones, with short timeouts: what is waited for in a round is s6 and the agent, not a back-off.
"""

import contextlib
import json
import random
from collections.abc import Callable
from typing import Any

from agent.graph import read
from agent.graph.model import GraphError
from tests.lab.supervision.room import TOP

WORKER = TOP + "/bin/worker"
LINKS = ("r0", "r1")
DEVICE_LINK = "w0"
DEVICE = {"subsystem": "net", "name": "w?"}
VALUES = ("v0", "v1", "r0", None)
STATES = ("present", "up", "running", "addressed", "addressed4", "addressed6")
TIMES = {
    "up-timeout": 1,
    "down-timeout": 0.25,
    "back-off": {"first": 0.02, "cap": 0.1},
    "breaker": {"failures": 4, "within": 1, "pause": 0.3},
}

Services = dict[str, Any]


def longrun(name: str, **fields: Any) -> dict[str, Any]:
    """A longrun whose program is the worker; `_` in names stands for `-`."""
    return _service(name, "longrun", fields)


def oneshot(name: str, **fields: Any) -> dict[str, Any]:
    """A oneshot whose program is the worker."""
    return _service(name, "oneshot", fields)


def _service(name: str, kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    made = {"type": kind, "run": [WORKER, TOP, name, kind]}
    return {**made, **{key.replace("_", "-"): value for key, value in fields.items()}}


def condition(dice: random.Random, earlier: Services, depth: int = 0) -> dict[str, Any]:
    """A condition on services that are there already, on links and on a device."""
    sorts = ["link", "device"] + ["service", "service", "output", "output"] * bool(earlier)
    if depth < 2:
        sorts += ["all", "any"]
    sort = dice.choice(sorts)
    if sort in ("all", "any"):
        count = dice.randrange(1, 4)
        return {sort: [condition(dice, earlier, depth + 1) for _ in range(count)]}
    if sort == "link":
        return {"link": dice.choice(LINKS), "is": dice.choice(STATES)}
    if sort == "device":
        return {"device": DEVICE}
    name = dice.choice(sorted(earlier))
    paths = earlier[name].get("outputs")
    if sort == "service" or not paths:
        return {"service": name, "is": dice.choice(("up", "ready", "ready"))}
    path = f"{name}/{dice.choice(paths)}"
    form = dice.randrange(3)
    if form == 0:
        return {"link": {"output": path}, "is": dice.choice(STATES)}
    return {"output": path, "equals": "v1"} if form == 1 else {"output": path}


def process(dice: random.Random, name: str, earlier: Services) -> dict[str, Any]:
    """A longrun or a oneshot."""
    kind = dice.choice(("longrun", "longrun", "oneshot"))
    made = (longrun if kind == "longrun" else oneshot)(name, **TIMES)
    if dice.randrange(4) == 0:
        made["wanted"] = "demand"
    if dice.randrange(4) < 3:
        made["needs"] = condition(dice, earlier)
    if dice.randrange(2):
        made["outputs"] = dice.choice((["a"], ["a", "b"]))
    if kind == "longrun":
        made["ready"] = dice.choice(("up", "notify"))
    elif dice.randrange(2):
        made["stop"] = [*made["run"][:3], "undo"]
    sources = [
        f"{other}/{p}" for other in sorted(earlier) for p in earlier[other].get("outputs", ())
    ]
    policies = ("restart", "ignore") + (("signal HUP",) if kind == "longrun" else ("rerun",)) * 2
    for number in range(dice.randrange(3) if sources else 0):
        made.setdefault(dice.choice(("env", "env", "files")), {})["V%d" % number] = {
            "output": dice.choice(sources),
            "change": dice.choice(policies),
            "optional": dice.randrange(3) == 0,
        }
    return made


def valid(draw: Callable[[], Services]) -> Services:
    """What `draw` gives, drawn until it is a graph that can be used: a service may need two
    alternatives of a group at a time."""
    while True:
        services = draw()
        with contextlib.suppress(GraphError):
            read.read(text_of(services), "drawn")
            return services


def text_of(services: Services) -> str:
    """The graph's file."""
    return json.dumps({"frostgate-graph": 1, "services": services}, indent=1)


def graph(dice: random.Random, prefix: str) -> Services:
    """4 to 10 services. Alternatives stand side by side and need only what is before them."""
    return valid(lambda: _graph(dice, prefix))


def changed(dice: random.Random, services: Services) -> Services:
    """The graph as an operator may have changed it: a service less, more, or another one."""
    return valid(lambda: _changed(dice, services))


def _graph(dice: random.Random, prefix: str) -> Services:
    made: Services = {}
    count = dice.randrange(4, 11)
    while len(made) < count:
        before = dict(made)
        members = dice.choice((1, 1, 1, 1, 2, 3))
        if members == 1 and before and dice.randrange(6) == 0:
            contents = dice.sample(sorted(before), min(len(before), dice.randrange(1, 4)))
            # A service can't become a bundle while it runs: bundles have names of their own.
            made[f"b{len(made)}"] = {"type": "bundle", "contents": contents}
            continue
        for number in range(members):
            name = f"{prefix}{len(made)}"
            made[name] = process(dice, name, before)
            if members > 1:
                made[name]["alternative"] = {
                    "group": f"g{len(before)}",
                    "preference": number,
                    "fail-back": dice.choice((0, 0.2)),
                    "tries": dice.randrange(1, 4),
                }
    return made


def _changed(dice: random.Random, services: Services) -> Services:
    made = {name: dict(services[name]) for name in services}
    last = sorted(made, key=lambda name: int(name[1:]))[-1]
    how = dice.randrange(4)
    if how == 0 and "alternative" not in made[last]:
        del made[last]
    elif how == 1:
        # A process never has a bundle's kind of name, also behind a bundle.
        prefix = next(name[0] for name in sorted(made) if made[name]["type"] != "bundle")
        name = f"{prefix}{int(last[1:]) + 1}"
        made[name] = process(dice, name, {})
    else:
        name = dice.choice([name for name in sorted(made) if made[name]["type"] != "bundle"])
        if how == 2:
            made[name]["env"] = {**made[name].get("env", {}), "L": str(dice.randrange(100))}
        else:
            made[name].pop("needs", None)
    return made
