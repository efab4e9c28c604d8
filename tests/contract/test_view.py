"""View against the real kernel: whatever happens, it comes to equal a fresh look."""

from agent.port import netlink, process
from agent.port.records import RT_TABLE_MAIN, Address, Route
from agent.view import View, address_key, route_key
from tests.contract.links import (
    RTPROT_STATIC,
    Random,
    by_name,
    dumps,
    follow_until_same,
    ip,
    many_events,
    many_links,
    scale,
    tables,
    veth,
    with_times,
)

ALL = ("link", "address", "route")


def gateway4(address: str, metric: int = 0) -> Route:
    """A default route by lan."""
    return Route("unicast", "0.0.0.0", 0, address, 10, metric, RT_TABLE_MAIN, RTPROT_STATIC, None)


def with_address(kernel: netlink.Kernel) -> None:
    """lan has 192.0.2.1/24 and a default route."""
    veth()
    kernel.put_address(Address(10, "192.0.2.1", 24, 0, 0, None, None))
    kernel.put_route(gateway4("192.0.2.2"))


def test_view_holds_everything_from_the_start() -> None:
    kernel = netlink.Kernel()
    with_address(kernel)
    view = View(ALL)
    assert tables(view) == dumps(kernel)
    assert sorted(view.links) == [1, 10, 11]
    assert [link.name for key, link in sorted(view.links.items())] == ["lo", "lan", "peer"]
    assert (10, "192.0.2.1", 24) in view.addresses
    assert route_key(gateway4("192.0.2.2")) in view.routes


def test_view_holds_only_what_was_asked_for() -> None:
    kernel = netlink.Kernel()
    with_address(kernel)
    for what in ALL:
        view = View((what,))
        assert tables(view) == dumps(kernel, (what,))
        ip("link set lan down")
        ip("link set lan up")
        ip("link add name more%s type bridge" % what)
        yielded = {each for each, key in follow_until_same(view, kernel, (what,))}
        assert yielded <= {what}
        view.close()


def test_nothing_falls_between_subscribing_and_dumping() -> None:
    kernel = netlink.Kernel()
    ip("link add name n0 type bridge")
    churn = (
        "for i in $(seq 1 400); do echo link set n$((i - 1)) name n$i;"
        " echo addr add 192.0.2.$((i / 2))/32 dev n$i;"
        " echo addr del 192.0.2.$((i / 2))/32 dev n$i; done | ip -force -batch - 2>/dev/null;"
        " ip link set n400 name n0"
    )
    rounds = 5 * scale()
    for _ in range(rounds):
        pid = process.spawn([b"sh", b"-c", churn.encode()])
        view = View(("link", "address"))
        process.wait(pid)
        follow_until_same(view, kernel, ("link", "address"))
        view.close()
    print("%d views made amid changes" % rounds)


def test_tables_have_changed_when_a_key_is_yielded() -> None:
    view = View(("link",))
    ip("link add name one index 7 type bridge")
    seen = [(what, key, key in view.links) for what, key in view.read()]
    assert set(seen) == {("link", 7, True)}
    ip("link del one")
    assert [(what, key, key in view.links) for what, key in view.read()] == [("link", 7, False)]


def test_overrun_leads_to_a_fresh_look() -> None:
    kernel = netlink.Kernel()
    with_address(kernel)
    ip("link add name one type bridge")
    view = View(ALL, 1)
    ip("link del lan")
    many_events("one", 400)
    many_links(5)
    assert ("all", None) in list(view.read())
    assert tables(view) == dumps(kernel)
    assert len(view.links) == 2 + 10
    ip("link add name after index 9999 type bridge")
    follow_until_same(view, kernel)
    assert view.links[9999].name == "after"


def test_rename_keeps_one_entry() -> None:
    kernel = netlink.Kernel()
    ip("link add name old index 7 type bridge")
    view = View(("link",))
    ip("link set old name fresh")
    assert set(view.read()) == {("link", 7)}
    assert view.links[7].name == "fresh" and sorted(view.links) == [1, 7]
    ip("link add name old index 8 type bridge")
    follow_until_same(view, kernel, ("link",))
    assert (view.links[7].name, view.links[8].name) == ("fresh", "old")


def test_link_made_again_under_its_name_replaces_the_old_one() -> None:
    kernel = netlink.Kernel()
    with_address(kernel)
    view = View(ALL)
    ip("link del lan")
    ip("link add name lan index 12 type bridge")
    follow_until_same(view, kernel)
    assert sorted(view.links) == [1, 12]
    assert view.addresses == {} and view.routes == {}


def test_bridge_port_stays_a_link_when_it_leaves_its_bridge() -> None:
    kernel = netlink.Kernel()
    veth()
    ip("link add name br index 20 type bridge")
    view = View(("link",))
    ip("link set lan master br")
    follow_until_same(view, kernel, ("link",))
    assert view.links[10].master == 20
    ip("link set lan nomaster")
    list(view.read())
    assert view.links[10] == by_name(kernel, "lan")
    assert view.links[10].master == 0


def test_ipv4_routes_of_a_link_that_goes_down_are_gone() -> None:
    kernel = netlink.Kernel()
    with_address(kernel)
    for whats in (ALL, ("route",)):
        ip("link set lan up")
        kernel.put_route(gateway4("192.0.2.2"))
        view = View(whats)
        assert route_key(gateway4("192.0.2.2")) in view.routes
        ip("link set lan down")
        seen = list(view.read())
        assert ("route", route_key(gateway4("192.0.2.2"))) in seen
        assert view.routes == {}
        assert tables(view) == dumps(kernel, whats)
        view.close()


def test_ipv4_routes_of_a_removed_address_are_gone() -> None:
    kernel = netlink.Kernel()
    with_address(kernel)
    view = View(("route",))
    assert kernel.remove_address(Address(10, "192.0.2.1", 24, 0, 0, None, None))
    list(view.read())
    assert view.routes == {}


def test_addresses_of_a_removed_link_are_gone() -> None:
    kernel = netlink.Kernel()
    with_address(kernel)
    kernel.put_address(Address(11, "2001:db8::1", 64, 2, 0, None, None))
    view = View(("address",))
    ip("link del lan")
    seen = follow_until_same(view, kernel, ("address",))
    assert view.addresses == {}
    assert {key for what, key in seen} >= {(10, "192.0.2.1", 24), (11, "2001:db8::1", 64)}


def test_route_with_another_gateway_replaces_the_old_one() -> None:
    kernel = netlink.Kernel()
    with_address(kernel)
    view = View(("route",))
    kernel.put_route(gateway4("192.0.2.3"))
    seen = list(view.read())
    assert set(seen) == {
        ("route", route_key(gateway4("192.0.2.2"))),
        ("route", route_key(gateway4("192.0.2.3"))),
    }
    assert [r.gateway for r in view.routes.values() if r.length == 0] == ["192.0.2.3"]


def test_deprecation_of_an_address_is_followed() -> None:
    kernel = netlink.Kernel()
    veth()
    put = Address(10, "2001:db8::1", 64, 2, 0, 1000, 2000)
    kernel.put_address(put)
    view = View(("address",))
    follow_until_same(view, kernel, ("address",))
    kernel.put_address(with_times(put, 0, 2000))
    follow_until_same(view, kernel, ("address",))
    assert view.addresses[address_key(put)].preferred == 0
    assert view.addresses[address_key(put)].flags & 0x20


STEPS = (
    "link add name %(free)s type bridge",
    "link del %(link)s",
    "link set %(link)s name %(free)s",
    "link set %(link)s up",
    "link set %(link)s down",
    "link set %(link)s mtu %(mtu)d",
    "link set %(link)s master b0",
    "link set %(link)s nomaster",
    "addr replace 192.0.2.%(small)d/24 dev %(link)s",
    "addr replace 2001:db8::%(small)d/64 dev %(link)s nodad valid_lft 900 preferred_lft %(small)d",
    "addr del 192.0.2.%(small)d/24 dev %(link)s",
    "addr del 2001:db8::%(small)d/64 dev %(link)s",
    "route replace default via 192.0.2.%(small)d dev %(link)s metric %(small)d",
    "route append 198.51.100.0/24 dev %(link)s",
    "-6 route replace default via fe80::%(small)d dev %(link)s metric %(small)d",
    "-6 route replace 2001:db8:%(small)d::/48 dev %(link)s metric %(small)d",
    "-6 route replace unreachable 2001:db8:%(small)d::/48 metric %(small)d",
    "route replace blackhole 198.51.100.0/24 metric %(small)d",
    "route flush dev %(link)s",
    "-6 route del 2001:db8:%(small)d::/48 metric %(small)d",
    "-6 route append 2001:db8:9::/48 dev %(link)s",
    "route replace 203.0.113.0/24 src 192.0.2.%(small)d dev %(link)s",
)


def test_view_follows_random_changes() -> None:
    kernel = netlink.Kernel()
    ip("link add name b0 type bridge")
    for pair in ("v0", "v1", "v2"):
        ip("link add name %s type veth peer name p%s" % (pair, pair))
    links = ("v0", "v1", "v2", "pv0", "pv1", "pv2", "x0", "x1", "x2")
    seed = 20261
    view = View(ALL)
    random = Random(seed)
    count = 200 * scale()
    for number in range(count):
        values: dict[str, object] = {"link": random.choice(links), "free": random.choice(links)}
        values.update({"mtu": 1300 + random.below(200), "small": 1 + random.below(4)})
        # Some steps are impossible where they come: that is part of it
        text = "ip " + random.choice(STEPS) % values + " 2>/dev/null || true"
        code = process.wait(process.spawn([b"sh", b"-c", text.encode()]))
        assert code == 0
        if random.below(4) == 0:
            list(view.read())
        if number % 40 == 39:
            follow_until_same(view, kernel)
    follow_until_same(view, kernel)
    print("seed %d: %d changes, %d links at the end" % (seed, count, len(view.links)))
