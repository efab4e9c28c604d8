"""What hosts hear from `ra` on real links: a kernel host that autoconfigures, packets by scapy."""

import os
import time

import pytest
from scapy.layers.inet6 import ICMPv6ND_RA, IPv6
from scapy.layers.l2 import Ether

from agent import outputs
from packager.isp import wait
from tests.device.ra_world import source
from tests.lab.ra.bench import (
    DAY,
    HOST,
    HOST_MAC,
    P1,
    P2,
    ROUTER,
    ROUTER_MAC,
    Bench,
    await_outputs,
    run,
    solicitation,
    started,
)

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root for namespaces: sudo make check"),
]


def test_rfc_7084_l_5_a_host_configures_itself_from_what_is_advertised(bench: Bench) -> None:
    started(bench, "lan0,mtu=1480")
    heard = bench.heard[-1]
    assert (heard.ether.src, heard.ip.src, heard.ip.dst, heard.ip.hlim) == (
        ROUTER_MAC,
        ROUTER,
        "ff02::1",
        255,
    )
    ra = heard.ra
    assert (ra.routerlifetime, ra.M, ra.O, ra.prf, ra.chlim) == (2700, 0, 0, 0, 64)
    assert (ra.reachabletime, ra.retranstimer) == (0, 0)
    assert [o.lladdr for o in heard.options("ICMPv6NDOptSrcLLAddr")] == [ROUTER_MAC]
    assert [o.mtu for o in heard.options("ICMPv6NDOptMTU")] == [1480]
    (prefix,) = heard.options("ICMPv6NDOptPrefixInfo")
    assert (prefix.prefix, prefix.prefixlen, prefix.L, prefix.A) == (P1, 64, 1, 1)
    assert (prefix.preferredlifetime, prefix.validlifetime) == (2700, 5400)
    (route,) = heard.options("ICMPv6NDOptRouteInfo")
    assert (route.prefix, route.plen, route.prf, route.rtlifetime) == ("2001:db8::", 40, 0, 5400)
    (servers,) = heard.options("ICMPv6NDOptRDNSS")
    assert (servers.dns, servers.lifetime) == (["2001:db8::53"], 5400)
    (domains,) = heard.options("ICMPv6NDOptDNSSL")
    assert (domains.searchlist, domains.lifetime) == (["isp.example."], 5400)
    wait.until(
        "the host has an address in the prefix", bench.host_addresses, lambda seen: len(seen) == 1
    )
    assert list(bench.host_addresses()) == [P1[:-2] + HOST[4:]]
    assert bench.host_default() == [ROUTER]
    await_outputs(bench, {"router-lifetime/lan0": "2700"})


def test_rfc_7084_l_5_each_lan_is_an_advertising_interface(bench: Bench) -> None:
    """RFC 4861 section 6.2.2. The lifetimes are published when an advertisement has left."""
    bench.in_router("ip", "link", "add", "lan1", "type", "veth", "peer", "name", "far1")
    try:
        for name in ("far1", "lan1"):
            bench.in_router("ip", "link", "set", name, "up")
        bench.publish_lease()
        now = time.monotonic()
        listed = source([(P1, now + DAY, now + DAY)])
        listed.update(source([(P2, now + DAY, now + DAY)], link="lan1"))
        outputs.publish(bench.root, "lan_prefix", listed)
        bench.start("lan0", "lan1")
        await_outputs(bench, {"router-lifetime/lan0": "2700", "router-lifetime/lan1": "2700"})
        bench.next_ra("an advertisement on lan0", lambda h: h.prefixes() == [(P1, 2700, 5400)])
    finally:
        bench.in_router("ip", "link", "del", "lan1")


def test_rfc_7084_g_5_hosts_lose_the_default_route_within_a_second_of_the_lease(
    bench: Bench,
) -> None:
    started(bench)
    wait.until("the host has a default route", bench.host_default)
    bench.settle()
    begin = time.monotonic()
    bench.publish_lease(state="unbound", route=None)
    wait.until("the host has none", bench.host_default, lambda seen: seen == [], deadline_s=1.0)
    heard = bench.next_ra() if not bench.heard or bench.heard[-1].at < begin else bench.heard[-1]
    assert heard.ra.routerlifetime == 0
    assert heard.prefixes() == [(P1, 2700, 5400)]
    assert list(bench.host_addresses().values()) == [False]
    await_outputs(bench, {"router-lifetime/lan0": "0"})


def test_rfc_7084_g_5_a_wan_without_carrier_is_told_at_once(bench: Bench) -> None:
    started(bench)
    bench.settle()
    run("ip", "-n", bench.router, "link", "set", "isp0", "down")
    assert bench.next_ra().ra.routerlifetime == 0
    bench.settle()
    run("ip", "-n", bench.router, "link", "set", "isp0", "up")
    assert bench.next_ra("a router lifetime", lambda h: h.ra.routerlifetime).prefixes() == [
        (P1, 2700, 5400)
    ]


def test_rfc_7084_g_5_a_default_route_runs_out_without_any_event(bench: Bench) -> None:
    bench.publish_lease(route=time.monotonic() + 4.5)
    bench.publish_prefixes((P1, DAY, DAY))
    bench.start()
    assert bench.next_ra().ra.routerlifetime == 2700
    heard = bench.next_ra("a router lifetime of zero", lambda h: h.ra.routerlifetime == 0)
    assert heard.prefixes() == [(P1, 2700, 5400)]


def test_rfc_9096_3_5_a_renumbering_deprecates_the_old_prefix_in_one_advertisement(
    bench: Bench,
) -> None:
    started(bench)
    wait.until("the host has an address", bench.host_addresses)
    bench.settle()
    bench.publish_prefixes((P2, 1000.0, 2000.0), delegated=[("2001:db8::", 40, DAY)])
    heard = bench.next_ra()
    assert heard.prefixes() == [(P2, 999, 1999), (P1, 0, 0)]
    assert [(o.L, o.A) for o in heard.options("ICMPv6NDOptPrefixInfo")] == [(1, 1), (1, 1)]
    wait.until(
        "the old address is deprecated and the new one is not",
        bench.host_addresses,
        lambda seen: (
            sorted(seen.items()) == [(P1[:-2] + HOST[4:], True), (P2[:-2] + HOST[4:], False)]
        ),
    )
    told = wait.until(
        "the withdrawal among the outputs",
        lambda: outputs.read(bench.root, "ra") or {},
        lambda values: len(values) == 4,
    )
    until = float(told["withdrawn/2001-db8-1_64/until"])
    assert heard.at < until < heard.at + 5400
    assert told == {
        "router-lifetime/lan0": "2700",
        "withdrawn/2001-db8-1_64/prefix": P1,
        "withdrawn/2001-db8-1_64/length": "64",
        "withdrawn/2001-db8-1_64/until": "%.3f" % until,
    }


def test_rfc_4861_6_2_6_two_changes_are_told_3_s_apart(bench: Bench) -> None:
    started(bench)
    bench.settle()
    bench.publish_prefixes((P1, DAY, DAY), (P2, DAY, DAY))
    first = bench.next_ra()
    bench.publish_prefixes((P2, DAY, DAY))
    second = bench.next_ra("the second change", lambda h: (P1, 0, 0) in h.prefixes())
    assert first.prefixes() == [(P1, 2700, 5400), (P2, 2700, 5400)]
    assert second.at - first.at > 2.95
    sent = [heard.at for heard in bench.heard if heard.ip.dst == "ff02::1"]
    assert min([late - early for early, late in zip(sent, sent[1:], strict=False)]) > 2.95


def test_rfc_7772_5_1_a_solicitation_is_answered_by_unicast(bench: Bench) -> None:
    started(bench)
    bench.settle()
    asked = time.monotonic()
    bench.send_from_host(solicitation())
    heard = bench.next_ra()
    assert (heard.ether.dst, heard.ip.dst, heard.ip.hlim) == (HOST_MAC, HOST, 255)
    assert heard.prefixes() == [(P1, 2700, 5400)]
    assert heard.ra.routerlifetime == 2700
    assert heard.at - asked < 5.0  # RFC 4861 10: MAX_RA_DELAY_TIME is 0.5 s; this only orders


def test_rfc_4861_6_2_6_a_solicitation_from_nobody_is_answered_by_multicast(bench: Bench) -> None:
    started(bench)
    bench.settle()
    bench.send_from_host(solicitation("::"))
    assert bench.next_ra().ip.dst == "ff02::1"


def test_rfc_4861_6_1_1_invalid_solicitations_are_not_answered(bench: Bench) -> None:
    started(bench)
    bench.settle()
    other = "fe80::bad"
    bench.send_from_host(solicitation(other, hop_limit=64))
    bench.send_from_host(solicitation(other, option=b"\x01\x00\x02\x00\x00\x00\x00\x0b"))
    bench.send_from_host(solicitation("::", option=b"\x01\x01\x02\x00\x00\x00\x00\x0b"))
    before = len(bench.heard)
    bench.send_from_host(solicitation())
    bench.next_ra("the answer to the valid one", lambda h: h.ip.dst == HOST)
    assert [heard.ip.dst for heard in bench.heard[before:] if heard.ip.dst != "ff02::1"] == [HOST]


def test_a_lan_link_that_returns_under_another_index_is_advertised_on(bench: Bench) -> None:
    started(bench)
    run("ip", "-n", bench.router, "link", "delete", "lan0")
    assert bench.ears is not None
    bench.ears.close()
    # something else takes the index that was free
    run(*f"ip -n {bench.router} link add dull0 type veth peer name dull1".split())
    bench.make_lan()
    assert bench.next_ra("an advertisement on the new link").prefixes() == [(P1, 2700, 5400)]
    bench.settle()
    bench.send_from_host(solicitation())
    assert bench.next_ra("an answer", lambda h: h.ip.dst == HOST).prefixes() == [(P1, 2700, 5400)]


def test_options_beyond_the_link_mtu_come_in_further_advertisements(bench: Bench) -> None:
    bench.publish_lease()
    many = [(f"2001:db8:0:{n:x}::", DAY, DAY) for n in range(1, 61)]
    bench.publish_prefixes(*many)
    bench.start()
    first = bench.next_ra("the first part", lambda h: h.ip.dst == "ff02::1")
    while len(bench.heard) < 2 or bench.heard[-1] is first:
        bench.read(0.1)
    heard = [h for h in bench.heard if h.ip.dst == "ff02::1"][:2]
    assert [len(h.prefixes()) for h in heard] == [44, 16]
    assert [h.ra.routerlifetime for h in heard] == [2700, 2700]
    told = [prefix for h in heard for prefix in h.prefixes()]
    assert told == [(prefix, 2700, 5400) for prefix, _, _ in many]


def test_another_routers_contradiction_is_said_once(bench: Bench) -> None:
    started(bench)
    rogue = Ether(src=HOST_MAC, dst="33:33:00:00:00:01") / IPv6(src=HOST, dst="ff02::1", hlim=255)
    for _ in range(3):
        bench.send_from_host(rogue / ICMPv6ND_RA(chlim=255, M=1, routerlifetime=1800))
    wait.until("a line about it", bench.said, lambda text: "advertises" in text)
    bench.send_from_host(solicitation())
    bench.next_ra("an answer, after which all was read", lambda h: h.ip.dst == HOST)
    about = [line for line in bench.said().splitlines() if "advertises" in line]
    assert about == [
        f"ra: lan0: router {HOST} advertises hop limit 255, ours 64; managed flag 1, ours 0"
    ]
