"""The LANs as their hosts see them: DHCPv4 and DHCPv6 by scapy's clients, names, the unique local
prefix, and a router that is switched off while the ISP renumbers. All daemons are real."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from scapy.layers import dhcp6

from packager import compiled
from packager.isp import interruption, names, namespaces, wait
from packager.isp.isp import LINE_MAC, PLAUSIBLE, ROUTER_MAC, Isp, Lifetimes
from packager.isp.namespaces import Machine
from services.dhcp6.definition import Dhcp6, Lan
from services.dns.definition import Dns, Name
from services.lan.definition import DhcpServer, Reservation
from services.link.definition import Address, Bridge, Ethernet
from services.model import Site, Sysctl
from services.ra.definition import RouterAdvertisements
from services.site import places
from tests.lab.box import Box
from tests.lab.dhcp_clients import Client4, Client6, Line, addresses6
from tests.lab.host import Host
from tests.lab.sniffer import Sniffer
from tests.runtimes import ROOT

pytestmark = [pytest.mark.root, pytest.mark.together]

FROZEN = ROOT / "build" / "x86_64"
CABLE = "cable"  # the port of a host's switch that leads to the router
# Renewed every 4 s there is always more left of the prefix than LEASE_S; some 10 s after the ISP
# has gone there is not.
LEASE_S = 120
ISP = Lifetimes(preferred=LEASE_S + 16, valid=LEASE_S + 24)
HOST_MAC, GUEST_MAC, NAS_MAC = "02:00:5e:00:53:50", "02:00:5e:00:53:51", "02:00:5e:00:53:77"


def lan_site() -> Site:
    """A LAN where DHCPv6 gives addresses, and guests where it does not; no firewall."""
    wan = Ethernet(name="wan", ifname="eth0")
    port = Ethernet(name="port", ifname="eth1", ipv6=False)
    lan = Bridge(name="lan", members=(port,))
    guest = Ethernet(name="guest", ifname="eth2")
    lan4 = Address(name="lan4", on=lan, address="192.168.1.1/24")
    guest4 = Address(name="guest4", on=guest, address="192.168.2.1/24")
    wan6 = Dhcp6(
        name="wan6", on=wan, lans=(Lan(on=lan, id=1, lease_time=LEASE_S), Lan(on=guest, id=2))
    )
    dns = Dns(
        links=(lan, guest),
        upstream=(wan6.outputs.dns,),
        hosts=(
            Name(name="fix.lan", suffix="::77", on=lan),
            Name(name="printer.lan", address="192.168.1.9"),
        ),
    )
    dhcp = DhcpServer(
        name="dhcp",
        address=lan4,
        first="192.168.1.100",
        last="192.168.1.199",
        names=dns,
        ipv6="stateful",
        lease_time6=LEASE_S,
        ntp=("192.168.1.1", "fd00::123"),
        hosts=(
            Reservation(
                mac=NAS_MAC,
                duid=f"00:03:00:01:{NAS_MAC}",
                address="192.168.1.10",
                suffix="::10",
                name="nas",
            ),
        ),
    )
    guests = DhcpServer(
        name="guests",
        address=guest4,
        first="192.168.2.100",
        last="192.168.2.199",
        names=dns,
        ipv6="stateless",
        domain="guest",
        router=False,
        dns=("192.168.2.1", "2001:db8::53"),
    )
    ra = RouterAdvertisements(lease=wan6, dhcp=(dhcp, guests))
    services = (wan, port, lan, guest, lan4, guest4, wan6, dns, dhcp, guests, ra)
    forwarding = Sysctl("net/ipv6/conf/all/forwarding", "1")  # a firewall would do it
    return Site(hostname="router", services=services, sysctls=(forwarding,))


class World:
    """ISP, router, a host on the LAN and one among the guests."""

    def __init__(self, folder: Path) -> None:
        roles = ("isp", "router", "host", "guest")
        self.machines = {role: Machine(role, folder / f"{role}.log") for role in roles}
        self.folder = folder
        self.isp = Isp(self.machines["isp"], ISP, PLAUSIBLE)
        self.host, self.guest = (Host(self.machines[role]) for role in ("host", "guest"))
        self.box = Box(self.machines["router"], compiled.compile(lan_site()), FROZEN)

    def start(self) -> None:
        self.isp.machine.boot()
        for host, mac in ((self.host, HOST_MAC), (self.guest, GUEST_MAC)):
            host.machine.boot()
            # Their link is a switch, which keeps its addresses when the router's cable goes.
            bridge = ("type", "bridge", "mcast_snooping", "0")
            host.machine.ip("link", "add", "eth0", "address", mac, *bridge)
            host.start()
        self._plug_in(Path())
        self.box.start()
        self.isp.start()

    def _plug_in(self, kept: Path) -> None:
        """The router on its cables, with what it has kept from before, and switched on."""
        self.box.boot()
        if kept.name:
            for path in (places.STATE, "/var/lib/dhcpcd", "/var/lib/misc"):
                target = self.box.machine.path(path)
                shutil.copytree(kept / path.strip("/"), target, dirs_exist_ok=True)
        router = self.box.machine
        namespaces.cable(self.isp.machine, "line", router, "eth0", (LINE_MAC, ROUTER_MAC))
        for number, host in ((1, self.host), (2, self.guest)):
            macs = (f"02:00:5e:00:53:1{number}", f"02:00:5e:00:53:2{number}")
            namespaces.cable(router, f"eth{number}", host.machine, CABLE, macs)
            host.machine.ip("link", "set", CABLE, "master", "eth0", "up")

    def power_cut(self) -> Callable[[], None]:
        """Every process of the router is gone, and /run; what is kept stays. The ISP numbers anew
        meanwhile. The router is ready to be switched on, by what is returned."""
        kept = self.folder / "kept"
        for path in (places.STATE, "/var/lib/dhcpcd", "/var/lib/misc"):
            shutil.copytree(self.box.machine.path(path), kept / path.strip("/"))
        self.box.machine.close()
        await_gone(self.isp.machine, "line")
        await_gone(self.host.machine, CABLE)
        await_gone(self.guest.machine, CABLE)
        # Machines share this kernel: nothing else tells that it was another boot.
        memory = kept / places.STATE.strip("/") / "ra"
        lines = memory.read_text().splitlines(keepends=True)
        assert lines[1].startswith("boot ")
        memory.write_text("".join([lines[0], "boot of-before\n", *lines[2:]]))
        self.isp.renumber()
        self.machines["router"] = Machine("router2", self.folder / "router2.log")
        self.box = Box(self.machines["router"], self.box.compiled, FROZEN)
        self._plug_in(kept)
        self.isp.mend()
        return self.box.start

    def ula(self) -> str:
        """The unique local prefix that the router keeps."""
        return self.box.machine.path(f"{places.STATE}/ula").read_text().strip()

    def await_names(self, name: str, kind: str, wanted: list[str]) -> None:
        """Wait until the router's DNS server has just these addresses of a name."""
        wait.until(
            f"{name} is {wanted}",
            lambda: self.look_up(name, kind),
            lambda seen: seen == wanted,
            evidence=self.evidence,
        )

    def look_up(self, name: str, kind: str) -> list[str]:
        """What the router's DNS server says: all addresses of a name, sorted."""
        server = "127.0.0.1"
        argv = ("busybox", "nslookup", f"-type={kind}", name, server)
        said = self.box.machine.run(*argv, check=False).partition("\n\n")[2]
        lines = [line.partition(": ") for line in said.splitlines()]
        return sorted(line[2] for line in lines if line[0] == "Address")

    def evidence(self) -> str:
        return self.box.log() + "\n" + self.isp.machine.tail()


def await_gone(machine: Machine, link: str) -> None:
    """Wait until this end of a cable is gone with the other one's machine."""
    wait.until(
        f"{link} of {machine.name} is gone with the router",
        lambda: machine.run("ip", "-br", "link"),
        lambda said: f"{link}@" not in said,
    )


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


def lan_line(world: World, mac: str = HOST_MAC) -> Line:
    return Line(world.host.machine, CABLE, mac)


def under(prefix: str, suffix: str) -> str:
    """An address of the prefix whose text begins so."""
    return prefix + suffix


def lan_prefixes(world: World, ifname: str = "br-lan") -> list[str]:
    """The LAN's /64s as lan_prefix publishes them, `::` cut off."""

    def look() -> list[str]:
        said = world.box.frost("outputs", "wan6-prefixes", f"lan/{ifname}").splitlines()
        return sorted(x.split()[-1].removesuffix("::") for x in said if "/prefix: " in x)

    return wait.until(
        f"{ifname} has two prefixes", look, lambda x: len(x) == 2, evidence=world.evidence
    )


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
    assert reply[dhcp6.DHCP6OptDNSDomains].dnsdomains == ["guest."]
    offer = client.ask(dhcp6.DHCP6_Solicit, dhcp6.DHCP6OptIA_NA(iaid=1))
    line.close()
    assert addresses6(offer) == {}


def test_guests_hear_which_dhcpv6_there_is(world: World) -> None:
    with Sniffer(world.guest.machine, "eth0") as sniffer:
        world.box.machine.svc("ra", "-h")  # a new start, which says all at once
        said = sniffer.await_one("of any content", lambda ra: ra.prefixes)
    assert (said.managed, said.other) == (False, True)


def left_of_prefix(world: World) -> float:
    """For how many seconds the ISP's prefix is preferred yet, as lan_prefix has it."""
    said = world.box.frost("outputs", "wan6-prefixes", "lan/br-lan").splitlines()
    untils = [
        float(line.split()[-1])
        for line in said
        if "/preferred-until: " in line and "infinity" not in line
    ]
    assert len(untils) == 1, said
    return untils[0] - time.monotonic()


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
