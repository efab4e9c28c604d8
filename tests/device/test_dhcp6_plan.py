"""What the appliers decide, on both runtimes. See tests/test_dhcp6_sequences.py for replay()."""

import json

from agent.names import LINK_NAME
from agent.port import files
from agent.port.records import Link
from services.dhcp6 import deadlines, lease, memory, objects, wan_plan
from services.dhcp6.intent import Intent
from services.dhcp6.memory import Used
from services.dhcp6.retries import Retries
from tests.device import dhcp6_model as model
from tests.device.dhcp6_worlds import (
    NEW,
    OLD,
    addresses,
    covers,
    lans,
    on_link,
    prefixes,
    routes,
    wan,
)


def test_deadlines_are_read_strictly_and_written_back_the_same() -> None:
    for text in ("0.000", "1234.567", "987654321.001", "infinity"):
        until = deadlines.parse(text)
        assert until is not None and deadlines.render(until) == text, text
    for text in ("", "-1", "1e5", "nan", "inf", "1.", ".5", "1.2.3", " 1", "1" * 30):
        assert deadlines.parse(text) is None, text


def test_what_is_left_is_rounded_down_and_never_negative() -> None:
    assert deadlines.left(100.0, 0.001) == 99
    assert deadlines.left(100.0, 100.5) == 0
    assert deadlines.left(deadlines.FOREVER, 5.0) is None


def test_a_deadline_that_jitters_upwards_stays_and_one_that_comes_nearer_is_followed() -> None:
    assert deadlines.settle(100.0, 101.5) == 100.0
    assert deadlines.settle(100.0, 101.6) == 101.6
    assert deadlines.settle(100.0, 99.9) == 99.9


def test_an_incomplete_entry_is_left_out_and_named() -> None:
    values = model.lease_values(["bound", [OLD, NEW]], 0.0) or {}
    del values["prefix/k_0/valid-until"]
    found = lease.read(values)
    assert [prefix.prefix for prefix in found.prefixes] == [0x20010DB8000200000000000000000000]
    assert found.problems == ["prefix/k_0: expected a complete entry, left it out"]


def test_a_prefix_whose_exclusion_is_broken_is_not_used_at_all() -> None:
    values = model.lease_values(["bound", [OLD]], 0.0) or {}
    values["prefix/k_0/excluded"] = "2001:db8:1::"
    assert lease.read(values).prefixes == []


def test_dhcpv6_counts_only_while_bound_and_the_router_always() -> None:
    told = [OLD, ["address", "2001:db8:a::5", 128, 5, 9, ""], ["route", "::", 0, 0, 9, "fe80::1"]]
    found = lease.read(model.lease_values(["unbound", told], 0.0))
    assert (found.prefixes, found.addresses, len(found.routes)) == ([], [], 1)


def test_the_memo_is_read_back_as_it_was_written() -> None:
    used = [Used(1 << 120, 56, ((1 << 120, 64),), 10.0, deadlines.FOREVER, None)]
    used.append(Used(1 << 121, 60, (), 10.5, 20.25, 12.125))
    keys = [
        objects.address_key(3, "2001:db8::1", 64),
        objects.route_key("unicast", "::", 0, "fe80::1", 4, 512),
        objects.route_key("unreachable", "2001:db8::", 56, "", 1, 2147483647),
    ]
    assert memory.parse(memory.render(used, keys)) == (used, keys)


def test_lines_of_a_memo_that_make_no_sense_are_left_out() -> None:
    text = "\n".join(
        ["", "prefix", "prefix x/1 1 2 -", "address a b c", "route 1", "route a b c d e f"]
    )
    assert memory.parse(text) == ([], [])


def old_on_link(left: float) -> list[tuple[str, str, float]]:
    """on_link() of a world in which lan_prefix met OLD."""
    return [
        ("2001:db8:1:1::", "lan1", left),
        ("2001:db8:1::", "lan0", left),
        ("2001:db8:1:c1::", "guest", left),
    ]


def test_a_replaced_prefix_goes_at_once() -> None:
    world = lans(["bound", [OLD]], ["bound", [NEW]])
    assert prefixes(world) == ["2001:db8:2::"]
    assert addresses(world) == ["2001:db8:2:1::1", "2001:db8:2::1", "2001:db8:2:c1::fe"]
    assert covers(world) == ["2001:db8:2::"]


def test_a_router_that_advertises_often_has_its_route_put_seldom() -> None:
    told = ["bound", [["route", "::", 0, 0, 1800, "fe80::1"]]]
    world = wan(told)
    ends = []
    for _ in range(260):  # each 10 s, for three quarters of an hour
        model.play(world, ["time", 10.0])
        model.play(world, ["lease", told])
        key = [key for key in world.kernel if key[0] == "route"][0]
        ends.append(world.kernel[key].valid_until)
        assert 900 <= ends[-1] - world.now <= 1800
    assert len(set(ends)) == 3, sorted(set(ends))
    # Silent, it has its route for as long as it has told, and no longer.
    model.play(world, ["time", 1798.0])
    assert world.kernel[key].valid_until == world.now + 2
    model.play(world, ["time", 2.0])
    assert routes(world) == []


def test_a_route_that_is_to_end_sooner_is_put_at_once() -> None:
    world = wan(["bound", [["route", "::", 0, 0, 1800, "fe80::1"]]])
    model.play(world, ["lease", ["bound", [["route", "::", 0, 0, 60, "fe80::1"]]]])
    assert [world.kernel[key].valid_until for key in world.kernel if key[0] == "route"] == [1060.0]


# Until RFC 7084 L-14 these two wanted no route at all to be left. The on-link routes stay now, lest
# the answer to a host that still uses the prefix leave by the default route.
def test_a_prefix_told_with_valid_0_goes_at_once() -> None:
    world = lans(["bound", [OLD]], ["bound", [["prefix", "2001:db8:1::", 56, 0, 0, ""]]])
    assert (prefixes(world), addresses(world), covers(world)) == ([], [], [])
    assert on_link(world) == old_on_link(3600.0)


def test_a_lost_prefix_is_held_and_then_goes() -> None:
    world = lans(["bound", [OLD]])
    before = dict(world.kernel), world.values, world.events
    model.play(world, ["lease", None])
    assert (world.kernel, world.values, world.events) == before
    model.play(world, ["time", model.HOLD - 0.5])
    assert prefixes(world) == ["2001:db8:1::"]
    model.play(world, ["time", 1.0])
    assert (prefixes(world), addresses(world), covers(world)) == ([], [], [])
    assert on_link(world) == old_on_link(3600.0 - model.HOLD - 0.5)


def test_a_held_prefix_that_comes_back_is_live_again_without_an_event() -> None:
    told = ["bound", [["prefix", "2001:db8:1::", 56, -1, -1, ""]]]
    world = lans(told)
    events = world.events
    model.play(world, ["lease", None])
    model.play(world, ["time", 5.0])
    model.play(world, ["lease", told])
    model.play(world, ["time", 100.0])
    assert (world.events, prefixes(world)) == (events, ["2001:db8:1::"])


def test_the_old_deadline_binds_a_held_prefix() -> None:
    world = lans(["bound", [["prefix", "2001:db8:1::", 56, 3, 5, ""]]], None)
    model.play(world, ["time", 5.0])
    assert (prefixes(world), addresses(world)) == ([], [])


def test_a_second_router_of_the_same_metric_gets_the_next_one() -> None:
    told = [["route", "::", 0, 0, 9, "fe80::2"], ["route", "::", 0, 0, 9, "fe80::1"]]
    assert routes(wan(["bound", told])) == [("::", "fe80::1", 512), ("::", "fe80::2", 513)]


def metrics_of(*told: int) -> "list[tuple[str, str, int]]":
    """The routes of a world whose lease tells these metrics, by fe80::1, fe80::2..."""
    entries = [["route", "::", 0, 0, 9, "fe80::%d" % (n + 1)] for n in range(len(told))]
    world = wan(["bound", entries])
    for n in range(len(told)):
        assert world.lease is not None
        world.lease["route/k_%d/metric" % n] = "%d" % told[n]
    model.play(world, ["time", 0.0])
    return sorted(routes(world), key=lambda route: route[2])


def test_metric_0_is_what_the_kernel_makes_of_it() -> None:
    """Else the key is never seen in the kernel, and the route never removed."""
    assert metrics_of(0) == [("::", "fe80::1", 1024)]
    assert metrics_of(1024, 0, 1023) == [
        ("::", "fe80::3", 1023),
        ("::", "fe80::1", 1024),
        ("::", "fe80::2", 1025),
    ]


def test_an_uplink_s_own_metric_moves_all_and_keeps_their_order() -> None:
    entries = [["route", "::", 0, 0, 9, "fe80::%d" % n] for n in (1, 2, 3)]
    values = model.lease_values(["bound", entries], 0.0)
    assert values is not None
    for n, metric in enumerate((384, 512, 640)):
        values["route/k_%d/metric" % n] = "%d" % metric
    told = lease.read(values)
    for chosen, expected in ((512, [384, 512, 640]), (700, [572, 700, 828]), (1, [1, 2, 129])):
        plan = wan_plan.decide(0.0, told, "wan", 4, chosen)
        assert sorted([key[6] for key in plan.wanted]) == expected, chosen


def test_no_metric_is_beyond_32_bits_and_the_order_of_preference_stays() -> None:
    last = 0xFFFFFFFF
    assert metrics_of(last) == [("::", "fe80::1", last)]
    assert metrics_of(last, last - 1, last) == [
        ("::", "fe80::2", last - 2),
        ("::", "fe80::1", last - 1),
        ("::", "fe80::3", last),
    ]


def test_a_name_that_no_link_can_have_is_left_out_and_named() -> None:
    found = lease.read({"state": "bound", "ifname": "\x1b[31m"})
    assert (found.ifname, found.problems) == ("", ["ifname: expected %s, left it out" % LINK_NAME])


def test_what_leaves_the_lease_leaves_the_wan_at_once() -> None:
    told = [
        ["address", "2001:db8:a::5", 128, 5, 9, ""],
        ["ra-address", "2001:db8:a::6", 64, 5, 9, ""],
    ]
    world = wan(["bound", told])
    assert addresses(world)[-2:] == ["2001:db8:a::5", "2001:db8:a::6"]
    model.play(world, ["lease", ["unbound", told]])
    assert "2001:db8:a::5" not in addresses(world) and "2001:db8:a::6" in addresses(world)


def test_an_excluded_prefix_that_the_router_calls_on_link_needs_no_other_route() -> None:
    prefix = ["prefix", "2001:db8:1::", 56, 5, 9, "2001:db8:1:f::/64"]
    default, on_link = (
        ["route", "::", 0, 0, 9, "fe80::1"],
        ["route", "2001:db8:1:f::", 64, 0, 9, ""],
    )
    assert routes(wan(["bound", [prefix, default]])) == [
        ("2001:db8:1:f::", "fe80::1", 512),
        ("::", "fe80::1", 512),
    ]
    assert routes(wan(["bound", [prefix, default, on_link]])) == [
        ("2001:db8:1:f::", "", 512),
        ("::", "fe80::1", 512),
    ]


def test_what_is_undone_again_and_again_is_tried_less_and_less() -> None:
    retries = Retries()
    now, times = 0.0, []
    for _ in range(7):
        assert retries.is_due("key", "what", now)
        retries.failed("key", "what", now)
        assert not retries.is_due("key", "what", now)
        times.append(retries.next_at() - now)
        now = retries.next_at()
    assert times == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 32.0]
    assert retries.is_due("key", "something else", now - 1)


def test_only_what_is_there_is_removed_and_what_could_not_be_removed_stays_ours() -> None:
    gone = objects.address_key(10, "2001:db8::1", 64)
    stuck = objects.address_key(10, "2001:db8::2", 64)
    intent = Intent(model.decide_wan, memory.render([], [gone, stuck]))
    links = {10: Link(10, "wan", 0, 0, 1500, "", 0, "")}
    seen = {stuck: objects.State(0, 5000.0, 5000.0, 0.0)}
    plan = intent.plan(1000.0, lease.read(None), links)
    actions = intent.actions(plan, seen, [], 1000.0)
    assert [(action.verb, action.key) for action in actions] == [("remove", stuck)]
    assert intent.settle(plan, seen)
    assert intent.owned == [stuck]


def replay(path: str) -> None:
    """Hold this runtime to sequences of events and their ends that the host made."""
    for line in files.read(path).decode().splitlines():
        case = json.loads(line)
        world = model.World(model.decide_lan if case["lan"] else model.decide_wan)
        for event in case["events"]:
            model.play(world, event)
        assert world.transcript() == case["end"], line
