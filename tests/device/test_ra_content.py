"""What each LAN is told, from outputs to the advertisement, on both runtimes."""

from services.ra import advertisement, content, describe, packet
from services.ra.content import NOTHING
from services.ra.facts import World
from tests.device.ra_world import lan, lease, source, world

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

P1, P2, ULA = "2001:db8:1::", "2001:db8:2::", "fd00:1:2:3::"


def told(told_world: World, operand: str = "lan0", now: float = 1000.0) -> packet.Advertisement:
    """The advertisement of a LAN that starts with an empty memory."""
    one = lan(operand)
    return advertisement.build(one, content.content_of(one, told_world, now, NOTHING), {}, "", now)


def prefixes_of(what: packet.Advertisement) -> "list[Any]":
    return [tuple(option) for option in what.options if isinstance(option, packet.Prefix)]


def routes_of(what: packet.Advertisement) -> "list[Any]":
    return [tuple(option) for option in what.options if isinstance(option, packet.Route)]


def test_rfc_9096_3_4_lifetimes_are_capped_at_45_and_90_minutes() -> None:
    what = told(world(source([(P1, "infinity", "infinity")]), lease()))
    assert prefixes_of(what) == [(P1, 64, True, True, 2700, 5400)]
    assert what.lifetime == 2700


def test_rfc_9096_3_3_lifetimes_never_exceed_what_is_left() -> None:
    what = told(world(source([(P1, 1999.999, 3000.5)]), lease()), now=1000.0)
    assert prefixes_of(what) == [(P1, 64, True, True, 999, 2000)]
    what = told(world(source([(P1, 1999.999, 3000.5)]), lease()), now=2000.0)
    assert prefixes_of(what) == [(P1, 64, True, True, 0, 1000)]
    what = told(world(source([(P1, 1999.999, 3000.5)]), lease()), now=3000.5)
    assert prefixes_of(what) == []


def test_a_preferred_lifetime_beyond_the_valid_one_is_cut_down() -> None:
    what = told(world(source([(P1, "infinity", 1100.0)])))
    assert prefixes_of(what) == [(P1, 64, True, True, 100, 100)]


def test_rfc_7084_l_6_and_l_7_on_link_and_autonomous_by_default_and_configurable() -> None:
    facts = world(source([(P1, 2000.0, 2000.0)]))
    assert prefixes_of(told(facts))[0][2:4] == (True, True)
    assert prefixes_of(told(facts, "lan0,onlink=no"))[0][2:4] == (False, True)
    assert prefixes_of(told(facts, "lan0,autonomous=no"))[0][2:4] == (True, False)


def test_each_lan_is_told_its_own_prefixes_in_one_order_and_each_once() -> None:
    values = source([(P2, 2000.0, 2000.0), (P1, 2000.0, 2000.0)])
    other = source([(P2, 9000.0, 9000.0)], link="lan1")
    values.update(other)
    ula = source([(ULA, "infinity", "infinity"), (P1, "infinity", "infinity")])
    what = told(world(values, more=[("ula", ula)]))
    assert prefixes_of(what) == [
        (P1, 64, True, True, 1000, 1000),
        (P2, 64, True, True, 1000, 1000),
        (ULA, 64, True, True, 2700, 5400),
    ]


def test_only_a_64_with_its_deadlines_is_advertised_and_the_rest_is_reported() -> None:
    values = source([(P1, 2000.0, 2000.0)])
    for folder, fields in (
        ("a", {"prefix": "2001:db8::", "length": "63"}),
        ("b", {"prefix": "fe80::", "length": "64"}),
        ("c", {"prefix": "nonsense", "length": "64"}),
        ("d", {"length": "64"}),
    ):
        for name in fields:
            values["lan/lan0/%s/%s" % (folder, name)] = fields[name]
        values["lan/lan0/%s/valid-until" % folder] = "2000.000"
        values["lan/lan0/%s/preferred-until" % folder] = "2000.000"
    values["lan/lan0/e/prefix"] = P2
    values["lan/lan0/e/length"] = "64"
    values["lan/lan0/e/valid-until"] = "soon"
    values["lan/lan0/e/preferred-until"] = "1.000"
    found = content.content_of(lan(), world(values), 1000.0, NOTHING)
    assert [item.what for item in found.items] == [P1 + "/64"]
    assert found.complaints == (
        "lan_prefix: lan/lan0/a: expected a /64 with its deadlines, got 2001:db8::/63; left out",
        "lan_prefix: lan/lan0/b: expected a /64 with its deadlines, got fe80::/64; left out",
        "lan_prefix: lan/lan0/c: expected a /64 with its deadlines, got nonsense/64; left out",
        "lan_prefix: lan/lan0/d: expected a /64 with its deadlines, got nothing/64; left out",
        "lan_prefix: lan/lan0/e: expected a /64 with its deadlines, got 2001:db8:2::/64; left out",
    )


def test_rfc_7084_g_4_router_lifetime_is_zero_unless_the_wan_is_usable() -> None:
    prefixes = source([(P1, "infinity", "infinity")])
    assert told(world(prefixes, lease())).lifetime == 2700
    assert told(world(prefixes, None)).lifetime == 0
    assert told(world(prefixes, lease(state="unbound"))).lifetime == 0
    assert told(world(prefixes, lease(state="started"))).lifetime == 0
    assert told(world(prefixes, lease(route=None))).lifetime == 0
    assert told(world(prefixes, lease(), running=False)).lifetime == 0


def test_rfc_7084_g_5_router_lifetime_ends_with_the_default_route_by_our_own_timer() -> None:
    facts = world(source([(P1, "infinity", "infinity")]), lease(route=1300.0))
    found = content.content_of(lan(), facts, 1000.0, NOTHING)
    assert advertisement.next_deadline(found, 1000.0) == 1300.0
    assert told(facts, now=1299.9).lifetime == 2700
    assert told(facts, now=1300.0).lifetime == 0


def test_rfc_7084_l_4_and_ula_5_no_default_router_without_a_global_prefix() -> None:
    assert told(world(source(), lease())).lifetime == 0
    assert told(world(source([(ULA, "infinity", "infinity")]), lease())).lifetime == 0
    both = source([(ULA, "infinity", "infinity"), (P1, 1500.0, 1500.0)])
    assert told(world(both, lease())).lifetime == 2700
    assert told(world(both, lease()), now=1500.0).lifetime == 0


def test_rfc_7084_l_3_routes_are_told_whatever_the_state_of_the_wan() -> None:
    delegated = [("2001:db8::", 48, "infinity"), ("fd00:1:2::", 48, "infinity")]
    for leased in (lease(), lease(state="unbound"), None):
        what = told(world(source([], delegated), leased))
        assert routes_of(what) == [
            ("2001:db8::", 48, "medium", 5400),
            ("fd00:1:2::", 48, "medium", 5400),
        ]


def test_rfc_9096_3_4_a_route_lives_no_longer_than_its_prefix() -> None:
    what = told(world(source([], [("2001:db8::", 48, 1234.5)])))
    assert routes_of(what) == [("2001:db8::", 48, "medium", 234)]


def test_rfc_4191_2_3_and_4_routes_have_no_duplicates_and_are_at_most_17() -> None:
    one = [("2001:db8:%x::" % n, 48, 5000.0) for n in range(20)]
    again = source([], [("2001:db8:1:ffff::", 48, 9000.0)])
    one_lan = lan()
    facts = world(source([], one), more=[("ula", again)])
    found = content.content_of(one_lan, facts, 1000.0, NOTHING)
    what = advertisement.build(one_lan, found, {}, "", 1000.0)
    assert routes_of(what) == [
        ("2001:db8:%s" % ("%x::" % n if n else ":"), 48, "medium", 4000) for n in range(17)
    ]
    text = "expected at most 17 routes (RFC 4191 section 4), got 20; left out from %s on"
    assert found.complaints == (text % "2001:db8:11::/48",)


def test_l_11_the_leases_name_servers_and_domains_with_the_life_of_its_prefixes() -> None:
    leased = lease(
        dns="2001:db8::53\n192.0.2.53\nnonsense\n2001:db8::54", domains="a.example\nb..c"
    )
    prefixes = source([(P1, 1500.0, 3000.0), (P2, 1500.0, 2000.0), (ULA, "infinity", "infinity")])
    what = told(world(prefixes, leased))
    assert what.options[-2:] == (
        packet.Servers(("2001:db8::53", "2001:db8::54"), 2000),
        packet.Search(("a.example",), 2000),
    )
    # without a prefix of the lease nobody can reach its servers
    assert told(world(source([(ULA, "infinity", "infinity")]), leased)).options == (
        packet.Prefix(ULA, 64, True, True, 2700, 5400),
    )


def test_l_11_name_servers_can_be_configured_or_be_the_router_itself() -> None:
    leased = lease(dns="2001:db8::53", domains="isp.example")
    prefixes = source([(P1, "infinity", 1900.0), (ULA, "infinity", "infinity")])
    what = told(world(prefixes, leased), "lan0,dns=self,dns=fd00::53,domain=home.arpa")
    assert what.options[2:] == (
        packet.Servers((ULA + "1",), 5400),
        packet.Servers((P1 + "1",), 900),
        packet.Servers(("fd00::53",), 5400),
        packet.Search(("home.arpa",), 5400),
    )
    assert told(world(prefixes, leased), "lan0,dns=none,domain=none").options[2:] == ()


def test_name_servers_stay_while_a_client_restarts_and_its_prefixes_are_held() -> None:
    prefixes = source([(P1, "infinity", "infinity")])
    before = content.content_of(lan(), world(prefixes, lease(dns="2001:db8::53")), 1000.0, NOTHING)
    for leased in (lease(state="started", route=None), None):
        held = content.content_of(lan(), world(prefixes, leased), 1001.0, before)
        assert held.items == before.items
    # a lease that has no name servers any more is followed (RFC 9915 section 18.2.10.1)
    after = content.content_of(lan(), world(prefixes, lease()), 1001.0, before)
    assert [item.kind for item in after.items] == ["prefix"]


def test_l_9_flags_mtu_preference_and_portal_are_configurable() -> None:
    facts = world(source([(P1, "infinity", "infinity")]), lease())
    plain = told(facts)
    assert (plain.managed, plain.other, plain.preference, plain.hop_limit) == (
        False,
        False,
        "medium",
        64,
    )
    assert (plain.reachable, plain.retrans) == (0, 0)
    what = told(
        facts, "lan0,managed=yes,other=yes,preference=low,mtu=1480,portal=https://p.example/"
    )
    assert (what.managed, what.other, what.preference) == (True, True, "low")
    assert what.options[0] == packet.Mtu(1480)
    assert what.options[-1] == packet.Portal("https://p.example/")


def portal_of(told_portal: str) -> "tuple[list[Any], tuple[str, ...]]":
    """The portal options that the lease's portal leads to, and the complaints."""
    leased = lease()
    leased["captive-portal"] = told_portal
    found = content.content_of(lan("lan0,portal=lease"), world(source(), leased), 1.0, NOTHING)
    what = advertisement.build(lan(), found, {}, "", 1.0)
    portals = [option for option in what.options if isinstance(option, packet.Portal)]
    return portals, found.complaints


def test_rfc_8910_a_portal_that_cannot_be_told_is_left_out_and_named() -> None:
    longest = "https://p.example/" + "a" * 237
    assert portal_of(longest) == ([packet.Portal(longest)], ())
    assert portal_of("") == ([], ())
    text = "wan: captive-portal: expected a URI of at most 255 octets, got %s; left out"
    long = '"%s" and 56 octets more' % (longest[:200])
    assert portal_of(longest + "a") == ([], (text % long,))
    for odd, shown in (
        ("https://x/\x1b[31m\nlan0: y", "https://x/\\x1b[31m\\x0alan0: y"),
        ("https://x/ y", "https://x/ y"),
        ("https://\u00e9/", "https://\\xc3\\xa9/"),
        ("nonsense", "nonsense"),
    ):
        assert portal_of(odd) == ([], (text % ('"%s"' % shown),))


def test_name_servers_that_no_host_can_ask_are_left_out_and_named() -> None:
    leased = lease(dns="::\nff02::1\n2001:db8::53\n::1\n0:0::1")
    prefixes = source([(P1, "infinity", "infinity")])
    found = content.content_of(lan(), world(prefixes, leased), 1.0, NOTHING)
    assert [item.what for item in found.items if item.kind == "dns"] == ["2001:db8::53"]
    text = 'wan: dns: expected a unicast address, got "%s"; left out'
    assert found.complaints == tuple([text % odd for odd in ("::", "ff02::1", "::1", "0:0::1")])


def test_people_read_an_advertisement_as_lines() -> None:
    leased = lease(dns="2001:db8::53", domains="isp.example")
    facts = world(source([(P1, 2000.0, 3000.0)], [("2001:db8::", 32, 3000.0)]), leased)
    assert describe.lines_of(told(facts, "lan0,mtu=1480")) == [
        "router lifetime 2700 s, preference medium, hop limit 64, managed no, other no",
        "MTU 1480 octets",
        "prefix 2001:db8:1::/64 on-link autonomous preferred 1000 s valid 2000 s",
        "route 2001:db8::/32 preference medium lifetime 2000 s",
        "name servers 2001:db8::53 lifetime 2000 s",
        "search domains isp.example lifetime 2000 s",
    ]
