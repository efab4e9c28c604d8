"""RFC 4861 section 6.2.5: without forwarding there is no router to lead anywhere. Both runtimes."""

from agent.port.records import ALL_LINKS, Forwarding, Link
from services.ra import lan as lans
from services.ra import memory, packet, storage
from services.ra.advertiser import ALL_NODES, Advertiser
from services.ra.facts import ROUTE
from services.ra.memory import PENDING, WITHDRAWN
from tests.device.ra_world import lan, lease, source, world

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from services.ra.facts import World

P1, COVER = "2001:db8:1::", "2001:db8::"
FOREVER = "infinity"
LISTED = source([(P1, FOREVER, FOREVER)], [(COVER, 48, FOREVER)])
ON = world(LISTED, lease())
OFF = world(LISTED, lease(), hosts=("lan0",))
ELSEWHERE = world(LISTED, lease(), hosts=("lan1",))


class Heard:
    """An advertiser whose link is up, and what left of it: (time, router lifetime, routes)."""

    def __init__(self, facts: "World", told: "Any" = None) -> None:
        self.one = Advertiser(lan(), told or {}, 0.0)
        self.one.link_up("02:00:00:00:00:0a", 1500, 0.0)
        self.left: list[tuple[float, int, list[int]]] = []
        for now in (0.0, 16.0, 32.0):  # the initial advertisements
            self.at(now, facts)

    def at(self, now: float, facts: "World") -> None:
        """A turn at `now`, and then each that time alone brings, for 5 s."""
        until = now + 5.0
        while now < until:
            self.one.look(facts, now)
            for destination in self.one.messages(now):
                assert destination == ALL_NODES
                what = self.one.advertisement(now)
                routes = [o.lifetime for o in what.options if isinstance(o, packet.Route)]
                assert packet.Prefix(P1, 64, True, True, 2700, 5400) in what.options
                self.left.append((now, what.lifetime, routes))
                self.one.delivered(destination, now, 1.0)
            now = self.one.due(now)


def test_a_start_without_forwarding_tells_prefixes_and_neither_router_nor_route() -> None:
    heard = Heard(OFF)
    assert heard.left == [(0.0, 0, []), (16.0, 0, []), (32.0, 0, [])]
    assert sorted(key[0] for key in heard.one.told) == ["prefix"]


def test_forwarding_that_goes_off_is_told_at_once_and_the_route_is_taken_back() -> None:
    heard = Heard(ON)
    heard.at(100.0, OFF)
    assert heard.left[2:] == [(32.0, 2700, [5400]), (100.0, 0, [0])]
    assert heard.one.told[(ROUTE, COVER + "/48")].state == WITHDRAWN


def test_forwarding_that_comes_on_is_told_within_a_tenth_of_a_second() -> None:
    heard = Heard(OFF)
    heard.at(100.0, ON)
    assert heard.left[2:] == [(32.0, 0, []), (100.1, 2700, [5400])]


def test_the_rate_of_rfc_4861_6_2_6_holds_for_it_too() -> None:
    heard = Heard(OFF)
    heard.at(33.0, ON)
    assert heard.left[2:] == [(32.0, 0, []), (35.0, 2700, [5400])]


def test_a_switch_that_flaps_within_the_rate_is_told_as_it_ends() -> None:
    heard = Heard(ON)
    heard.one.look(OFF, 33.0)
    heard.one.look(ON, 33.5)
    heard.at(33.6, ON)
    assert heard.left[2:] == [(32.0, 2700, [5400])]


def test_what_hosts_believe_of_a_route_is_taken_back_for_as_long_as_they_may() -> None:
    heard = Heard(ON)
    for now in (100.0, 3000.0, 5431.0, 5433.0, 6200.0):
        heard.at(now, OFF)
        assert heard.left[-1][1:] == (0, [0] if heard.left[-1][0] < 32.0 + 5400.0 else [])
    assert heard.left[-1][0] == 6200.0


def test_only_the_lan_without_forwarding_is_told() -> None:
    heard = Heard(ON)
    heard.at(100.0, ELSEWHERE)
    assert heard.left[2:] == [(32.0, 2700, [5400])]


def test_a_route_of_the_run_before_is_not_kept_waiting_while_nothing_is_forwarded() -> None:
    told = memory.remember(
        memory.follow({}, Heard(ON).one.content, 0.0, 0.0), {(ROUTE, COVER + "/48"): 5400}, 0.0
    )
    text = storage.render({"lan0": told}, "boot")
    loaded = storage.parse(text, "another", 0.0)[0]["lan0"]
    assert loaded[(ROUTE, COVER + "/48")].state == PENDING
    assert Heard(OFF, loaded).left == [(0.0, 0, [0]), (16.0, 0, [0]), (32.0, 0, [0])]


class Tables:
    """What a View holds, as far as lan.forwards() reads it."""

    def __init__(self, switches: dict[int, bool]) -> None:
        self.forwarding = {index: Forwarding(index, switches[index]) for index in switches}


def test_a_lan_forwards_when_all_do_and_its_own_switch_is_not_off() -> None:
    link = Link(7, "lan0", 0, 6, 1500, "", 0, "")
    for switches, there, gone in (
        ({ALL_LINKS: True, 7: True}, True, True),
        ({ALL_LINKS: True, 7: False}, False, True),
        ({ALL_LINKS: False, 7: True}, False, False),
        ({ALL_LINKS: False, 7: False}, False, False),
        ({ALL_LINKS: True}, True, True),
        ({}, False, False),
    ):
        tables: Any = Tables(switches)
        assert (lans.forwards(tables, link), lans.forwards(tables, None)) == (there, gone), switches
