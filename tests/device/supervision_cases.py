"""Services and worlds that several tests of supervision use, on both runtimes."""

import json

from agent.graph import read
from tests.device.supervision_world import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agent.graph.model import Graph

LONGRUN: "dict[str, Any]" = {"type": "longrun", "run": ["x"]}
ONESHOT: "dict[str, Any]" = {"type": "oneshot", "run": ["x"]}


def made(base: "dict[str, Any]", **more: "Any") -> "dict[str, Any]":
    """A service; `_` in keys stands for `-`."""
    service = dict(base)
    for key in more:
        service[key.replace("_", "-")] = more[key]
    return service


def graph_of(services: "dict[str, Any]") -> "Graph":
    return read.read(json.dumps({"frostgate-graph": 1, "services": services}), "graph")


def world_of(services: "dict[str, Any]", links: "dict[str, str] | None" = None) -> World:
    """A world of these services, with links, at rest."""
    world = World(graph_of(services))
    for name in links or {}:
        world.do_link(name, (links or {})[name])
    world.rest()
    return world


def since(world: World, number: int) -> list[str]:
    """The actions after the first `number`, without their times."""
    return [line.partition(" ")[2] for line in world.log[number:]]


def moves(world: World, name: str) -> list[tuple[str, str, str]]:
    return [(before, after, why) for n, before, after, why in world.moves if n == name]


def done(world: World) -> None:
    assert world.broken == [], world.broken


RUNNING = "3 present up running"
# The case from the field: a route on the link that pppd made, and a firewall zone that holds it.
FIELD = {
    "modem": made(LONGRUN, needs={"link": "eth0", "is": "running"}),
    "ppp": made(
        LONGRUN, needs={"service": "modem", "is": "up"}, outputs=["ifname"], ready="notify"
    ),
    "route": made(
        ONESHOT,
        needs={"link": {"output": "ppp/ifname"}},
        env={"WAN": {"output": "ppp/ifname", "change": "restart"}},
    ),
    "zone": made(LONGRUN, env={"WAN": {"output": "ppp/ifname", "change": "signal HUP"}}),
    "lan": LONGRUN,
}


def field() -> World:
    world = World(graph_of(FIELD))
    world.processes["ppp"].publishes["ifname"] = "ppp0"
    world.do_link("eth0", RUNNING)
    world.do_link("ppp0", "7 present up running")
    world.rest()
    done(world)
    return world
