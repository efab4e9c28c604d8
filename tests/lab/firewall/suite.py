"""The register of cases: each is a function below a decorator that says what it shows."""

from collections.abc import Callable
from importlib import import_module

from tests.lab.firewall import addresses as at
from tests.lab.firewall.case import Case

MODULES = ("sources", "flows", "trackers", "errors", "icmp", "router", "ipv4", "zones")
BEHIND_SOFTWIRE = 1536  # numbers from here on are IPv4 addresses that the softwire leads to
OPENED = 2047  # the number of the host that the pinhole opens

Build = Callable[[Case], None]
_registered: list[Case] = []


def case(
    requirement: str, level: str, name: str, world: str = "home", number: int = 0
) -> Callable[[Build], Build]:
    """A case of the suite; the function below says its steps."""

    def register(build: Build) -> Build:
        made = Case(requirement, level, name, number or _next_number(), world)
        _registered.append(made)
        build(made)
        return build

    return register


def softwire_number() -> int:
    """A case number whose IPv4 address lies behind the softwire."""
    taken = {each.number for each in _registered}
    return next(n for n in range(BEHIND_SOFTWIRE, OPENED) if n not in taken)


def _next_number() -> int:
    found = 1 + max((c.number for c in _registered if c.number < BEHIND_SOFTWIRE), default=0)
    assert found < min(BEHIND_SOFTWIRE, at.MOST), "too many cases for the room's addresses"
    return found


def cases() -> list[Case]:
    """All cases."""
    for name in MODULES:
        import_module(f"tests.lab.firewall.cases.{name}")
    return list(_registered)
