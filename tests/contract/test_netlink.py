"""Links and events against the real kernel; each test gets a network namespace of its own."""

from agent.port import errno, netlink, poll
from agent.port.records import (
    IFA_F_NODAD,
    Address,
    Link,
    Overrun,
)
from tests.contract.links import (
    about,
    by_name,
    ip,
    many_events,
    many_links,
    shell,
    untimed,
    veth,
    veth_running,
    wait_for,
)
from tests.contract.tables import LOCAL4, LOCAL6, UP, drain, errno_of, names, route

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def test_link_is_read_with_every_field() -> None:
    kernel = netlink.Kernel()
    ip("link add name br index 20 type bridge")
    veth_running(kernel)
    ip("link set lan mtu 1400 master br")
    assert by_name(kernel, "lan") == Link(10, "lan", UP, 6, 1400, "02:00:00:00:00:0a", 20, "veth")
    bridge = Link(20, "br", 0x1002, 2, 1400, "02:00:00:00:00:0a", 0, "bridge")
    assert by_name(kernel, "br") == bridge
    ip("link set peer down")
    down = Link(11, "peer", 0x1002, 2, 1500, "02:00:00:00:00:0b", 0, "veth")
    assert by_name(kernel, "peer") == down


def test_link_without_hardware_address_has_an_empty_mac() -> None:
    kernel = netlink.Kernel()
    ip("tuntap add tun0 mode tun")
    link = by_name(kernel, "tun0")
    assert link is not None
    assert (link.mac, link.kind, link.operstate, link.master) == ("", "tun", 2, 0)


def test_link_name_that_is_not_utf8_is_shown_escaped() -> None:
    kernel = netlink.Kernel()
    shell("ip link add $(printf 'a\\377') type bridge")
    assert [link.name for link in kernel.dump("link")] == ["lo", "a\\xff"]


def test_a_thousand_links_are_read() -> None:
    kernel = netlink.Kernel()
    many_links(500)
    found = kernel.dump("link")
    assert len(found) == 1001
    pairs = [name % i for i in range(1, 501) for name in ("l%d", "m%d")]
    assert {link.name for link in found} == set(["lo"] + pairs)


class Disturbed(netlink.Kernel):
    """Removes a pair of links after the first datagram of each of the first `times` dumps.

    They are in that datagram already, so what is read to the end without a second look is wrong.
    """

    def __init__(self, times: int) -> None:
        netlink.Kernel.__init__(self)
        self.times = times
        self.disturbed = 0
        self.sequence = b""

    def receive(self) -> bytes:
        octets = netlink.Kernel.receive(self)
        if self.disturbed < self.times and octets[8:12] != self.sequence:
            self.sequence = octets[8:12]  # nlmsg_seq
            self.disturbed += 1
            ip("link del l%d" % self.disturbed)
        return octets


def test_interrupted_dump_is_done_again() -> None:
    many_links(100)
    kernel = Disturbed(1)
    found = kernel.dump("link")
    assert len(found) == 199
    assert found == kernel.dump("link")


def test_dump_that_is_interrupted_for_ever_is_an_error() -> None:
    many_links(100)
    kernel = Disturbed(10000)
    assert errno_of(kernel.dump, "link") == errno.EAGAIN
    assert kernel.disturbed == 10
    kernel.times = 0
    assert len(kernel.dump("link")) == 181


def test_events_tell_of_addresses_whole() -> None:
    kernel = netlink.Kernel()
    veth()
    events = netlink.Events(("address",))
    for put in (LOCAL4, LOCAL6):
        # The kernel may tell of the same address twice, and of an IPv6 one a moment later
        for action, change in (("new", kernel.put_address), ("del", kernel.remove_address)):
            change(put)
            seen: list[tuple[str, Any]] = []

            def told(action: str = action, seen: "list[tuple[str, Any]]" = seen) -> bool:
                seen += drain(events)
                return action in [each[0] for each in seen]

            wait_for("event " + action, told)
            assert {untimed(each[1]) for each in seen} == {untimed(put)}
            assert all([about(each[1].valid, 2000) for each in seen])


def test_events_tell_of_routes_whole() -> None:
    kernel = netlink.Kernel()
    veth()
    events = netlink.Events(("route",))
    put = [
        route("2001:db8::", 32, kind="unreachable"),
        route("10.0.0.0", 8, kind="blackhole"),
        route("::", 0, gateway="fe80::9", index=10),
    ]
    expected = []
    for each in put:
        kernel.put_route(each)
        kernel.remove_route(each)
        expected += [("new", each), ("del", each)]
    assert drain(events) == expected


def test_rename_keeps_the_index() -> None:
    ip("link add name old index 7 type bridge")
    events = netlink.Events(("link",))
    ip("link set old name fresh")
    seen = drain(events)
    assert {(action, link.index, link.name) for action, link in seen} == {("new", 7, "fresh")}


def test_link_made_again_under_its_name_has_another_index() -> None:
    events = netlink.Events(("link",))
    ip("link add name twin index 7 type bridge")
    ip("link del twin")
    ip("link add name twin index 8 type bridge")
    seen = drain(events)
    short = [(action, link.index, link.name) for action, link in seen]
    assert short == [("new", 7, "twin"), ("del", 7, "twin"), ("new", 8, "twin")]


def test_bridge_telling_of_its_ports_is_no_link_event() -> None:
    veth()
    ip("link add name br index 20 type bridge")
    ip("link set dev br up")
    events = netlink.Events(("link",))
    ip("link set lan master br")
    ip("link set lan nomaster")
    seen = drain(events)
    assert [link.name for action, link in seen if action == "del"] == []
    # The AF_BRIDGE messages carry no kind: every message that counts does
    assert {link.kind for action, link in seen} == {"veth", "bridge"}


def test_events_tell_only_of_what_was_asked_for() -> None:
    kernel = netlink.Kernel()
    veth()
    events = [netlink.Events((what,)) for what in ("link", "address", "route")]
    ip("link add name other index 30 type bridge")
    kernel.put_address(Address(10, "2001:db8::1", 64, IFA_F_NODAD, 0, 50, 60))
    kernel.put_address(Address(10, "192.0.2.1", 24, 0, 0, 50, 60))
    kinds = [sorted({type(r) is Link for a, r in drain(e)}) for e in events]
    assert kinds == [[True], [False], [False]]


def test_reading_without_events_does_not_wait() -> None:
    events = netlink.Events(("link", "address", "route"))
    assert events.read() == []
    assert poll.ready([events.fileno()], 0) == []
    ip("link add name one index 7 type bridge")
    assert poll.ready([events.fileno()], 20) == [events.fileno()]
    assert names(events) == [("new", "one")]
    assert poll.ready([events.fileno()], 0) == []


def test_overrun_is_told_once_and_older_events_are_gone() -> None:
    ip("link add name one type bridge")
    events = netlink.Events(("link",), 1)
    many_events("one", 300)
    overruns = 0
    try:
        events.read()
    except Overrun:
        overruns += 1
    assert overruns == 1
    assert events.read() == []
    ip("link add name last type bridge")
    assert names(events) == [("new", "last")]


def print_links() -> None:
    """Print how many links there are (to measure a dump)."""
    print(len(netlink.Kernel().dump("link")))
