"""What the netlink contracts share: sample records, and the kernel's tables without its own."""

from agent.port import netlink
from agent.port.records import (
    IFA_F_NODAD,
    RT_TABLE_MAIN,
    Address,
    Route,
)
from tests.contract.links import (
    RTPROT_STATIC,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

UP = 0x11043  # up, broadcast, running, multicast, lower up
LOCAL6 = Address(10, "2001:db8::1", 64, IFA_F_NODAD, 0, 1000, 2000)
LOCAL4 = Address(10, "192.0.2.1", 24, 0, 0, 1000, 2000)


def route(destination: str, length: int, **fields: "Any") -> Route:
    """A static route of the main table; `fields` are those that differ."""
    values: dict[str, Any] = {
        "kind": "unicast",
        "gateway": "",
        "index": 0,
        "metric": 100,
        "expires": None,
    }
    values.update({"table": RT_TABLE_MAIN, "protocol": RTPROT_STATIC})
    values.update(fields)
    return Route(
        values["kind"],
        destination,
        length,
        values["gateway"],
        values["index"],
        values["metric"],
        values["table"],
        values["protocol"],
        values["expires"],
    )


def errno_of(call: "Any", *args: "Any") -> int:
    """The error number of the OSError that the call raises, 0 when it raises none."""
    try:
        call(*args)
    except OSError as error:
        return error.errno or 0
    return 0


def addresses(kernel: netlink.Kernel, index: int = 10) -> list[Address]:
    """The addresses of a link but for those the kernel made."""
    found = [a for a in kernel.dump("address") if a.index == index and a.scope == 0]
    return sorted(found)


def ours(kernel: netlink.Kernel, table: int = RT_TABLE_MAIN) -> list[Route]:
    """The routes that are not the kernel's own."""
    found = [r for r in kernel.dump("route", table) if r.protocol != 2]
    return sorted(found, key=lambda r: r[:8])


def drain(events: netlink.Events) -> "list[tuple[str, Any]]":
    """Everything that waits."""
    found: list[tuple[str, Any]] = []
    while True:
        changes = events.read()
        if not changes:
            return found
        found += changes


def names(events: netlink.Events) -> list[tuple[str, str]]:
    """(action, name) of the link events that wait."""
    return [(action, link.name) for action, link in drain(events)]
