"""What the netlink contracts share: links made by `ip`, waiting, comparing tables."""

from agent.port import clock, netlink, poll, process
from agent.port.records import Address, Link, Route
from agent.view import View, address_key, route_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

DEADLINE = 20  # seconds; only a broken port ever waits that long

RTPROT_STATIC = 4


def scale() -> int:
    """How many times the usual count of random steps."""
    return int(process.environ().get(b"FROST_COUNT_SCALE", b"1"))


def ip(text: str) -> None:
    """Run `ip` with these words; it must succeed."""
    shell("exec ip " + text)


def shell(text: str) -> None:
    """Run a shell command; it must succeed."""
    code = process.wait(process.spawn([b"sh", b"-c", text.encode()]))
    assert code == 0, "%s: exit code %s" % (text, code)


def wait_for(what: str, condition: "Callable[[], bool]") -> None:
    """Wait until condition() is true."""
    end = clock.monotonic() + DEADLINE
    while not condition():
        assert clock.monotonic() < end, "waited %d s for %s" % (DEADLINE, what)
        poll.ready([], 0.01)


def many_links(pairs: int) -> None:
    """Twice as many links: l1, m1, l2, m2... (veth: a namespace of bridges takes long to end)."""
    shell(
        "for i in $(seq %d); do echo link add name l$i type veth peer name m$i; done"
        " | ip -batch -" % pairs
    )


def many_events(name: str, count: int) -> None:
    """That many link events at least, by changing the MTU of a link."""
    shell(
        "for i in $(seq %d); do echo link set dev %s mtu $((1000 + i %% 400)); done"
        " | ip -batch -" % (count, name)
    )


def veth() -> None:
    """lan (10) and its peer (11) up, with the hardware addresses 02:..:0a and :0b.

    Without IPv6 link-local addresses: each would be tentative for a second or two.
    """
    ip(
        "link add name lan index 10 address 02:00:00:00:00:0a type veth"
        " peer name peer index 11 address 02:00:00:00:00:0b"
    )
    for name in ("lan", "peer"):
        ip("link set %s addrgenmode none up" % name)


def veth_running(kernel: netlink.Kernel) -> None:
    """The same, and wait for the carrier to be noticed: the kernel takes up to a second."""
    veth()
    wait_for("both ends to run", lambda: operstates(kernel) == [6, 6])


def operstates(kernel: netlink.Kernel) -> list[int]:
    """The operstates of the two ends."""
    return [link.operstate for link in kernel.dump("link") if link.index in (10, 11)]


def by_name(kernel: netlink.Kernel, name: str) -> Link | None:
    """The link of that name."""
    found: list[Link] = [link for link in kernel.dump("link") if link.name == name]
    return found[0] if found else None


def with_times(address: Address, preferred: int | None, valid: int | None) -> Address:
    """The same address with other lifetimes."""
    same = address
    return Address(same.index, same.address, same.length, same.flags, same.scope, preferred, valid)


def untimed(record: "Any") -> "Any":
    """The record with every finite lifetime turned into -1, and no more than the rest."""
    if isinstance(record, Address):
        times = [None if seconds is None else -1 for seconds in (record.preferred, record.valid)]
        return with_times(record, times[0], times[1])
    if isinstance(record, Route):
        return Route(*(record[:8] + (None if record.expires is None else -1,)))
    return record


def about(seconds: int | None, expected: int | None) -> bool:
    """Whether a lifetime is what was set, but for the 3 seconds that a busy machine may take."""
    if expected is None or seconds is None:
        return seconds is expected
    return expected - 3 <= seconds <= expected


def tables(view: View) -> list[str]:
    """A view's records, sorted, without their lifetimes."""
    found: list[Any] = list(view.links.values())
    found += list(view.addresses.values())
    found += list(view.routes.values())
    return sorted([repr(untimed(record)) for record in found])


def dumps(
    kernel: netlink.Kernel, whats: tuple[str, ...] = ("link", "address", "route")
) -> list[str]:
    """What fresh dumps hold, in the same form."""
    found: list[str] = []
    for what in whats:
        found += [repr(untimed(record)) for record in kernel.dump(what)]
    return sorted(found)


def check_keys(view: View) -> None:
    """Every record stands under its own key."""
    for index, link in view.links.items():
        assert index == link.index
    for key, address in view.addresses.items():
        assert key == address_key(address)
    for route_is, route in view.routes.items():
        assert route_is == route_key(route)


def follow_until_same(
    view: View, kernel: netlink.Kernel, whats: tuple[str, ...] = ("link", "address", "route")
) -> "list[tuple[str, Any]]":
    """Read until the view equals fresh dumps; all that read() yielded."""
    seen: list[tuple[str, Any]] = []
    end = clock.monotonic() + DEADLINE
    while True:
        seen += list(view.read())
        expected = dumps(kernel, whats)
        if tables(view) == expected:
            check_keys(view)
            return seen
        if clock.monotonic() > end:
            missing = [line for line in expected if line not in tables(view)]
            extra = [line for line in tables(view) if line not in expected]
            raise AssertionError("the view lacks %s, has too much: %s" % (missing, extra))
        poll.ready([view.fileno()], 0.05)


class Random:
    """A small generator with the same numbers on every runtime (Numerical Recipes' constants)."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def below(self, limit: int) -> int:
        self.state = (self.state * 1664525 + 1013904223) & 0xFFFFFFFF
        return (self.state >> 8) % limit

    def choice(self, values: tuple[str, ...]) -> str:
        return values[self.below(len(values))]
