"""lan_prefix for real: in a network namespace, on both runtimes.

What 'goes at once' are a prefix's addresses and its unreachable route. The LANs' on-link routes
stay until they expire (RFC 7084 L-14); that they are answered by is test_stale_source.py's.
"""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent import outputs
from packager.isp import wait
from tests.lab.dhcp6_room import Room, programs, room

pytestmark = pytest.mark.root

OLD = ["prefix", "2001:db8:1::", 56, 1800, 3600, ""]
NEW = ["prefix", "2001:db8:2::", 60, 1800, 3600, ""]
OLD_ADDRESSES = ["lan0 2001:db8:1::1/64", "lan1 2001:db8:1:1::1/64"]
NEW_ADDRESSES = ["lan0 2001:db8:2::1/64", "lan1 2001:db8:2:1::1/64"]
OLD_ROUTES = [
    "2001:db8:1:1::/64 dev lan1",
    "2001:db8:1::/64 dev lan0",
    "unreachable 2001:db8:1::/56",
]
NEW_ROUTES = [
    "2001:db8:2:1::/64 dev lan1",
    "2001:db8:2::/64 dev lan0",
    "unreachable 2001:db8:2::/60",
]
OLD_ON_LINK = OLD_ROUTES[:2]


@pytest.fixture(params=programs())
def lans(request: pytest.FixtureRequest) -> Iterator[Room]:
    with room(request.param, "lan_prefix", "lan0,id=0", "lan1,id=1") as made:
        yield made


def hold(lans: Room, seconds: str) -> None:
    lans.operands = ["-w", seconds, *lans.operands]


def published(lans: Room) -> set[str]:
    values = outputs.read(lans.root, "lan_prefix") or {}
    return {values[name] for name in values if name.endswith("/address")}


def test_a_lease_puts_a_subnet_on_each_lan_and_the_rest_is_unreachable(lans: Room) -> None:
    lans.publish(["bound", [OLD]])
    lans.start()
    lans.await_facts(OLD_ADDRESSES, OLD_ROUTES)
    for preferred, valid in lans.addresses().values():
        assert 1700 < preferred < 1800 and 3500 < valid < 3600
    assert published(lans) == {"2001:db8:1::1", "2001:db8:1:1::1"}


def test_readiness_is_told_when_a_lan_has_its_address(lans: Room) -> None:
    lans.publish(["bound", []])
    lans.start("-d", "1")
    wait.until("its outputs", lambda: outputs.read(lans.root, "lan_prefix"))
    assert lans.stdout.read_text() == ""
    lans.publish(["bound", [OLD]])
    wait.until("readiness", lans.stdout.read_text, lambda seen: seen == "\n")
    lans.await_facts(OLD_ADDRESSES)


def test_a_second_one_under_the_same_name_ends_with_a_line_and_touches_nothing(lans: Room) -> None:
    lans.publish(["bound", [OLD]])
    lans.start()
    lans.await_facts(OLD_ADDRESSES, OLD_ROUTES)
    said = (
        f"lan_prefix: {lans.root}/.gen/lan_prefix.owner: another program runs as $SERVICE"
        " lan_prefix; end it, or give this one another name\n"
    )
    first, operands = lans.process, lans.operands
    for options in ((), ("-c",)):
        lans.operands = [operands[0], "far-lan0,id=9"]
        done = lans.once(*options)
        assert (done.returncode, done.stdout, done.stderr) == (1, "", said)
    lans.process, lans.operands = first, operands
    assert lans.once("-n").stdout == ""  # to look is allowed
    assert lans.facts() == (OLD_ADDRESSES, OLD_ROUTES)
    lans.kill()
    assert lans.once("-c").returncode == 0  # a kill lets the name go
    assert lans.facts() == ([], [])


def test_a_replaced_prefix_goes_at_once(lans: Room) -> None:
    hold(lans, "3600")
    lans.publish(["bound", [OLD]])
    lans.start()
    lans.await_facts(OLD_ADDRESSES)
    lans.publish(["bound", [NEW, [*OLD[:3], 0, 0, ""]]])
    lans.await_facts(NEW_ADDRESSES, OLD_ON_LINK + NEW_ROUTES)
    assert published(lans) == {"2001:db8:2::1", "2001:db8:2:1::1"}


def test_a_prefix_told_with_valid_0_goes_at_once_even_without_another(lans: Room) -> None:
    hold(lans, "3600")
    lans.publish(["bound", [OLD]])
    lans.start()
    lans.await_facts(OLD_ADDRESSES)
    lans.publish(["bound", [[*OLD[:3], 0, 0, ""]]])
    lans.await_facts([], OLD_ON_LINK)
    assert published(lans) == set()
    for expires in lans.on_link().values():
        assert 3500 < expires < 3600


def test_a_lost_prefix_stays_for_the_hold_down_and_then_goes(lans: Room) -> None:
    hold(lans, "1")
    lans.publish(["bound", [OLD]])
    lans.start()
    lans.await_facts(OLD_ADDRESSES)
    lans.publish(["unbound", []])
    assert lans.facts() == (OLD_ADDRESSES, OLD_ROUTES)
    lans.await_facts([], OLD_ON_LINK)


def remembered(lans: Room, destination: str) -> bool:
    """Whether lan_prefix holds a route to this for its own."""
    return destination in outputs.peek(lans.root, "lan_prefix").memo


def test_the_route_of_a_lost_prefix_expires_in_the_kernel_and_is_forgotten(lans: Room) -> None:
    lans.sysctl("net.ipv6.route.gc_interval", 1)  # else what is over is seen for up to 30 s
    lans.publish(["bound", [[*OLD[:3], -1, -1, ""]]])
    lans.start()
    lans.await_facts(OLD_ADDRESSES, OLD_ROUTES)
    lans.publish(["bound", [NEW]])
    lans.await_facts(NEW_ADDRESSES, OLD_ON_LINK + NEW_ROUTES)
    wait.until(
        "an expiry of at most 5400 s",
        lans.on_link,
        lambda seen: all(5300 < seen[route] <= 5400 for route in OLD_ON_LINK),
    )
    said = lans.stderr.read_text()
    # As if lan1's time were over, for the kernel alone: lan_prefix goes by what it had put.
    lans.ip("-6 route replace 2001:db8:1:1::/64 dev lan1 metric 118 proto 118 expires 1")
    lans.await_facts(NEW_ADDRESSES, [OLD_ON_LINK[1], *NEW_ROUTES])
    wait.until("it is forgotten", lambda: not remembered(lans, "2001:db8:1:1:: 64"))
    assert remembered(lans, "2001:db8:1:: 64")
    lans.try_ip("link add probe type dummy")
    lans.kill(signal.SIGTERM)
    assert (lans.stderr.read_text(), said.count("shorten route")) == (said, 2)
    assert lans.once("-n").stdout == ""  # the next run has nothing to do either
    assert lans.facts() == (NEW_ADDRESSES, [OLD_ON_LINK[1], *NEW_ROUTES])


def test_a_route_that_stays_is_not_put_back_and_a_returning_prefix_has_it(lans: Room) -> None:
    lans.publish(["bound", [OLD]])
    lans.start()
    lans.await_facts(OLD_ADDRESSES, OLD_ROUTES)
    lans.publish(["bound", [NEW]])
    lans.await_facts(NEW_ADDRESSES, OLD_ON_LINK + NEW_ROUTES)
    lans.ip("-6 route del 2001:db8:1::/64 dev lan0 metric 118")
    lans.ip("-6 route del 2001:db8:2::/64 dev lan0 metric 118")
    lans.await_facts(NEW_ADDRESSES, [OLD_ON_LINK[0], *NEW_ROUTES])
    wait.until("it is forgotten", lambda: not remembered(lans, "2001:db8:1:: 64"))
    lans.publish(["bound", [[*OLD[:3], 3000, 6000, ""]]])
    lans.await_facts(OLD_ADDRESSES, sorted([*OLD_ROUTES, *NEW_ROUTES[:2]]))
    assert all(5900 < lans.on_link()[route] < 6000 for route in OLD_ON_LINK)


def test_a_route_that_stays_is_gone_before_another_link_has_the_prefix(lans: Room) -> None:
    lans.publish(["bound", [OLD]])
    lans.start()
    lans.await_facts(OLD_ADDRESSES, OLD_ROUTES)
    lans.ip("link set far-lan1 name far-spare")
    lans.ip("link set lan1 name spare")  # it stays up, and keeps its route
    lans.await_facts(OLD_ADDRESSES[:1], [OLD_ROUTES[0].replace("lan1", "spare"), *OLD_ROUTES[1:]])
    lans.add_link("lan1")
    lans.await_facts(OLD_ADDRESSES, OLD_ROUTES)


def test_a_prefix_that_comes_back_within_the_hold_down_is_no_event(lans: Room) -> None:
    hold(lans, "3600")
    values_of_lease = ["bound", [[*OLD[:3], -1, -1, ""]]]
    lans.publish(values_of_lease)
    lans.start()
    lans.await_facts(OLD_ADDRESSES)
    watch = outputs.Watch(lans.root)
    for _ in range(3):
        lans.publish(["unbound", []])
        lans.publish(values_of_lease)
    before = lans.stderr.read_text()
    lans.try_ip("link add probe type dummy")  # wakes it once more, after all of that
    lans.kill(signal.SIGTERM)
    assert lans.stderr.read_text() == before
    assert "lan_prefix" not in (watch.read() or [])
    assert lans.facts() == (OLD_ADDRESSES, OLD_ROUTES)


def test_a_lease_is_carried_to_links_that_come_later_and_return(lans: Room) -> None:
    lans.ip("link del lan1")
    lans.publish(["bound", [OLD]])
    lans.start()
    lans.await_facts(OLD_ADDRESSES[:1])
    for _ in range(2):
        lans.add_link("lan1")
        lans.await_facts(OLD_ADDRESSES, OLD_ROUTES)
        lans.ip("link del lan1")
        lans.await_facts(OLD_ADDRESSES[:1])


def test_a_renamed_link_is_no_lan_any_more(lans: Room) -> None:
    lans.publish(["bound", [OLD]])
    lans.start()
    lans.await_facts(OLD_ADDRESSES)
    lans.ip("link set lan1 down")
    lans.ip("link set lan1 name spare")
    lans.ip("link set spare up")
    lans.await_facts(OLD_ADDRESSES[:1])


def test_a_link_that_goes_down_and_up_has_all_again(lans: Room) -> None:
    lans.publish(["bound", [OLD]])
    lans.start()
    lans.await_facts(OLD_ADDRESSES, OLD_ROUTES)
    for _ in range(3):
        lans.ip("link set lan0 down")
        lans.ip("link set lan0 up")
        lans.await_facts(OLD_ADDRESSES, OLD_ROUTES)


def test_what_somebody_removes_is_put_back_and_what_is_not_ours_stays(lans: Room) -> None:
    lans.ip("address add 2001:db8:1::99/64 dev lan0 nodad")
    lans.publish(["bound", [OLD]])
    lans.start()
    both = ["lan0 2001:db8:1::1/64", "lan0 2001:db8:1::99/64", OLD_ADDRESSES[1]]
    lans.await_facts(both, OLD_ROUTES)
    lans.ip("address del 2001:db8:1::1/64 dev lan0")
    lans.ip("-6 route del unreachable 2001:db8:1::/56")
    lans.await_facts(both, OLD_ROUTES)
    lans.publish(["bound", [NEW]])
    all_routes = OLD_ON_LINK + NEW_ROUTES
    lans.await_facts(sorted(["lan0 2001:db8:1::99/64", *NEW_ADDRESSES]), all_routes)
    assert "2001:db8:1::/64 dev lan0" in lans.ip("-6 route show proto kernel")


def test_what_somebody_else_puts_back_leaves_nothing_to_wait_for(lans: Room) -> None:
    lans.publish(["bound", [OLD]])
    lans.start()
    lans.await_facts(OLD_ADDRESSES, OLD_ROUTES)
    cover = "unreachable 2001:db8:1::/56 metric 2147483647 proto 118"
    said = lans.stderr.read_text()
    lans.ip(f"-6 route del {cover}")
    wait.until("it is put back, or to be so soon", lans.routes, lambda seen: seen == OLD_ROUTES)
    assert lans.stderr.read_text() != said
    lans.ip(f"-6 route del {cover}")  # within a second: it waits before it puts that back again
    lans.ip(f"-6 route add {cover}")
    begin, spent = time.monotonic(), cpu_seconds(lans)
    wait.until("the second of waiting is over", lambda: time.monotonic() - begin > 4.0)
    assert cpu_seconds(lans) - spent < 0.3  # it does not look again and again


def cpu_seconds(lans: Room) -> float:
    """What the program has computed up to now (proc_pid_stat(5), utime and stime)."""
    assert lans.process is not None
    fields = Path(f"/proc/{lans.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_restart_writes_nothing_and_keeps_the_deadlines(lans: Room) -> None:
    lans.publish(["bound", [OLD]])
    lans.start()
    lans.await_facts(OLD_ADDRESSES, OLD_ROUTES)
    assert lans.kill(signal.SIGTERM) == 0
    assert lans.facts() == (OLD_ADDRESSES, OLD_ROUTES)
    preview = lans.once("-n")
    assert (preview.returncode, preview.stdout, preview.stderr) == (0, "", "")


def test_the_dry_run_tells_what_would_be_done_and_does_nothing(lans: Room) -> None:
    lans.publish(["bound", [[*OLD[:3], -1, -1, ""]]])
    lans.ip("link del lan1")
    preview = lans.once("-n")
    index = int(lans.ip("-o link show lan0").split(":")[0])
    assert preview.stdout.splitlines()[-3:] == [
        f"put address 2001:db8:1::1/64 on link {index} preferred forever valid forever",
        "put route unreachable 2001:db8:1::/56 metric 2147483647 expires forever",
        f"put route unicast 2001:db8:1::/64 on link {index} metric 118 expires forever",
    ]
    assert lans.facts() == ([], [])
    assert outputs.read(lans.root, "lan_prefix") is None


def test_cleaning_up_removes_all_that_is_ours_and_the_outputs(lans: Room) -> None:
    lans.ip("address add 2001:db8:1::99/64 dev lan0 nodad")
    lans.publish(["bound", [OLD]])
    lans.start()
    lans.await_facts(["lan0 2001:db8:1::1/64", "lan0 2001:db8:1::99/64", OLD_ADDRESSES[1]])
    lans.kill(signal.SIGTERM)
    lans.publish(["bound", [NEW]])  # so that routes of OLD would stay, and go all the same
    lans.start()
    lans.await_facts(sorted(["lan0 2001:db8:1::99/64", *NEW_ADDRESSES]), OLD_ON_LINK + NEW_ROUTES)
    lans.kill(signal.SIGTERM)
    assert lans.once("-c").returncode == 0
    assert lans.facts() == (["lan0 2001:db8:1::99/64"], [])
    assert outputs.read(lans.root, "lan_prefix") is None


def test_too_small_a_prefix_is_told_once(lans: Room) -> None:
    small: list[Any] = ["prefix", "2001:db8:3::", 64, 1800, 3600, ""]
    lans.publish(["bound", [small]])
    lans.start()
    lans.await_facts(["lan0 2001:db8:3::1/64"])
    lans.publish(["bound", [[*small[:3], 3000, 6000, ""]]])
    wait.until("the longer lifetime", lambda: max(lans.addresses().values())[1] > 4000)
    line = (
        "lan_prefix: 2001:db8:3::/64: expected room for 2 LANs, got 1: none for lan1;"
        " a /60 has room for all\n"
    )
    assert lans.stderr.read_text().count(line) == 1


def test_a_lifetime_that_runs_out_needs_no_event(lans: Room) -> None:
    lans.publish(["bound", [OLD]])
    lans.start()
    lans.await_facts(OLD_ADDRESSES)
    lans.publish(["bound", [[*OLD[:3], 1, 3, ""]]])
    lans.await_facts([], [])
    assert published(lans) == set()
