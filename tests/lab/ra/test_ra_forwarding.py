"""RFC 4861 section 6.2.5 on the wire: what hosts hear when the kernel's forwarding is switched."""

import subprocess

import pytest

from packager.isp import wait
from tests.lab.ra.bench import DAY, P1, ROUTER, Bench, Heard, await_outputs, started

pytestmark = pytest.mark.root


def switch(bench: Bench, link: str, on: int) -> None:
    bench.in_router("sysctl", "-qw", f"net.ipv6.conf.{link}.forwarding={on}")


def told(heard: Heard) -> tuple[int, list[int]]:
    """(router lifetime, lifetimes of the routes); the prefix is as ever."""
    assert heard.prefixes() == [(P1, 2700, 5400)]
    return heard.ra.routerlifetime, [o.rtlifetime for o in heard.options("ICMPv6NDOptRouteInfo")]


def test_forwarding_that_is_switched_off_leaves_hosts_their_addresses_and_no_way_out(
    bench: Bench,
) -> None:
    started(bench)
    assert told(bench.heard[-1]) == (2700, [5400])
    wait.until("the host has a default route", bench.host_default, lambda seen: seen == [ROUTER])
    before = bench.host_addresses()
    bench.settle()
    switch(bench, "all", 0)
    assert told(bench.next_ra()) == (0, [0])
    wait.until("the host has none", bench.host_default, lambda seen: seen == [])
    await_outputs(bench, {"router-lifetime/lan0": "0"})
    assert bench.host_addresses() == before
    bench.settle()
    switch(bench, "all", 1)
    assert told(bench.next_ra()) == (2700, [5400])
    wait.until("the host has it again", bench.host_default, lambda seen: seen == [ROUTER])


def test_a_lan_whose_own_switch_goes_off_is_told(bench: Bench) -> None:
    started(bench)
    bench.settle()
    switch(bench, "lan0", 0)
    assert told(bench.next_ra()) == (0, [0])


def test_a_start_without_forwarding_tells_no_router_until_it_comes_on(bench: Bench) -> None:
    switch(bench, "all", 0)
    bench.publish_lease()
    bench.publish_prefixes((P1, DAY, DAY), delegated=[("2001:db8::", 40, DAY)])
    preview = subprocess.run(
        bench.command("-n", "lan0"), capture_output=True, text=True, env=bench.environment()
    ).stdout.splitlines()
    assert "lan0: the kernel does not forward IPv6 here: no default router, no routes" in preview
    bench.start()
    first = bench.next_ra("the first", lambda heard: heard.ip.dst == "ff02::1")
    assert told(first) == (0, [])
    switch(bench, "all", 1)
    second = bench.next_ra("a router lifetime", lambda heard: heard.ra.routerlifetime)
    assert told(second) == (2700, [5400])
    # 3 s are counted from the sending of the first to that of the second
    assert second.at - first.at > 2.95
