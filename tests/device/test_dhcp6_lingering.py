"""The on-link routes that stay when a LAN loses their prefix, on both runtimes."""

from agent.port.records import Link
from services.dhcp6 import lease, memory, objects, reconcile
from services.dhcp6.intent import Intent
from services.dhcp6.retries import Retries
from tests.device import dhcp6_model as model
from tests.device.dhcp6_worlds import NEW, OLD, covers, on_link, one_lan, routes, wan

EVER = ["prefix", "2001:db8:1::", 56, -1, -1, ""]


def test_the_route_of_a_lost_prefix_stays_as_long_as_any_host_was_told() -> None:
    world = one_lan(["bound", [EVER]], ["bound", [NEW]])
    assert on_link(world) == [("2001:db8:1::", "lan0", 5400.0), ("2001:db8:2::", "lan0", 3600.0)]
    model.play(world, ["time", 100.0])
    assert on_link(world)[0] == ("2001:db8:1::", "lan0", 5300.0)
    assert len([key for key in world.intent.owned if key[2] == "2001:db8:1::"]) == 1
    model.play(world, ["time", 5300.0])
    assert on_link(world) == []  # the new prefix has run out, too
    assert (world.intent.owned, memory.parse(world.memo)[1]) == ([], [])


def test_the_routes_of_several_lost_prefixes_stay_each_for_its_time() -> None:
    world = one_lan(["bound", [OLD]])
    for number in (2, 3):
        model.play(world, ["time", 1000.0])
        prefix = "2001:db8:%d::" % number
        model.play(world, ["lease", ["bound", [["prefix", prefix, 56, -1, -1, ""]]]])
    assert on_link(world) == [
        ("2001:db8:1::", "lan0", 1600.0),
        ("2001:db8:2::", "lan0", 5400.0),
        ("2001:db8:3::", "lan0", float("inf")),
    ]
    assert covers(world) == ["2001:db8:3::"]


def test_a_prefix_that_comes_back_takes_over_the_route_that_stayed() -> None:
    world = one_lan(["bound", [EVER]], ["bound", [NEW]])
    model.play(world, ["time", 100.0])
    model.play(world, ["lease", ["bound", [EVER]]])
    assert on_link(world) == [
        ("2001:db8:1::", "lan0", float("inf")),
        ("2001:db8:2::", "lan0", 3500.0),
    ]


def test_a_route_that_stays_is_neither_put_back_nor_put_again() -> None:
    world = one_lan(["bound", [EVER]], ["bound", [["prefix", "2001:db8:1::", 56, 0, 0, ""]]])
    assert (on_link(world), world.step()) == ([("2001:db8:1::", "lan0", 5400.0)], 0)
    model.play(world, ["dead", 5.0])
    assert on_link(world) == [("2001:db8:1::", "lan0", 5395.0)]
    model.play(world, ["undo", 0])
    assert (on_link(world), world.intent.owned) == ([], [])


def test_a_route_that_stays_goes_with_its_link() -> None:
    world = one_lan(["bound", [EVER]], ["bound", [NEW]])
    model.play(world, ["link", "lan0", "del"])
    assert (on_link(world), covers(world)) == ([], ["2001:db8:2::"])
    assert [key[2] for key in world.intent.owned] == ["2001:db8:2::"]


def test_the_place_of_a_route_that_stays_is_free_before_another_link_takes_it() -> None:
    """Two routes with the same destination and metric on two links were one with two next hops."""
    world = one_lan(["bound", [OLD]])
    model.play(world, ["link", "lan0", "rename"])
    assert on_link(world) == [("2001:db8:1::", "was-lan0", 3600.0)]
    world.link("lan0", "add")
    world.link("lan0", "up")
    plan = world.intent.plan(world.now, lease.read(world.lease), world.links)
    todo = world.intent.actions(plan, world.kernel, world.links_up(), world.now)
    assert [(action.verb, action.key[0], objects.index_of(action.key)) for action in todo] == [
        ("remove", "route", 10),
        ("put", "address", 11),
        ("put", "route", 11),
    ]


def test_no_route_stays_in_the_way_of_the_wan() -> None:
    excluding = ["prefix", "2001:db8:1::", 56, 1800, 3600, "2001:db8:1::/64"]
    world = one_lan(["bound", [OLD]], ["bound", [excluding]])
    assert "2001:db8:1::" not in [where for where, _, _ in on_link(world)]
    world = one_lan(["bound", [OLD]])
    inside = ["route", "2001:db8:1::", 64, 0, 9, ""]
    around = ["route", "2001:db8::", 32, 0, 9, "fe80::1"]
    model.play(world, ["lease", ["bound", [NEW, around]]])
    assert [where for where, _, _ in on_link(world)] == ["2001:db8:1::", "2001:db8:2::"]
    model.play(world, ["lease", ["bound", [NEW, around, inside]]])
    assert [where for where, _, _ in on_link(world)] == ["2001:db8:2::"]


def shortenings(left: float, error: float) -> list[str]:
    """What is done about an on-link route that nobody wants any more and that has this left."""
    key = objects.route_key("unicast", "2001:db8:1::", 64, "", 10, objects.ON_LINK_METRIC)
    intent = Intent(model.decide_lan, memory.render([], [key]))
    plan = intent.plan(1000.0, lease.read(None), {10: Link(10, "lan0", 0, 0, 1500, "", 0, "")})
    seen = {key: objects.State(118, 1000.0 + left, 1000.0 + left, error)}
    todo = intent.actions(plan, seen, [10], 1000.0)
    assert intent.owned == [key] and not intent.settle(plan, seen)
    return [reconcile.show(action, 1000.0) for action in todo]


def test_a_route_is_shortened_only_when_it_clearly_stays_too_long() -> None:
    where = "route unicast 2001:db8:1::/64 on link 10 metric 118"
    for left in (2.0, 5399.0, 5400.0, 5401.0):
        assert shortenings(left, objects.SEEN_ERROR) == [], left
    for left in (5402.0, float("inf")):
        assert shortenings(left, objects.SEEN_ERROR) == ["shorten %s expires 5400" % where]
    assert shortenings(0.0, objects.SEEN_ERROR) == ["remove %s" % where]


def test_on_the_wan_no_route_stays() -> None:
    told = ["route", "2001:db8:a::", 64, 0, 9, ""]
    world = wan(["bound", [told]])
    assert world.lease is not None
    world.lease["route/k_0/metric"] = "%d" % objects.ON_LINK_METRIC
    model.play(world, ["time", 0.0])
    assert routes(world) == [("2001:db8:a::", "", objects.ON_LINK_METRIC)]
    model.play(world, ["lease", ["bound", []]])
    assert routes(world) == []


def test_what_nobody_tries_any_more_is_not_waited_for() -> None:
    """Else a route that only stays would wake us all the time: it was put, undone, and let go."""
    retries = Retries()
    retries.wrote("key", "what", 0.0)
    assert not retries.is_due("key", "what", 0.5)
    assert retries.next_at() == 1.0
    retries.begin()
    assert retries.next_at() == float("inf")
    assert not retries.is_due("key", "what", 0.9)
