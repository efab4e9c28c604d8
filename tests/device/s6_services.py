"""Services of the graph for tests of agent.s6, on both runtimes."""

from agent.graph.model import ENV, FILE, LONGRUN, ONESHOT, RESTART, Reference, Service
from agent.s6.paths import Paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PLAIN = {
    "kind": LONGRUN,
    "description": "",
    "run": ("sleep", "1000"),
    "stop": (),
    "user": "",
    "contents": (),
    "needs": None,
    "outputs": (),
    "secrets": (),
    "references": (),
    "literals": (),
    "notify": False,
    "up_timeout": 60,
    "down_timeout": 10,
    "back_off_first": 1,
    "back_off_cap": 60,
    "breaker_failures": 10,
    "breaker_within": 120,
    "breaker_pause": 300,
    "essential": False,
    "boot": True,
    "alternative": None,
    "digest": "0123456789abcdef",
}
ORDER = (
    "kind",
    "description",
    "run",
    "stop",
    "user",
    "contents",
    "needs",
    "outputs",
    "secrets",
    "references",
    "literals",
    "notify",
    "up_timeout",
    "down_timeout",
    "back_off_first",
    "back_off_cap",
    "breaker_failures",
    "breaker_within",
    "breaker_pause",
    "essential",
    "boot",
    "alternative",
    "digest",
)

PATHS = Paths(
    "/run/service",
    "/run/services/outputs",
    "/run/log/frost",
    "/usr/lib/execline/bin",
    "/usr/bin",
    ("frost-oneshot",),
    ("frost-agent",),
)


def service(name: str, **fields: "Any") -> Service:
    """A longrun that sleeps, with what `fields` change."""
    values = [fields.pop(field, PLAIN[field]) for field in ORDER]
    assert not fields, fields
    return Service(name, *values)


def oneshot(name: str, **fields: "Any") -> Service:
    """A oneshot."""
    return service(name, kind=ONESHOT, **fields)


def variable(name: str, output: str) -> Reference:
    """A reference in the environment."""
    return Reference(ENV, name, output, RESTART, True, False)


def secret_file(name: str, output: str) -> Reference:
    """A reference to a secret, as a file."""
    return Reference(FILE, name, output, RESTART, True, True)
