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
        rows = [line.split(",") for line in said.splitlines()]
        return sorted(row[2] for row in rows if len(row) > 2)  # else it can't reach chronyd yet

    wait.until(
        f"chronyd asks {leased} and {SERVER}",
        look,
        lambda seen: seen == sorted([SERVER, *leased]),
        evidence=box.log,
    )
