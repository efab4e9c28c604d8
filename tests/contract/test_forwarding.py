"""The IPv6 forwarding switches against the real kernel; each test gets a network namespace."""

from agent.port import netlink
from agent.port.records import ALL_LINKS, Forwarding
from agent.view import View
from tests.contract.links import ip, many_events, shell, veth_running
from tests.contract.tables import drain


def switch(link: str, on: int, name: str = "forwarding") -> None:
    """Set a switch of a link, or of all."""
    shell("echo %d > /proc/sys/net/ipv6/conf/%s/%s" % (on, link, name))


def off_everywhere() -> None:
    """lan (10) and peer (11) are there; nothing forwards, nor will a link that comes."""
    switch("all", 1)  # the kernel takes 0 for no news when the host's default was copied
    switch("all", 0)
    # Running, too: a carrier that is noticed late would be one more event
    veth_running(netlink.Kernel())


def switches(kernel: netlink.Kernel) -> dict[int, bool]:
    found: dict[int, bool] = {each.index: each.on for each in kernel.dump("forwarding")}
    return found


def test_switches_are_read_for_all_links_and_for_each() -> None:
    off_everywhere()
    kernel = netlink.Kernel()
    assert switches(kernel) == {ALL_LINKS: False, 1: False, 10: False, 11: False}
    switch("lan", 1)
    assert switches(kernel) == {ALL_LINKS: False, 1: False, 10: True, 11: False}
    switch("all", 1)
    assert switches(kernel) == {ALL_LINKS: True, 1: True, 10: True, 11: True}


def test_events_tell_of_each_link_that_changes_and_of_nothing_else() -> None:
    off_everywhere()
    events = netlink.Events(("forwarding",))
    switch("lan", 1)
    assert drain(events) == [("new", Forwarding(10, True))]
    switch("lan", 1)
    switch("lan", 1, "proxy_ndp")
    switch("default", 1)
    shell("echo 1 > /proc/sys/net/ipv4/conf/lan/forwarding")
    ip("link set lan mtu 1400")
    assert drain(events) == []
    switch("all", 1)
    assert sorted(drain(events)) == [
        ("new", Forwarding(ALL_LINKS, True)),
        ("new", Forwarding(1, True)),
        ("new", Forwarding(11, True)),
    ]


def test_a_link_that_comes_or_goes_brings_or_takes_its_switch() -> None:
    off_everywhere()
    switch("all", 1)
    events = netlink.Events(("forwarding",))
    ip("link add name new index 30 type bridge")
    assert set(drain(events)) == {("new", Forwarding(30, True))}
    ip("link del new")
    assert [(action, each.index) for action, each in drain(events)] == [("del", 30)]


def test_view_follows_the_switches() -> None:
    off_everywhere()
    kernel = netlink.Kernel()
    view = View(("link", "forwarding"))
    assert {each.index: each.on for each in view.forwarding.values()} == switches(kernel)
    switch("lan", 1)
    assert list(view.read()) == [("forwarding", 10)]
    assert view.forwarding[10] == Forwarding(10, True)
    ip("link del lan")
    assert {key for what, key in view.read() if what == "forwarding"} == {10, 11}
    assert sorted(view.forwarding) == [ALL_LINKS, 1]


def test_view_looks_afresh_at_the_switches_after_an_overrun() -> None:
    off_everywhere()
    ip("link add name one type bridge")
    view = View(("link", "forwarding"), 1)
    switch("lan", 1)
    many_events("one", 400)
    switch("peer", 1)
    assert ("all", None) in list(view.read())
    assert [key for key, each in sorted(view.forwarding.items()) if each.on] == [10, 11]


def test_view_of_other_tables_has_no_switches() -> None:
    off_everywhere()
    view = View(("link",))
    switch("lan", 1)
    assert list(view.read()) == []
    assert view.forwarding == {}
