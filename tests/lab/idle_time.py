"""A clock for boxes of the lab, and whom it asks."""

import dataclasses

from packager.isp import wait
from services.model import Unit
from services.time.definition import Time
from tests.lab.box import Box

SERVER = "192.0.2.123"


class IdleTime(Time):
    """A clock that is only watched: the machines of the lab share one."""

    def units(self) -> tuple[Unit, ...]:
        daemon, *others = super().units()
        return (dataclasses.replace(daemon, run=(*daemon.run, "-x")), *others)


def await_sources(box: Box, *leased: str) -> None:
    """Wait until the running chronyd asks these, and the site's SERVER."""

    def look() -> list[str]:
        said = box.machine.run("chronyc", "-n", "-c", "sources", check=False)
        return sorted(line.split(",")[2] for line in said.splitlines())

    wait.until(
        f"chronyd asks {leased} and {SERVER}",
        look,
        lambda seen: seen == sorted([SERVER, *leased]),
        evidence=box.log,
    )
