"""One LAN's advertiser over time, on both runtimes: what leaves when something happens."""

from services.ra import consistency, packet, published
from services.ra.advertiser import ALL_NODES, Advertiser
from services.ra.packet import Advertisement, Solicitation
from tests.device.ra_world import lan, lease, source, world

TYPE_CHECKING = False
if TYPE_CHECKING:
    from services.ra.facts import World

P1, P2 = "2001:db8:1::", "2001:db8:2::"
HOST = Solicitation("fe80::7", "02:00:00:00:00:07")
FOREVER = "infinity"


def listed(*prefixes: str) -> dict[str, str]:
    return source([(prefix, FOREVER, FOREVER) for prefix in prefixes])


def turn(one: Advertiser, now: float, facts: "World") -> list[tuple[str, Advertisement]]:
    """What leaves at `now`."""
    one.look(facts, now)
    left = []
    for destination in one.messages(now):
        left.append((destination, one.advertisement(now)))
        one.delivered(destination, now, 1.0)
    return left


def settled(facts: "World", now: float = 0.0) -> Advertiser:
    """An advertiser that sent its three initial advertisements at now, now + 16 and now + 32."""
    one = Advertiser(lan(), {}, now)
    one.link_up("02:00:00:00:00:0a", 1500, now)
    for time in (now, now + 16, now + 32):
        assert len(turn(one, time, facts)) == 1
    return one


def test_nothing_leaves_until_the_link_can_carry_it() -> None:
    one = Advertiser(lan(), {}, 0.0)
    assert turn(one, 0.0, world(listed(P1), lease())) == []
    one.link_up("02:00:00:00:00:0a", 1500, 5.0)
    left = turn(one, 5.0, world(listed(P1), lease()))
    assert left == [
        (
            ALL_NODES,
            Advertisement(
                64,
                False,
                False,
                "medium",
                2700,
                0,
                0,
                (
                    packet.LinkAddress("02:00:00:00:00:0a"),
                    packet.Prefix(P1, 64, True, True, 2700, 5400),
                ),
            ),
        )
    ]


def test_no_wake_up_lies_between_what_is_due() -> None:
    facts = world(listed(P1), lease())
    one = settled(facts)
    assert one.due(32.0) == 632.0
    assert turn(one, 100.0, facts) == []
    assert one.due(100.0) == 632.0


def test_g_5_a_lost_wan_is_told_at_once() -> None:
    one = settled(world(listed(P1), lease()))
    left = turn(one, 100.0, world(listed(P1), lease(state="unbound", route=None)))
    assert [(to, what.lifetime) for to, what in left] == [(ALL_NODES, 0)]
    assert left[0][1].options[1] == packet.Prefix(P1, 64, True, True, 2700, 5400)


def test_g_5_a_default_route_that_runs_out_is_told_at_that_moment() -> None:
    facts = world(listed(P1), lease(route=300.0))
    one = settled(facts)
    assert one.due(40.0) == 300.0
    assert [(to, what.lifetime) for to, what in turn(one, 300.0, facts)] == [(ALL_NODES, 0)]


def test_l_13_a_renumbering_is_told_in_one_advertisement_at_once() -> None:
    one = settled(world(listed(P1), lease()))
    # the lease comes first, with other name servers; lan_prefix follows a moment later
    assert turn(one, 100.0, world(listed(P1), lease(dns="2001:db8::53"))) == []
    left = turn(one, 100.004, world(listed(P2), lease(dns="2001:db8::53")))
    assert [to for to, _ in left] == [ALL_NODES]
    assert left[0][1].options[1:] == (
        packet.Prefix(P2, 64, True, True, 2700, 5400),
        packet.Prefix(P1, 64, True, True, 0, 0),
        packet.Servers(("2001:db8::53",), 5400),
    )
    # and again with every advertisement up to the last one before hosts have forgotten
    left = turn(one, 32.0 + 5399.0, world(listed(P2), lease()))
    assert packet.Prefix(P1, 64, True, True, 0, 0) in left[0][1].options
    one.look(world(listed(P2), lease()), 32.0 + 5400.0)
    assert packet.Prefix(P1, 64, True, True, 0, 0) not in one.advertisement(5432.0).options


def test_a_change_of_name_servers_alone_leaves_after_a_tenth_of_a_second() -> None:
    one = settled(world(listed(P1), lease()))
    facts = world(listed(P1), lease(dns="2001:db8::53"))
    assert turn(one, 100.0, facts) == []
    assert one.due(100.0) == 100.1
    assert len(turn(one, 100.1, facts)) == 1


def test_rfc_8106_5_1_name_servers_and_domains_that_are_gone_are_told_with_lifetime_zero() -> None:
    one = settled(world(listed(P1), lease(dns="2001:db8::53", domains="isp.example")))
    facts = world(listed(P1), lease(dns="2001:db8::54"))
    turn(one, 100.0, facts)
    ((to, what),) = turn(one, 100.1, facts)
    assert what.options[2:] == (
        packet.Servers(("2001:db8::54",), 5400),
        packet.Servers(("2001:db8::53",), 0),
        packet.Search(("isp.example",), 0),
    )


def test_rfc_4191_4_a_route_that_ceases_is_told_with_lifetime_zero() -> None:
    route = [("2001:db8::", 48, FOREVER)]
    one = settled(world(source([(P1, FOREVER, FOREVER)], route), lease()))
    facts = world(listed(P1), lease())
    turn(one, 100.0, facts)
    ((to, what),) = turn(one, 100.1, facts)
    assert what.options[2:] == (packet.Route("2001:db8::", 48, "medium", 0),)


def test_rfc_4191_4_live_and_ceased_routes_together_are_at_most_17() -> None:
    many = [("2001:db8:%x::" % n, 48, FOREVER) for n in range(1, 18)]
    old = [("2001:db9::", 48, FOREVER)]
    one = settled(world(source([], old), lease()))
    facts = world(source([], many[:16]), lease())
    one.look(facts, 100.0)
    told = [o for o in one.advertisement(100.0).options if isinstance(o, packet.Route)]
    assert [route.lifetime for route in told] == [5400] * 16 + [0]
    one.look(world(source([], many), lease()), 100.0)
    told = [o for o in one.advertisement(100.0).options if isinstance(o, packet.Route)]
    assert [route.lifetime for route in told] == [5400] * 17


def test_hold_down_a_wan_that_comes_back_with_its_prefix_does_not_touch_the_prefix() -> None:
    one = settled(world(listed(P1), lease()))
    lost = world(listed(P1), lease(state="started", route=None))
    seen = turn(one, 100.0, lost) + turn(one, 103.0, lost)
    seen += turn(one, 104.0, world(listed(P1), lease())) + turn(
        one, 104.1, world(listed(P1), lease())
    )
    assert [what.lifetime for _, what in seen] == [0, 2700]
    for _, what in seen:
        assert what.options[1:] == (packet.Prefix(P1, 64, True, True, 2700, 5400),)


def test_counting_down_is_no_change_and_neither_is_a_second_of_jitter() -> None:
    one = settled(world(source([(P1, 4000.0, 4000.0)]), lease()))
    for moved in (3999.0, 4001.4):
        assert turn(one, 100.0, world(source([(P1, moved, moved)]), lease())) == []
        assert one.due(100.0) == 632.0


def test_rfc_9096_3_3_a_lifetime_that_is_cut_short_is_told_at_once() -> None:
    one = settled(world(source([(P1, 90000.0, 90000.0)]), lease()))
    ((to, what),) = turn(one, 100.0, world(source([(P1, 200.0, 1300.0)]), lease()))
    assert what.options[1] == packet.Prefix(P1, 64, True, True, 100, 1200)


def test_rfc_7772_a_renewal_is_told_at_once_only_when_hosts_could_run_out() -> None:
    one = settled(world(source([(P1, 3000.0, 6000.0)]), lease()))
    assert turn(one, 100.0, world(source([(P1, 90000.0, 90000.0)]), lease())) == []
    one = settled(world(source([(P1, 2000.0, 2000.0)]), lease()))
    assert turn(one, 100.0, world(source([(P1, 90000.0, 90000.0)]), lease())) == []
    one = settled(world(source([(P1, 1000.0, 2000.0)]), lease()))
    assert len(turn(one, 100.0, world(source([(P1, 90000.0, 90000.0)]), lease()))) == 1


def test_rfc_7772_5_1_a_solicitation_is_answered_by_unicast_with_everything() -> None:
    one = settled(world(listed(P1), lease()))
    one.solicit(HOST, 100.0, 0.5)
    assert turn(one, 100.2, world(listed(P1), lease())) == []
    ((to, what),) = turn(one, 100.25, world(listed(P1), lease()))
    assert (to, what.lifetime) == ("fe80::7", 2700)
    assert what.options[1] == packet.Prefix(P1, 64, True, True, 2700, 5400)
    assert one.due(100.25) == 632.0


def test_without_an_address_or_its_link_layer_address_the_answer_is_multicast() -> None:
    for asking in (Solicitation("::", ""), Solicitation("fe80::7", "")):
        one = settled(world(listed(P1), lease()))
        one.solicit(asking, 100.0, 0.5)
        assert [to for to, _ in turn(one, 100.25, world(listed(P1), lease()))] == [ALL_NODES]


def test_what_a_unicast_answer_told_is_withdrawn_as_long_as_that_lasts() -> None:
    one = settled(world(listed(P1), lease()))
    one.solicit(HOST, 500.0, 0.0)
    assert [to for to, _ in turn(one, 500.0, world(listed(P1), lease()))] == ["fe80::7"]
    one.look(world(listed(), lease()), 501.0)
    assert one.told[("prefix", P1 + "/64")].until == 5900.0


def test_6_2_8_another_link_local_address_starts_anew() -> None:
    facts = world(listed(P1), lease())
    one = settled(facts)
    one.link_up("02:00:00:00:00:0b", 1500, 200.0)
    ((to, what),) = turn(one, 200.0, facts)
    assert what.options[0] == packet.LinkAddress("02:00:00:00:00:0b")
    assert one.due(200.0) == 216.0


def test_a_link_that_is_gone_costs_no_wake_up() -> None:
    one = settled(world(listed(P1), lease()))
    one.link_down()
    one.look(world(listed(P1), lease()), 100.0)
    assert one.due(100.0) == float("inf")


def test_outputs_tell_what_is_withdrawn_and_nothing_that_counts_down() -> None:
    one = settled(world(listed(P1), lease()))
    assert published.values_of([one], 40.0) == {"router-lifetime/lan0": "2700"}
    turn(one, 100.0, world(listed(P2), lease(state="unbound")))
    expected = {
        "router-lifetime/lan0": "0",
        "withdrawn/2001-db8-1_64/prefix": P1,
        "withdrawn/2001-db8-1_64/length": "64",
        "withdrawn/2001-db8-1_64/until": "5432.000",
    }
    assert published.values_of([one], 100.0) == expected
    assert published.values_of([one], 5000.0) == expected
    # a prefix that moved to another LAN is in use
    other = settled(world(source([(P1, FOREVER, FOREVER)]), lease()))
    assert published.values_of([one, other], 100.0) == {"router-lifetime/lan0": "2700"}


def test_the_note_about_the_last_advertisement_is_read_again() -> None:
    last = {"lan0": 100.5, "lan1": 7.0}
    assert published.render_memo(last) == "lan0 100.500\nlan1 7.000\n"
    assert published.parse_memo(published.render_memo(last), 101.0) == last
    assert published.parse_memo("lan0 102.000\nnonsense\n\n", 101.0) == {}


def test_rfc_4861_6_2_7_only_what_makes_hosts_switch_is_a_conflict() -> None:
    ours = Advertisement(
        64,
        False,
        False,
        "medium",
        2700,
        0,
        0,
        (packet.Mtu(1480), packet.Prefix(P1, 64, True, True, 2700, 5400)),
    )
    fine = Advertisement(
        0,
        False,
        False,
        "high",
        0,
        9,
        9,
        (packet.Prefix(P1, 64, True, True, 9999, 86400), packet.Prefix(P2, 64, True, True, 1, 1)),
    )
    assert consistency.conflict(ours, fine) == ""
    bad = Advertisement(
        255,
        True,
        False,
        "medium",
        0,
        0,
        0,
        (packet.Mtu(1500), packet.Prefix(P1, 64, True, True, 60, 60)),
    )
    assert consistency.conflict(ours, bad) == (
        "hop limit 255, ours 64; MTU 1500, ours 1480; managed flag 1, ours 0; "
        "prefix 2001:db8:1::/64 valid 60 s, ours 5400 s"
    )
