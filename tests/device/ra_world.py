"""Builders for the tests of services/ra: outputs as the sources and the lease publish them."""

from services.ra import arguments
from services.ra.facts import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SOURCE = "lan_prefix"
LEASE = "wan"


def lan(text: str = "lan0") -> arguments.Lan:
    """A LAN as its operand describes it."""
    return arguments.parse_lan(text)


def until(time: float | str) -> str:
    """A published deadline."""
    return time if isinstance(time, str) else "%.3f" % time


def source(
    prefixes: "tuple[Any, ...] | list[Any]" = (),
    delegated: "tuple[Any, ...] | list[Any]" = (),
    link: str = "lan0",
) -> dict[str, str]:
    """A prefix source's outputs: (prefix, preferred-until, valid-until) of /64s on one LAN, and
    (prefix, length, valid-until) of covering prefixes."""
    values = {}
    for prefix, preferred, valid in prefixes:
        folder = "lan/%s/%s_1/" % (link, prefix.replace(":", "-"))
        values[folder + "prefix"] = prefix
        values[folder + "length"] = "64"
        values[folder + "address"] = prefix + "1"
        values[folder + "preferred-until"] = until(preferred)
        values[folder + "valid-until"] = until(valid)
    for prefix, length, valid in delegated:
        folder = "delegated/%s_%d/" % (prefix.replace(":", "-"), length)
        values[folder + "prefix"] = prefix
        values[folder + "length"] = str(length)
        values[folder + "valid-until"] = until(valid)
    return values


def lease(
    state: str = "bound", route: float | str | None = "infinity", dns: str = "", domains: str = ""
) -> dict[str, str]:
    """The outputs of a client's hook; `route`: the default route's deadline, None for none."""
    values = {"state": state, "ifname": "wan0"}
    if route is not None:
        values["route/default/destination"] = "::"
        values["route/default/length"] = "0"
        values["route/default/gateway"] = "fe80::1"
        values["route/default/valid-until"] = until(route)
    if dns:
        values["dns"] = dns
    if domains:
        values["domains"] = domains
    return values


def world(
    told: dict[str, str] | None = None,
    leased: dict[str, str] | None = None,
    running: bool = True,
    more: "tuple[Any, ...] | list[Any]" = (),
    hosts: tuple[str, ...] = (),
) -> World:
    """Everything; `more`: further (service, outputs); `hosts`: LANs without forwarding."""
    return World(((SOURCE, told),) + tuple(more), LEASE, leased, running, hosts)
