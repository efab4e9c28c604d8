"""From pppd's calls to outputs and a default route. Runs on both runtimes."""

from agent.port.records import RT_TABLE_MAIN, RTPROT_BOOT, Route
from services.ppp import route, told

FOUR = ["ppp-wan", "eth0", "0", "100.64.0.7", "100.64.0.1"]
SIX = ["ppp-wan", "eth0", "0", "fe80::7", "fe80::1"]
DNS = {b"DNS1": b"198.18.0.53", b"DNS2": b"198.18.0.54"}
UP4 = {
    "ifname": "ppp-wan",
    "ifindex": "7",
    "state": "up",
    "address": "100.64.0.7",
    "remote": "100.64.0.1",
    "dns": "198.18.0.53\n198.18.0.54",
}
UP6 = {
    "ifname": "ppp-wan",
    "ifindex": "7",
    "state6": "up",
    "link-local": "fe80::7",
    "remote-link-local": "fe80::1",
}


def both() -> dict[str, str]:
    values = dict(UP4)
    values.update(UP6)
    return values


def test_each_family_tells_its_half_in_any_order() -> None:
    assert told.read("ip-up", FOUR, 7, DNS, {}) == UP4
    assert told.read("ipv6-up", SIX, 7, {}, {}) == UP6
    assert told.read("ipv6-up", SIX, 7, {}, UP4) == both()
    assert told.read("ip-up", FOUR, 7, DNS, UP6) == both()


def test_what_goes_down_takes_its_own_half_along() -> None:
    assert told.read("ip-down", FOUR, 7, DNS, both()) == UP6
    assert told.read("ipv6-down", SIX, 7, {}, both()) == UP4
    assert told.read("ip-down", FOUR, 7, DNS, UP4) == {}


def test_a_redial_with_another_address_leaves_nothing_of_the_old() -> None:
    new = ["ppp-wan", "eth0", "0", "100.64.0.8", "100.64.0.1"]
    assert told.read("ip-up", new, 7, {}, UP4) == {
        "ifname": "ppp-wan",
        "ifindex": "7",
        "state": "up",
        "address": "100.64.0.8",
        "remote": "100.64.0.1",
    }


def test_what_is_no_address_is_left_out() -> None:
    strange = {b"DNS1": b"$(id)", b"DNS2": b"\xff"}
    words = ["ppp-wan", "eth0", "0", "fe80::1", "0.0.0.0"]
    assert told.read("ip-up", words, 7, strange, {}) == {
        "ifname": "ppp-wan",
        "ifindex": "7",
        "state": "up",
    }


def test_a_link_that_has_gone_has_no_number() -> None:
    assert "ifindex" not in told.read("ip-up", FOUR, 0, DNS, {})


def test_outputs_go_with_their_link() -> None:
    """Also when another one has its name: that one's pppd will tell of it."""
    assert told.checked(both(), 7) == both()
    assert told.checked(both(), 0) == {}
    assert told.checked(both(), 8) == {}
    assert told.checked({"ifname": "ppp-wan", "state": "up"}, 7) == {}
    assert told.checked({}, 0) == {}


def a_default(index: int, metric: int) -> Route:
    return Route("unicast", "0.0.0.0", 0, "", index, metric, RT_TABLE_MAIN, RTPROT_BOOT, None)


def test_the_default_route_has_the_metric_that_it_was_given() -> None:
    assert route.default(7, 512, []) == a_default(7, 512)
    assert route.default(7, 512, [a_default(7, 512)]) == a_default(7, 512)


def test_the_default_route_of_another_link_stays() -> None:
    there = [a_default(3, 512), a_default(4, 513), a_default(5, 515)]
    assert route.default(7, 512, there) == a_default(7, 514)
    assert route.default(7, 1024, there) == a_default(7, 1024)


def test_only_a_metric_is_one() -> None:
    assert route.metric("metric=0") == 0
    assert route.metric("metric=4294967295") == 2**32 - 1
    for word in ("", "metric=", "metric=-1", "metric=4294967296", "metric=1e3", "512", "metric= 1"):
        assert route.metric(word) is None, word
