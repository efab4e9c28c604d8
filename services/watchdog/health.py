"""Whether the watchdog is to be fed. Pure.

The rule: a machine that has been well once has to stay so; one that has not been yet has until the
end of its grace.
"""

from collections import namedtuple

GRACE, HEALTHY, UNHEALTHY = "grace", "healthy", "unhealthy"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    class Health(NamedTuple):
        state: str
        missing: list[str]

else:
    # state: GRACE and HEALTHY are fed, UNHEALTHY is not. missing: services that are not up.
    Health = namedtuple("Health", ("state", "missing"))

START = Health(GRACE, [])


def decide(before: Health, missing: list[str], uptime_s: float, grace_s: float) -> Health:
    """How the machine is now: `before` is how it was at the last look, START at the first."""
    if not missing:
        return Health(HEALTHY, [])
    if before.state == GRACE and uptime_s < grace_s:
        return Health(GRACE, missing)
    return Health(UNHEALTHY, missing)


def values(health: Health) -> dict[str, str]:
    """The outputs that tell of it."""
    told = {"state": health.state}
    if health.missing:
        told["missing"] = "\n".join(health.missing)
    return told
