"""The LANs as their hosts see them: DHCPv4 and DHCPv6 by scapy's clients, names, the unique local
prefix, an ISP that renews no more, and a router that is switched off while the ISP renumbers. All
daemons are real."""

from collections.abc import Iterator
from typing import Any

import pytest
from scapy.layers import dhcp6

from packager.isp import interruption, names, namespaces, wait
from tests.lab.dhcp_clients import Client4, Client6, Line, addresses6
from tests.lab.idle_time import await_sources
from tests.lab.lan_room import (
    CABLE,
    FROZEN,
    GUEST_MAC,
    LEASE_S,
    NAS_MAC,
    World,
    lan_line,
    lan_prefixes,
    left_of_prefix,
    under,
)
from tests.lab.sniffer import Sniffer

pytestmark = [pytest.mark.root, pytest.mark.together]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    assert (FROZEN / "frost").exists(), "make frozen TARGET=x86_64"
    names.remove_stale()
    with interruption.unwinding_signals():
        made = World(tmp_path_factory.mktemp("lan"))
        try:
            made.start()
            yield made
        finally:
            with interruption.undisturbed():
                for machine in made.machines.values():
                    machine.close()


def test_a_host_leases_an_ipv4_address_and_has_its_name_in_dns(world: World) -> None:
    world.box.await_states(dhcp="up", dns="up", guests="up")
    line = lan_line(world)
    address, told = Client4(line, name="laptop").lease()
    line.close()
    assert address.startswith("192.168.1.1")
    expected = {
        "router": "192.168.1.1",
        "name_server": "192.168.1.1",
        "NTP_server": "192.168.1.1",
        "domain": b"lan",
        "lease_time": 43200,
    }
    assert {name: told.get(name) for name in expected} == expected
    world.await_names("laptop.lan", "a", [address])
    back = world.box.machine.run("busybox", "nslookup", address, "127.0.0.1")
    assert "laptop.lan" in back


def test_a_reserved_host_has_its_address_and_its_name(world: World) -> None:
    line = lan_line(world, NAS_MAC)
    address, _ = Client4(line, name="something-else").lease()
    line.close()
    assert address == "192.168.1.10"
    world.await_names("nas.lan", "a", ["192.168.1.10"])
    assert world.look_up("something-else.lan", "a") == []


def test_guests_are_told_other_things(world: World) -> None:
    line = Line(world.guest.machine, CABLE, GUEST_MAC)
    address, told = Client4(line, name="phone").lease()
    line.close()
    assert address.startswith("192.168.2.1")
    assert (told.get("router"), told.get("domain")) == (None, b"guest")
    world.await_names("phone.guest", "a", [address])


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("router", ["192.168.1.1", "192.168.2.1"]),
        ("printer", ["192.168.1.9"]),
        ("wpad", []),
        ("a b", []),
        ("x\nhost-record=bank.lan,192.168.1.66", []),
        ("../../etc/passwd", []),
        ("y" * 63 + ".lan", []),
    ],
)
def test_a_host_cannot_take_a_name_that_is_not_its_own(
    world: World, name: str, answers: list[str]
) -> None:
    line = lan_line(world, "02:00:5e:00:53:66")
    address, _ = Client4(line, name=name).lease()
    line.close()
    assert world.look_up(f"{name}.lan" if name.isalpha() else "bank.lan", "a") == answers
    assert world.look_up("nas.lan", "a") == ["192.168.1.10"] and address


def test_a_request_for_a_foreign_address_is_refused(world: World) -> None:
    line = lan_line(world, "02:00:5e:00:53:67")
    assert Client4(line).request("10.0.0.1", "192.168.1.1")[0] == ""
    line.close()


def test_the_lan_has_a_unique_local_prefix_that_it_keeps(world: World) -> None:
    ula = world.ula()
    subnet = ula.removesuffix("::/48") + ":1"
    assert ula.startswith("fd") and subnet in lan_prefixes(world)
    assert world.host.await_usable(subnet)
    world.box.machine.svc("wan6-prefixes", "-r")
    world.box.await_states(wan6_prefixes="up")
    assert world.ula() == ula and subnet in lan_prefixes(world)


def test_dhcpv6_gives_addresses_of_each_prefix(world: World) -> None:
    prefixes = lan_prefixes(world)
    line = lan_line(world)
    leased, reply = Client6(line).lease()
    line.close()
    assert len(leased) == 2
    for address, lifetimes in leased.items():
        assert address.rpartition("::")[0] in prefixes and lifetimes == (LEASE_S, LEASE_S)
        assert 0x1000 <= int(address.rpartition("::")[2], 16) <= 0x1FFF
    routers = [under(prefix, "::1") for prefix in prefixes]
    assert sorted(reply[dhcp6.DHCP6OptDNSServers].dnsservers) == routers
    assert reply[dhcp6.DHCP6OptDNSDomains].dnsdomains == ["lan."]
    assert reply[dhcp6.DHCP6OptNTPServer].ntpserver[0].addr == "fd00::123"


def reserved(world: World) -> tuple[dict[str, tuple[int, int]], Any]:
    """The lease of the host that has a reservation; it has its link-local address for a moment."""
    with_mac = namespaces.link_local(NAS_MAC)
    world.host.machine.ip("address", "replace", f"{with_mac}/64", "dev", "eth0", "nodad")
    line = lan_line(world, NAS_MAC)
    try:
        return Client6(line).lease()
    finally:
        line.close()


def test_a_reserved_host_has_its_suffix_under_each_prefix(world: World) -> None:
    wanted = [under(prefix, "::10") for prefix in lan_prefixes(world)]
    assert sorted(reserved(world)[0]) == wanted
    world.await_names("nas.lan", "aaaa", wanted)
    fixed = [under(prefix, "::77") for prefix in lan_prefixes(world)]
    world.await_names("fix.lan", "aaaa", fixed)


def test_guests_get_all_but_addresses(world: World) -> None:
    line = Line(world.guest.machine, CABLE, GUEST_MAC)
    client = Client6(line)
    reply = client.ask(dhcp6.DHCP6_InfoRequest)
    assert reply[dhcp6.DHCP6OptDNSServers].dnsservers == ["2001:db8::53"]
    offer = client.ask(dhcp6.DHCP6_Solicit, dhcp6.DHCP6OptIA_NA(iaid=1))
    line.close()
    assert addresses6(offer) == {}


def test_guests_are_told_what_the_isp_tells_of_domains_and_time(world: World) -> None:
    """RFC 7084 L-12: Kea's options to the hosts, behind what is ours; also when they change and
    nothing else does."""
    line = Line(world.guest.machine, CABLE, GUEST_MAC)
    client = Client6(line)

    def await_domain(name: str) -> Any:
        return wait.until(
            f"guests are told {name}",
            lambda: client.ask(dhcp6.DHCP6_InfoRequest),
            lambda said: said[dhcp6.DHCP6OptDNSDomains].dnsdomains == ["guest.", f"{name}."],
            evidence=world.evidence,
        )

    reply = await_domain("isp.example")
    assert [x.addr for x in reply[dhcp6.DHCP6OptNTPServer].ntpserver] == [world.isp.ntp]
    config = world.isp.machine.path("/run/kea/kea.json")
    config.write_text(config.read_text().replace("isp.example", "other.example"))
    world.isp.machine.svc("kea", "-h")
    await_domain("other.example")
    line.close()


def test_the_clock_asks_whom_the_isp_tells_in_dhcpv6(world: World) -> None:
    world.box.await_states(time="up", time_sources="up")
    await_sources(world.box, world.isp.ntp)


def test_guests_hear_which_dhcpv6_there_is(world: World) -> None:
    with Sniffer(world.guest.machine, "eth0") as sniffer:
        world.box.machine.svc("ra", "-h")  # a new start, which says all at once
        said = sniffer.await_one("of any content", lambda ra: ra.prefixes)
    assert (said.managed, said.other) == (False, True)


def test_no_lease_outlives_the_prefix_of_an_isp_that_renews_no_more(world: World) -> None:
    """RFC 9096 L-15, at every instant: both lifetimes of each REPLY against what is left then."""
    old = next(prefix for prefix in lan_prefixes(world) if not prefix.startswith("fd"))
    line = lan_line(world)
    client = Client6(line)
    first, reply = client.lease()
    server = reply[dhcp6.DHCP6OptServerId].duid
    replies = 0

    def renew() -> dict[str, tuple[int, int]]:
        nonlocal replies
        leased, _ = client.with_server(dhcp6.DHCP6_Renew, server, sorted(first))
        replies += 1
        left = left_of_prefix(world)
        mine = {a: lifetimes for a, lifetimes in leased.items() if a.startswith(old)}
        assert max(lifetime for pair in mine.values() for lifetime in pair) <= left, (mine, left)
        return leased

    world.isp.die()
    try:
        ended = wait.until(
            "the prefix is leased no more",
            renew,
            lambda leased: all(leased[a] == (0, 0) for a in leased if a.startswith(old)),
            evidence=world.evidence,
        )
        assert left_of_prefix(world) > LEASE_S - 5  # not earlier than it has to
        again, _ = client.lease()
    finally:
        world.isp.revive()
    print(f"{replies} renewals")
    stays = {a: lifetimes for a, lifetimes in ended.items() if not a.startswith(old)}
    assert list(stays.values()) == [(LEASE_S, LEASE_S)] and list(again) == list(stays)
    wait.until(
        "the prefix is leased again",
        client.lease,
        lambda lease: sorted(lease[0]) == sorted(first),
        evidence=world.evidence,
    )
    line.close()


def test_after_a_power_cut_hosts_hear_that_the_old_prefix_is_gone(world: World) -> None:
    old = next(prefix for prefix in lan_prefixes(world) if not prefix.startswith("fd"))
    ula = world.ula()
    world.host.await_usable(old)
    line = lan_line(world)
    leased, reply = Client6(line).lease()
    line.close()
    switch_on = world.power_cut()
    new = world.isp.plan.start
    with Sniffer(world.host.machine, "eth0") as sniffer:
        switch_on()
        stale = sniffer.await_one(
            "that takes back the old prefix and has the new one",
            lambda ra: old + "::/64" in ra.prefixes and any(p.startswith(new) for p in ra.prefixes),
        )
    # RFC 9096 section 3.5: both lifetimes 0, as long as hosts may have it
    withdrawn = stale.prefixes[old + "::/64"]
    assert (withdrawn.preferred, withdrawn.valid) == (0, 0)
    assert stale.managed and stale.other and "lan." in stale.domains  # as the LAN's server is
    assert world.ula() == ula and ula in stale.routes
    assert stale.prefixes[ula.removesuffix("::/48") + ":1::/64"].valid == 5400
    world.host.await_deprecated(old)
    world.host.await_usable(new)
    # A lease of before is known, and its old address is taken back (RFC 9096 section 3.5)
    line = lan_line(world)
    client = Client6(line)
    server = reply[dhcp6.DHCP6OptServerId].duid
    renewed, _ = client.with_server(dhcp6.DHCP6_Renew, server, sorted(leased))
    line.close()
    kept = {address for address in leased if address.startswith("fd")}
    assert {address: renewed[address] for address in leased} == {
        address: (LEASE_S, LEASE_S) if address in kept else (0, 0) for address in leased
    }
    world.await_names("nas.lan", "a", ["192.168.1.10"])  # DHCPv4's leases are kept, too
