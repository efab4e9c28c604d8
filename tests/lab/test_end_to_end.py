"""The main job, end to end: a real DHCPv6 server and client, the frozen programs under s6, hosts.

Tests that leave a lab as they found it share one. Waits that time out name the condition and what
was seen last. FROST_COUNT_SCALE multiplies the number of kills.
"""

import os
import random
import time
from collections.abc import Iterator
from typing import Any

import pytest

from packager.isp import wait
from packager.isp.isp import DNS, ISP_MAC, Lifetimes
from packager.isp.namespaces import link_local
from tests.lab.host import Host
from tests.lab.lab import LANS, Lab, running
from tests.lab.router import DELEGATION, LEASE
from tests.lab.sniffer import Prefix, Sniffer
from tests.lab.table import routes

pytestmark = pytest.mark.root

SCALE = int(os.environ.get("FROST_COUNT_SCALE", "1"))
KILLS = 6 * SCALE
QUICK = Lifetimes(renew=3, rebind=14, preferred=24, valid=30, router=30)
BRIEF = Lifetimes(renew=2, rebind=4, preferred=6, valid=8, router=9)
FIRST, SECOND = "2001:db8:10", "2001:db8:20"  # how the two pools' addresses begin


@pytest.fixture(scope="module")
def shared() -> Iterator[Lab]:
    """One lab for the tests that leave everything as they found it."""
    with running(QUICK) as made:
        yield made


@pytest.fixture
def steady(shared: Lab) -> Lab:
    """The shared lab, in which hosts have their addresses and reach the ISP's side."""
    shared.settle(FIRST)
    return shared


@pytest.fixture
def lab() -> Iterator[Lab]:
    """A lab of the test's own, in the same state."""
    with running(QUICK) as made:
        made.settle(FIRST)
        yield made


def holdings(lab: Lab) -> dict[str, Any]:
    """What the router and its LANs hold, without lifetimes and without what is being withdrawn."""
    router = lab.router
    lans = {name: sorted(router.lan_prefixes(name)) for name in LANS}
    links = {
        name: sorted(
            info["local"] for info in router.global_addresses(name) if not info.get("deprecated")
        )
        for name in ("wan", *LANS)
    }
    return {"lans": lans, "addresses": links, "routes": routes(lab, "router")}


def test_the_lease_reaches_wan_lans_and_hosts(steady: Lab) -> None:
    prefix = "2001:db8:1000::/56"
    assert steady.router.prefixes() == {prefix}
    held = holdings(steady)
    assert held["lans"] == {"lan0": ["2001:db8:1000:1::/64"], "lan1": ["2001:db8:1000:2::/64"]}
    assert held["addresses"] == {
        "wan": ["2001:db8:0:1::1000"],
        "lan0": ["2001:db8:1000:1::1"],
        "lan1": ["2001:db8:1000:2::1"],
    }
    isp = link_local(ISP_MAC)
    assert f"default via {isp} dev wan" in held["routes"]
    assert f"unreachable {prefix}" in held["routes"]
    for host in steady.hosts:
        assert len(host.usable(FIRST)) == 1
        assert len(host.default_routers()) == 1
        assert any(route["dst"] == prefix for route in host.routes()), host.routes()


def test_an_advertisement_on_the_wire_carries_prefix_route_and_resolver() -> None:
    with running(QUICK, router=False) as made, Sniffer(made.hosts[0].machine, "eth0") as sniffer:
        made.router.start()
        ra = sniffer.await_one(
            "announces the LAN's prefix", lambda ra: "2001:db8:1000:1::/64" in ra.prefixes
        )
    prefix = ra.prefixes["2001:db8:1000:1::/64"]
    assert (ra.hop_limit, ra.managed, ra.source[:6]) == (255, False, "fe80::")
    assert prefix == Prefix(prefix.preferred, prefix.valid, True, True)
    assert 0 < prefix.preferred <= QUICK.preferred  # never more than the lease has left
    assert 0 < prefix.valid <= QUICK.valid
    assert ra.router_lifetime == 2700  # RFC 9096 section 4
    assert list(ra.routes) == ["2001:db8:1000::/56"]
    assert 0 < ra.routes["2001:db8:1000::/56"] <= QUICK.valid
    assert list(ra.dns) == [DNS]
    assert list(ra.domains) == ["isp.example."]


def test_a_renumbering_deprecates_the_old_prefix_and_the_new_one_works(lab: Lab) -> None:
    old = {host: host.usable(FIRST) for host in lab.hosts}
    lab.isp.renumber()
    lab.settle(SECOND)
    for host in lab.hosts:
        host.await_deprecated(FIRST)
        assert host.deprecated(FIRST) == old[host]
    wait.until(
        "the router's own addresses of the old prefix are gone or deprecated",
        lambda: holdings(lab)["addresses"],
        lambda seen: (
            seen
            == {
                "wan": ["2001:db8:0:2::1000"],
                "lan0": ["2001:db8:2000:1::1"],
                "lan1": ["2001:db8:2000:2::1"],
            }
        ),
    )


def test_a_cut_within_the_hold_down_leaves_the_lans_prefixes_alone(steady: Lab) -> None:
    before = holdings(steady)["lans"], [host.usable(FIRST) for host in steady.hosts]
    with Sniffer(steady.hosts[0].machine, "eth0") as sniffer:
        cut = time.time()
        steady.isp.cut()
        sniffer.await_one("has router lifetime 0", lambda ra: ra.router_lifetime == 0, after=cut)
        for host in steady.hosts:
            host.await_no_default_router()
        assert (holdings(steady)["lans"], [host.usable(FIRST) for host in steady.hosts]) == before
        steady.isp.mend()
        for host in steady.hosts:
            host.await_ping()
        heard = [ra for ra in sniffer.read() if ra.time > cut]
    assert (holdings(steady)["lans"], [host.usable(FIRST) for host in steady.hosts]) == before
    assert [p for ra in heard for p, option in ra.prefixes.items() if not option.preferred] == []
    assert {p for ra in heard for p in ra.prefixes} == {"2001:db8:1000:1::/64"}


def test_a_dead_isp_leaves_no_default_router_and_no_preferred_address() -> None:
    with running(BRIEF) as lab:
        lab.settle(FIRST)
        lab.isp.die()
        for host in lab.hosts:
            await_unused(lab, host)
        wait.until(
            "the LANs have no prefix left",
            lambda: holdings(lab)["lans"],
            lambda seen: seen == {name: [] for name in LANS},
            deadline_s=25.0,
            evidence=lab.router.machine.tail,
        )
        lab.isp.revive()
        lab.settle(FIRST)


def await_unused(lab: Lab, host: Host) -> None:
    """The host neither uses its address nor a default router any more."""
    wait.until(
        f"{host.machine.name} has no default router and no preferred address",
        lambda: (host.default_routers(), host.usable(FIRST)),
        lambda seen: seen == ([], []),
        deadline_s=35.0,
        evidence=lab.router.machine.tail,
    )


def test_killed_programs_come_back_to_the_same_state(steady: Lab) -> None:
    before = holdings(steady)
    seed = random.randrange(1 << 32)
    dice = random.Random(seed)
    print(f"{KILLS} kills, seed {seed}")
    for _ in range(KILLS):
        name = dice.choice(("wan_address", DELEGATION, "ra"))
        steady.router.restart(name, "-k")
        steady.router.machine.await_ready(name)
        wait.until(
            f"the same state after {name} was killed (seed {seed})",
            lambda: holdings(steady),
            lambda seen: seen == before,
            evidence=steady.router.machine.tail,
        )
    for host in steady.hosts:
        host.await_ping(host.usable(FIRST)[0])


def test_programs_killed_in_the_midst_of_a_renumbering_finish_it_when_restarted(lab: Lab) -> None:
    lab.isp.renumber()
    wait.until(
        "the lease has a prefix of the new pool",
        lab.router.prefixes,
        lambda seen: any(prefix.startswith(SECOND) for prefix in seen),
    )
    for name in (DELEGATION, "ra", "wan_address"):
        lab.router.machine.svc(name, "-k")
    lab.settle(SECOND)
    for host in lab.hosts:
        host.await_deprecated(FIRST)


def test_a_wan_link_that_is_deleted_and_made_anew_works_again(steady: Lab) -> None:
    index = steady.router.machine.ip("link", "show", "dev", "wan")[0]["ifindex"]
    steady.replace_wan()
    assert steady.router.machine.ip("link", "show", "dev", "wan")[0]["ifindex"] != index
    steady.settle(FIRST)
    steady.router.await_address("wan", "2001:db8:0:1::")


def test_a_lan_link_that_appears_after_the_lease_gets_its_prefix() -> None:
    with running(QUICK, lans=(0,)) as lab:
        lab.router.await_lease()
        lab.hosts[0].await_ping(lab.hosts[0].await_usable(FIRST))
        lab.cable_lan(1)
        lab.router.await_address("lan1", "2001:db8:1000:2::")
        lab.hosts[1].await_ping(lab.hosts[1].await_usable(FIRST))


def test_the_lease_outlives_a_restart_of_the_client(steady: Lab) -> None:
    before = holdings(steady)["lans"], [host.usable(FIRST) for host in steady.hosts]
    steady.router.restart(LEASE, "-r")
    wait.until(
        "the lease is bound again",
        lambda: steady.router.outputs(LEASE).get("state"),
        lambda seen: seen == "bound",
        evidence=steady.router.machine.tail,
    )
    steady.settle(FIRST)
    assert (holdings(steady)["lans"], [host.usable(FIRST) for host in steady.hosts]) == before
