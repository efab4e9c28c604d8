"""From pppd's calls to outputs. Runs on both runtimes."""

from services.ppp import told

FOUR = ["ppp-wan", "eth0", "0", "100.64.0.7", "100.64.0.1"]
SIX = ["ppp-wan", "eth0", "0", "fe80::7", "fe80::1"]
DNS = {b"DNS1": b"198.18.0.53", b"DNS2": b"198.18.0.54"}
UP4 = {
    "ifname": "ppp-wan",
    "state": "up",
    "address": "100.64.0.7",
    "remote": "100.64.0.1",
    "dns": "198.18.0.53\n198.18.0.54",
}
UP6 = {
    "ifname": "ppp-wan",
    "state6": "up",
    "link-local": "fe80::7",
    "remote-link-local": "fe80::1",
}


def both() -> dict[str, str]:
    values = dict(UP4)
    values.update(UP6)
    return values


def test_each_family_tells_its_half_in_any_order() -> None:
    assert told.read("ip-up", FOUR, DNS, {}) == UP4
    assert told.read("ipv6-up", SIX, {}, {}) == UP6
    assert told.read("ipv6-up", SIX, {}, UP4) == both()
    assert told.read("ip-up", FOUR, DNS, UP6) == both()


def test_what_goes_down_takes_its_own_half_along() -> None:
    assert told.read("ip-down", FOUR, DNS, both()) == UP6
    assert told.read("ipv6-down", SIX, {}, both()) == UP4
    assert told.read("ip-down", FOUR, DNS, UP4) == {}


def test_a_redial_with_another_address_leaves_nothing_of_the_old() -> None:
    new = ["ppp-wan", "eth0", "0", "100.64.0.8", "100.64.0.1"]
    assert told.read("ip-up", new, {}, UP4) == {
        "ifname": "ppp-wan",
        "state": "up",
        "address": "100.64.0.8",
        "remote": "100.64.0.1",
    }


def test_what_is_no_address_is_left_out() -> None:
    strange = {b"DNS1": b"$(id)", b"DNS2": b"\xff"}
    words = ["ppp-wan", "eth0", "0", "fe80::1", "0.0.0.0"]
    assert told.read("ip-up", words, strange, {}) == {"ifname": "ppp-wan", "state": "up"}
