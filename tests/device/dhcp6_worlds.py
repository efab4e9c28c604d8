"""Worlds in which an applier met leases, and what is to be seen in them. On both runtimes."""

from tests.device import dhcp6_model as model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

OLD = ["prefix", "2001:db8:1::", 56, 1800, 3600, ""]
NEW = ["prefix", "2001:db8:2::", 56, 1800, 3600, ""]


def lans(*told: "Any") -> model.World:
    """A world in which lan_prefix met these leases, one after the other."""
    world = model.World(model.decide_lan)
    return with_leases(world, told)


def wan(*told: "Any") -> model.World:
    return with_leases(model.World(model.decide_wan), told)


def with_leases(world: model.World, told: "Any") -> model.World:
    for name in model.NAMES:
        world.link(name, "add")
        world.link(name, "up")
    for entries in told:
        model.play(world, ["lease", entries])
    return world


def addresses(world: model.World) -> list[str]:
    """The addresses that are ours."""
    found = [key[2] for key in world.kernel if key[0] == "address"]
    return sorted([address for address in found if address != model.FOREIGN[2]])


def routes(world: model.World) -> list[tuple[str, str, int]]:
    """(destination, gateway, metric) of each route."""
    return sorted([(k[2], k[4], k[6]) for k in world.kernel if k[0] == "route"])


def covers(world: model.World) -> list[str]:
    """The destinations of the unreachable routes."""
    return sorted([key[2] for key in world.kernel if key[1] == "unreachable"])


def on_link(world: model.World) -> list[tuple[str, str, float]]:
    """(destination, link, expires in) of each route without a gateway."""
    return sorted(
        [
            (key[2], world.links[key[5]].name, world.kernel[key].valid_until - world.now)
            for key in world.kernel
            if key[:2] == ("route", "unicast") and not key[4]
        ]
    )


def prefixes(world: model.World) -> list[str]:
    """The delegated prefixes that are published."""
    values = world.values or {}
    return sorted(
        [values[name] for name in values if name[:9] == "delegated" and name[-7:] == "/prefix"]
    )


def one_lan(*told: "Any") -> model.World:
    """A world with lan0 alone: one on-link route a prefix."""
    world = model.World(model.decide_lan)
    world.link("lan0", "add")
    world.link("lan0", "up")
    for entries in told:
        model.play(world, ["lease", entries])
    return world
