"""Routes against the real kernel; each test gets a network namespace of its own."""

from agent.port import netlink
from agent.port.records import (
    IFA_F_NODAD,
    Address,
    Route,
)
from tests.contract.links import (
    about,
    ip,
    shell,
    untimed,
    veth,
    wait_for,
)
from tests.contract.tables import LOCAL6, drain, ours, route


def test_route_that_is_put_reads_back_whole() -> None:
    kernel = netlink.Kernel()
    veth()
    kernel.put_address(Address(10, "192.0.2.1", 24, 0, 0, None, None))
    put = [
        route("0.0.0.0", 0, gateway="192.0.2.2", index=10),
        route("198.51.100.0", 24, index=10, metric=7, protocol=16),
        route("2001:db8:1::", 48, index=10),
        route("2001:db8:2::", 64, gateway="fe80::1", index=11, protocol=9),
        route("::", 0, gateway="fe80::1", index=10, metric=512, protocol=16),
    ]
    for kind in ("unreachable", "blackhole", "prohibit", "throw"):
        put.append(route("2001:db8:%x::" % (64 + len(put)), 56, kind=kind, metric=1024))
        put.append(route("10.%d.0.0" % len(put), 16, kind=kind, metric=0))
    for each in put:
        kernel.put_route(each)
    assert ours(kernel) == sorted(put, key=lambda r: r[:8])


def test_route_that_ip_made_reads_as_ip_says() -> None:
    kernel = netlink.Kernel()
    veth()
    expected = []
    for kind in ("unreachable", "blackhole", "prohibit", "throw"):
        ip("-6 route add %s 2001:db8::/48 metric %d proto static" % (kind, len(kind)))
        ip("route add %s 10.0.0.0/8 metric %d proto static" % (kind, len(kind)))
        expected.append(route("2001:db8::", 48, kind=kind, metric=len(kind)))
        expected.append(route("10.0.0.0", 8, kind=kind, metric=len(kind)))
    ip("-6 route add default via fe80::2 dev lan metric 9 proto ra expires 500")
    found = ours(kernel)
    assert [about(r.expires, 500) for r in found if r.destination == "::"] == [True]
    expected.append(route("::", 0, gateway="fe80::2", index=10, metric=9, protocol=9, expires=-1))
    assert [untimed(r) for r in found] == sorted(expected, key=lambda r: r[:8])


def test_ip_shows_what_was_put() -> None:
    kernel = netlink.Kernel()
    veth()
    kernel.put_address(Address(10, "2001:db8::1", 64, IFA_F_NODAD, 0, 0, None))
    for kind in ("unreachable", "blackhole", "prohibit", "throw"):
        kernel.put_route(route("2001:db8:1::", 48, kind=kind, metric=len(kind)))
        shell(
            "ip -6 route show type %s | grep -q '2001:db8:1::/48 .*metric %d '" % (kind, len(kind))
        )
    kernel.put_route(route("::", 0, gateway="fe80::2", index=10, expires=500))
    shell("ip -6 route | grep -q 'default via fe80::2 dev lan proto static metric 100 expires'")
    shell("ip -6 addr show lan | grep 'inet6 2001:db8::1/64 ' | grep nodad | grep -q deprecated")
    shell("ip -6 addr show lan | grep -q 'valid_lft forever preferred_lft 0sec'")


def test_ipv6_prefix_route_of_an_address_that_was_to_end_outlives_it() -> None:
    kernel = netlink.Kernel()
    veth()
    for address in (LOCAL6, Address(10, "2001:db8:1::1", 64, IFA_F_NODAD, 0, None, None)):
        kernel.put_address(address)
        wait_for("the prefix route", lambda: kernel.dump("route") != [])
        assert kernel.remove_address(address)
        left = kernel.dump("route")
        # net/ipv6/addrconf.c, ipv6_del_addr: only a permanent address takes its route along
        assert [r.destination for r in left] == ([] if address.valid is None else ["2001:db8::"])
        for each in left:
            assert about(each.expires, 2000)
            assert kernel.remove_route(each)


def test_kernel_fills_in_an_ipv6_routes_metric_and_protocol() -> None:
    kernel = netlink.Kernel()
    veth()
    kernel.put_route(route("2001:db8::", 48, index=10, metric=0, protocol=0))
    assert ours(kernel) == [route("2001:db8::", 48, index=10, metric=1024, protocol=3)]


def test_route_with_an_end_is_read_with_it() -> None:
    kernel = netlink.Kernel()
    veth()
    kernel.put_route(route("2001:db8::", 48, index=10, expires=600))
    found = ours(kernel)
    assert [untimed(r) for r in found] == [route("2001:db8::", 48, index=10, expires=-1)]
    assert about(found[0].expires, 600)
    kernel.put_route(route("2001:db8::", 48, index=10))
    assert ours(kernel) == [route("2001:db8::", 48, index=10)]


def test_unreachable_route_never_ends_whatever_was_asked() -> None:
    kernel = netlink.Kernel()
    kernel.put_route(route("2001:db8::", 48, kind="unreachable", expires=600))
    assert ours(kernel) == [route("2001:db8::", 48, kind="unreachable")]


def test_route_takes_the_place_of_one_with_another_gateway() -> None:
    kernel = netlink.Kernel()
    veth()
    kernel.put_address(Address(10, "192.0.2.1", 24, 0, 0, None, None))
    events = netlink.Events(("route",))
    for gateway in ("192.0.2.2", "192.0.2.3"):
        kernel.put_route(route("0.0.0.0", 0, gateway=gateway, index=10))
    for gateway in ("fe80::2", "fe80::3"):
        kernel.put_route(route("::", 0, gateway=gateway, index=10))
    assert [(r.destination, r.gateway) for r in ours(kernel)] == [
        ("0.0.0.0", "192.0.2.3"),
        ("::", "fe80::3"),
    ]
    seen = [(action, r.gateway) for action, r in drain(events)]
    assert seen == [
        ("new", "192.0.2.2"),
        ("replace", "192.0.2.3"),
        ("new", "fe80::2"),
        ("replace", "fe80::3"),
    ]


def test_removing_a_route_tells_whether_it_was_there() -> None:
    kernel = netlink.Kernel()
    veth()
    for put in (
        route("198.51.100.0", 24, index=10),
        route("2001:db8::", 48, index=10),
        route("2001:db8::", 48, kind="unreachable"),
        route("10.0.0.0", 8, kind="unreachable"),
    ):
        kernel.put_route(put)
        other = Route(*(put[:5] + (101,) + put[6:]))
        assert kernel.remove_route(other) is False
        assert [kernel.remove_route(put), kernel.remove_route(put)] == [True, False]
    assert kernel.remove_route(route("2001:db8::", 48, index=99)) is False
    assert kernel.remove_route(route("198.51.100.0", 24, index=99)) is False
    assert ours(kernel) == []


def test_only_the_main_table_is_shown_unless_another_is_asked_for() -> None:
    kernel = netlink.Kernel()
    veth()
    events = netlink.Events(("route",))
    put = [
        route("198.51.100.0", 24, index=10, table=1000),
        route("2001:db8::", 48, index=10, table=1000),
    ]
    for each in put:
        kernel.put_route(each)
    assert ours(kernel) == []
    assert ours(kernel, 1000) == put
    assert drain(events) == []


def test_route_chosen_by_more_than_its_destination_is_not_shown() -> None:
    kernel = netlink.Kernel()
    veth()
    events = netlink.Events(("route",))
    ip("route add 198.51.100.0/24 tos 0x10 dev lan")
    ip("-6 route add 2001:db8::/48 from 2001:db8:1::/48 dev lan")
    assert ours(kernel) == []
    assert drain(events) == []


def test_route_with_several_next_hops_shows_the_first() -> None:
    kernel = netlink.Kernel()
    veth()
    kernel.put_address(Address(10, "192.0.2.1", 24, 0, 0, None, None))
    events = netlink.Events(("route",))
    ip("route add 198.51.100.0/24 proto static nexthop via 192.0.2.2 nexthop via 192.0.2.3")
    ip(
        "-6 route add 2001:db8::/48 proto static"
        " nexthop via fe80::2 dev peer nexthop via fe80::3 dev lan"
    )
    expected = [
        route("198.51.100.0", 24, gateway="192.0.2.2", index=10, metric=0),
        route("2001:db8::", 48, gateway="fe80::2", index=11, metric=1024),
    ]
    assert ours(kernel) == expected
    assert drain(events) == [("replace", r) for r in expected]


def test_ipv4_route_by_an_ipv6_gateway_shows_it() -> None:
    kernel = netlink.Kernel()
    veth()
    ip("route add 198.51.100.0/24 proto static via inet6 fe80::2 dev lan")
    assert ours(kernel) == [route("198.51.100.0", 24, gateway="fe80::2", index=10, metric=0)]
