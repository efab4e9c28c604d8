"""wan_address for real: in a network namespace, on both runtimes."""

import signal
from collections.abc import Iterator

import pytest

from agent import outputs
from agent.port import clock
from packager.isp import wait
from tests.device.dhcp6_model import lease_values
from tests.lab.dhcp6_room import LEASE, Room, programs, room

pytestmark = pytest.mark.root

LEASED = ["address", "2001:db8:a::5", 128, 1800, 3600, ""]
AUTONOMOUS = ["ra-address", "2001:db8:a::6", 64, 1800, 3600, ""]
ON_LINK = ["route", "2001:db8:a::", 64, 0, 3600, ""]
DEFAULT = ["route", "::", 0, 0, 1800, "fe80::1"]
ALL = ["bound", [LEASED, AUTONOMOUS, ON_LINK, DEFAULT]]
ADDRESSES = ["wan 2001:db8:a::5/128", "wan 2001:db8:a::6/64"]
ROUTES = ["2001:db8:a::/64 dev wan", "default via fe80::1 dev wan"]


@pytest.fixture(params=programs())
def wan(request: pytest.FixtureRequest) -> Iterator[Room]:
    with room(request.param, "wan_address") as made:
        yield made


def ifindex(wan: Room) -> str:
    """What the outputs tell: published before the kernel is touched."""
    return (outputs.read(wan.root, "wan_address") or {}).get("ifindex", "")


def test_the_lease_is_on_the_wan_with_what_is_left_of_it(wan: Room) -> None:
    wan.publish(ALL)
    wan.start()
    wan.await_facts(ADDRESSES, ROUTES)
    for preferred, valid in wan.addresses().values():
        assert 1700 < preferred < 1800 and 3500 < valid < 3600
    default = wan.ip("-6 route show default").split()
    assert " ".join(default[: default.index("expires")]) == (
        "default via fe80::1 dev wan proto ra metric 512"
    )
    assert 1700 < int(default[default.index("expires") + 1].rstrip("sec")) < 1800
    values = outputs.read(wan.root, "wan_address") or {}
    index = wan.ip("-o link show wan").split(":")[0]
    assert (values["ifname"], values["ifindex"]) == ("wan", index)
    assert values["address/2001-db8-a--5_128/address"] == "2001:db8:a::5"


def test_what_leaves_the_lease_leaves_the_wan_at_once(wan: Room) -> None:
    wan.ip("address add 2001:db8:a::99/64 dev wan nodad")
    wan.publish(ALL)
    wan.start()
    wan.await_facts([*ADDRESSES, "wan 2001:db8:a::99/64"], ROUTES)
    wan.publish(["unbound", [AUTONOMOUS, ON_LINK]])
    wan.await_facts([ADDRESSES[1], "wan 2001:db8:a::99/64"], ROUTES[:1])
    wan.publish(None)
    wan.await_facts(["wan 2001:db8:a::99/64"], [])


def test_another_router_takes_the_place_of_the_first(wan: Room) -> None:
    wan.publish(ALL)
    wan.start()
    wan.await_facts(ADDRESSES, ROUTES)
    wan.publish(["bound", [LEASED, AUTONOMOUS, ON_LINK, [*DEFAULT[:5], "fe80::2"]]])
    wan.await_facts(ADDRESSES, [ROUTES[0], "default via fe80::2 dev wan"])


def test_two_routers_of_the_same_preference_both_have_their_route(wan: Room) -> None:
    wan.publish(["bound", [DEFAULT, [*DEFAULT[:5], "fe80::2"]]])
    wan.start()
    wan.await_facts([], ["default via fe80::1 dev wan", "default via fe80::2 dev wan"])


def test_a_link_that_returns_under_another_index_has_all_again(wan: Room) -> None:
    wan.publish(ALL)
    wan.start()
    wan.await_facts(ADDRESSES, ROUTES)
    for _ in range(2):
        before = ifindex(wan)
        wan.ip("link del wan")
        wan.await_facts([], [])
        wan.add_link("wan")
        wan.await_facts(ADDRESSES, ROUTES)
        assert ifindex(wan) not in ("", before)


def test_the_way_to_an_excluded_prefix_is_the_default_routers(wan: Room) -> None:
    prefix = ["prefix", "2001:db8:1::", 56, 1800, 3600, "2001:db8:1:ff::/64"]
    wan.publish(["bound", [prefix, DEFAULT]])
    wan.start()
    wan.await_facts([], ["2001:db8:1:ff::/64 via fe80::1 dev wan", ROUTES[1]])


def test_a_route_whose_metric_is_told_as_0_goes_with_the_lease(wan: Room) -> None:
    """For the kernel IPv6 metric 0 is 1024."""
    values = lease_values(["bound", [ON_LINK, DEFAULT]], clock.monotonic()) or {}
    values["route/k_0/metric"] = values["route/k_1/metric"] = "0"
    outputs.publish(wan.root, LEASE, values)
    wan.start()
    wan.await_facts([], ROUTES)
    assert wan.kill(signal.SIGTERM) == 0
    wan.publish(["bound", []])
    assert wan.once("-c").returncode == 0
    assert wan.facts() == ([], [])


def test_two_routers_with_the_largest_metric_both_have_their_route_and_lose_it(wan: Room) -> None:
    values = lease_values(["bound", [DEFAULT, [*DEFAULT[:5], "fe80::2"]]], clock.monotonic()) or {}
    values["route/k_0/metric"] = values["route/k_1/metric"] = "4294967295"
    outputs.publish(wan.root, LEASE, values)
    wan.start()
    wan.await_facts([], ["default via fe80::1 dev wan", "default via fe80::2 dev wan"])
    assert wan.kill(signal.SIGTERM) == 0
    assert wan.once("-c").returncode == 0
    assert wan.facts() == ([], [])


@pytest.mark.parametrize("number", ["3", "77"])
def test_a_closed_notification_descriptor_costs_a_line_and_nothing_else(
    wan: Room, number: str
) -> None:
    """3 would be the number of its first socket."""
    wan.publish(ALL)
    wan.start("-d", number)
    wan.await_facts(ADDRESSES, ROUTES)
    wan.publish(["unbound", [AUTONOMOUS, ON_LINK]])
    wan.await_facts(ADDRESSES[1:], ROUTES[:1])
    wan.publish(ALL)
    wan.await_facts(ADDRESSES, ROUTES)
    assert wan.stderr.read_text().count("descriptor %s: expected it to be open" % number) == 1
    assert wan.kill(signal.SIGTERM) == 0


def test_somebody_elses_default_route_is_left_alone(wan: Room) -> None:
    wan.ip("-6 route add default via fe80::9 dev wan metric 512 proto static")
    wan.publish(ALL)
    wan.start()
    wan.await_facts(ADDRESSES, [ROUTES[0], "default via fe80::9 dev wan"])
    wait.until("the line that says so", lambda: "somebody else" in wan.stderr.read_text())


def test_a_stop_leaves_the_wan_as_it_is_and_cleaning_up_empties_it(wan: Room) -> None:
    wan.publish(ALL)
    wan.start()
    wan.await_facts(ADDRESSES, ROUTES)
    assert wan.kill(signal.SIGTERM) == 0
    assert wan.facts() == (ADDRESSES, ROUTES)
    assert wan.once("-n").stdout == ""
    assert wan.once("-c").returncode == 0
    assert wan.facts() == ([], [])
    assert outputs.read(wan.root, "wan_address") is None


def test_it_is_ready_though_an_earlier_run_has_put_the_address(wan: Room) -> None:
    """The agent clears the outputs of what ended, and with them what it knew of itself."""
    wan.publish(ALL)
    wan.start()
    wan.await_facts(ADDRESSES, ROUTES)
    wan.kill()
    outputs.clear(wan.root, "wan_address")
    wan.start("-d", "1")
    wait.until("it is ready", lambda: wan.stdout.read_bytes() == b"\n")
    wan.await_facts(ADDRESSES, ROUTES)
