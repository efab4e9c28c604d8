"""A WAN whose DHCPv4 server is hostile, broken or odd: busybox's udhcpc, our hook, dhcp4_address,
resolver and chronyd under the agent. The kernel, the outputs and the configuration stay right.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from packager import compiled
from packager.isp import interruption, names, namespaces, wait
from packager.isp.isp import LINE_MAC, ROUTER_MAC
from packager.isp.namespaces import Machine
from services.dhcp4.definition import Dhcp4
from services.dns.definition import Resolver
from services.link.definition import Ethernet
from services.model import Site
from tests.lab.box import Box
from tests.lab.dhcp4_server import SERVER, Server4
from tests.lab.idle_time import SERVER as CLOCK
from tests.lab.idle_time import IdleTime, await_sources
from tests.runtimes import ROOT

pytestmark = [pytest.mark.root, pytest.mark.together]

FROZEN = ROOT / "build" / "x86_64"
TIME = ("lease_time", 3600)
MASK = ("subnet_mask", "255.255.255.0")
PLAIN = (TIME, MASK, ("router", SERVER))
ADDRESS = "100.64.0.7"


def wan_site() -> Site:
    """A box with nothing but the WAN and what listens to its lease."""
    wan = Ethernet(name="wan", ifname="eth0")
    wan4 = Dhcp4(on=wan, hostname="router", probe=100)
    clock = IdleTime(servers=(CLOCK,), upstream=(wan4.outputs.ntp,))
    services = (wan, wan4, Resolver(upstream=(wan4.outputs.dns,)), clock)
    return Site(hostname="router", services=services)


class World:
    """The box and its ISP's server. Each lease is marked by a time server, 198.18.0.N."""

    def __init__(self, folder: Path) -> None:
        self.isp = Machine("isp", folder / "isp.log")
        self.box = Box(
            Machine("router", folder / "router.log"), compiled.compile(wan_site()), FROZEN
        )
        self.number = 0

    def start(self) -> None:
        self.isp.boot()
        self.box.boot()
        namespaces.cable(self.isp, "line", self.box.machine, "eth0", (LINE_MAC, ROUTER_MAC))
        self.isp.ip("link", "set", "line", "up")
        self.server = Server4(self.isp, "line", LINE_MAC)
        self.server.say(ADDRESS, *PLAIN)
        self.box.start()

    def close(self) -> None:
        if hasattr(self, "server"):
            self.server.close()
        for machine in (self.box.machine, self.isp):
            machine.close()

    def say(self, address: str, *options: tuple[object, ...]) -> str:
        """The server says this from now on; the mark by which it is known."""
        self.number += 1
        mark = f"198.18.0.{self.number}"
        self.server.say(address, *options, ("NTP_server", mark))
        return mark

    def tell(self, address: str, *options: tuple[object, ...]) -> dict[str, str]:
        """A new client hears this; what it publishes then."""
        mark = self.say(address, *options)
        self.box.frost("restart", "wan4")
        return self.await_outputs("the lease is published", lambda told: told.get("ntp") == mark)

    def outputs(self) -> dict[str, str]:
        """{path: value} of wan4."""
        lines = self.box.machine.run("frost", "outputs", "wan4", check=False).splitlines()
        pairs = [line.partition(": ") for line in lines]
        return {path.removeprefix("wan4/"): value for path, _, value in pairs}

    def await_outputs(
        self, condition: str, accept: Callable[[dict[str, str]], bool], deadline_s: float = 30.0
    ) -> dict[str, str]:
        return wait.until(
            condition, self.outputs, accept, evidence=self.box.log, deadline_s=deadline_s
        )

    def await_kernel(self, addresses: list[str], routes: list[str]) -> None:
        """Wait until the WAN has just these addresses and dhcp4_address's routes."""

        def look() -> tuple[list[str], list[str]]:
            run = self.box.machine.run
            words = run("ip", "-4", "-br", "address", "show", "dev", "eth0").split()[2:]
            lines = run("ip", "-4", "route", "show", "proto", "dhcp").splitlines()
            return words, sorted(" ".join(line.split()) for line in lines)

        wanted = (addresses, sorted(f"{route} metric 512" for route in routes))
        wait.until(
            f"the WAN has {addresses} and {routes}",
            look,
            lambda seen: seen == wanted,
            evidence=self.box.log,
        )

    def said(self, service: str) -> str:
        """All that a service has logged."""
        return self.box.machine.path(f"/run/log/frost/{service}/current").read_text()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    assert (FROZEN / "frost").exists(), "make frozen TARGET=x86_64"
    names.remove_stale()
    with interruption.unwinding_signals():
        made = World(tmp_path_factory.mktemp("wan4"))
        try:
            made.start()
            yield made
        finally:
            with interruption.undisturbed():
                made.close()


VIA = f"default via {SERVER} dev eth0"


def test_a_plain_lease_is_applied(world: World) -> None:
    told = world.tell(ADDRESS, *PLAIN, ("name_server", "192.0.2.53"), ("domain", b"isp.example"))
    assert (told["address"], told["length"], told["lease"]) == (ADDRESS, "24", "3600")
    assert (told["dns"], told["domains"]) == ("192.0.2.53", "isp.example")
    world.await_kernel([f"{ADDRESS}/24"], [VIA])


def test_classless_routes_count_and_the_router_does_not(world: World) -> None:
    """RFC 3442: a client that gets both ignores the router option."""
    routes = bytes.fromhex("00 64400002  08 0a 64400003  18 c63364 00000000")
    world.tell(ADDRESS, *PLAIN, (121, routes))
    world.await_kernel(
        [f"{ADDRESS}/24"],
        [
            "default via 100.64.0.2 dev eth0",
            "10.0.0.0/8 via 100.64.0.3 dev eth0",
            "198.51.100.0/24 dev eth0 scope link",
        ],
    )


def test_a_router_that_is_not_on_the_link_is_reached_over_it(world: World) -> None:
    world.tell(ADDRESS, TIME, ("subnet_mask", "255.255.255.255"), ("router", "10.99.0.1"))
    world.await_kernel(
        [f"{ADDRESS}/32"], ["10.99.0.1 dev eth0 scope link", "default via 10.99.0.1 dev eth0"]
    )


# What is told besides PLAIN, and which outputs it may make of it; None: it is not there.
# `route`: the routes besides the default one.
HOSTILE: dict[str, tuple[tuple[tuple[object, ...], ...], dict[str, str | None]]] = {
    "a newline in a name": (
        (("domain", b"isp.example\nrouter=192.0.2.66\n"), (12, b"a\nb")),
        {"domains": None},
    ),
    "a shell's words in a name": (
        (
            ("domain", b"$(touch /run/owned)"),
            (12, b"`touch /run/owned`"),
            (66, b";touch /run/owned"),
        ),
        {"domains": None},
    ),
    "octets that are no text": (
        (("domain", b"\xff\x00\x80"), (119, b"\xc0\x00"), (56, b"\x1b[2J")),
        {"domains": None},
    ),
    "a search list that never ends": (((119, b"\x01a\xc0\x00" * 50),), {"domains": None}),
    "names without an end": (
        (("domain", b"a" * 90), (15, b"b" * 90), (119, b"\x3f" + b"c" * 40)),
        {"domains": None},
    ),
    "servers that are nobody's": (
        ((6, bytes(4) + b"\x7f\0\0\1" + b"\xff" * 4 + b"\xe0\0\0\1" + b"\xc0\0\2\x35"),),
        {"dns": "192.0.2.53"},
    ),
    "half an address": (((6, b"\xc0\0\2\x35\xc0\0"), (3, b"\x64")), {}),
    "a size of packets that is none": (((26, b"\0\x10"),), {"mtu": None}),
    "a route that is too long": (
        ((121, bytes.fromhex("18 0a0101 64400002  21 0a010101 64400002")),),
        {"gateway": None, "route": "10.1.1.0/24 via 100.64.0.2"},
    ),
    "a piece of a route": (((121, b"\x18\x0a\x01"),), {"gateway": SERVER}),
    "routes to nobody": (
        ((121, bytes.fromhex("08 7f 64400002  04 e0 64400002  00 7f000001  00 64400009")),),
        {"gateway": "100.64.0.9"},
    ),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_does_not_fit_is_left_out(world: World, what: str) -> None:
    options, expected = HOSTILE[what]
    told = world.tell(ADDRESS, *PLAIN, *options)
    routes = [f"{expected['route']} dev eth0"] if "route" in expected else []
    assert {name: told.get(name) for name in expected if name != "route"} == {
        name: value for name, value in expected.items() if name != "route"
    }
    if "gateway" in told:
        routes.append(f"default via {told['gateway']} dev eth0")
    world.await_kernel([f"{ADDRESS}/24"], routes)
    assert not world.box.machine.path("/run/owned").exists()
    assert "Traceback" not in world.said("wan4") and "\x1b" not in world.said("wan4")


def test_an_answer_that_is_too_long_is_none(world: World) -> None:
    world.tell(ADDRESS, *PLAIN)
    world.say(ADDRESS, *PLAIN, *[("domain", b"a" * 255)] * 4)
    world.box.frost("restart", "wan4")
    world.await_outputs("the client is unbound", lambda told: told.get("state") == "unbound")
    world.await_kernel([], [])


def test_a_mask_that_is_none_makes_no_network(world: World) -> None:
    world.tell(ADDRESS, TIME, ("subnet_mask", "255.0.255.0"), ("router", SERVER))
    world.await_kernel([f"{ADDRESS}/32"], [VIA, f"{SERVER} dev eth0 scope link"])


@pytest.mark.parametrize("address", ["127.0.0.1", "224.0.0.5", "255.255.255.255", "0.1.2.3"])
def test_an_address_that_no_host_can_have_is_no_lease(world: World, address: str) -> None:
    world.tell(ADDRESS, *PLAIN)
    world.say(address, *PLAIN)
    world.box.frost("restart", "wan4")
    world.await_outputs("the client is unbound", lambda told: told.get("state") == "unbound")
    world.await_kernel([], [])


@pytest.mark.parametrize(("seconds", "lease"), [(0, None), (0xFFFFFFFF, "infinity")])
def test_a_lease_of_no_time_or_of_all_is_one(world: World, seconds: int, lease: str | None) -> None:
    told = world.tell(ADDRESS, ("lease_time", seconds), MASK, ("router", SERVER))
    assert told.get("lease") == lease
    world.await_kernel([f"{ADDRESS}/24"], [VIA])


def test_a_renewal_with_another_address_leaves_nothing_of_the_old_one(world: World) -> None:
    world.tell(ADDRESS, *PLAIN)
    mark = world.say("100.64.0.8", *PLAIN)
    world.box.machine.svc("wan4", "-1")  # SIGUSR1: renew
    world.await_outputs("the other lease is published", lambda told: told.get("ntp") == mark)
    world.await_kernel(["100.64.0.8/24"], [VIA])


def test_a_refusal_takes_the_address_away_until_there_is_another(world: World) -> None:
    world.tell(ADDRESS, *PLAIN)
    mark = world.say("100.64.0.9", *PLAIN)
    world.server.refuses = True
    world.box.machine.svc("wan4", "-1")
    world.await_outputs("another lease is published", lambda told: told.get("ntp") == mark)
    world.await_kernel(["100.64.0.9/24"], [VIA])


def test_an_address_that_somebody_has_is_declined(world: World) -> None:
    """RFC 5227 section 2.1.1, RFC 2131 section 3.1 (5)."""
    taken = "100.64.0.66"
    world.tell(ADDRESS, *PLAIN)
    world.isp.run("ip", "address", "add", f"{taken}/24", "dev", "line")
    world.say(taken, *PLAIN)
    world.box.frost("restart", "wan4")
    wait.until("the client declines", lambda: world.server.declined, bool, evidence=world.box.log)
    assert world.server.declined == [taken] and world.outputs()["state"] == "unbound"
    world.await_kernel([], [])
    world.isp.run("ip", "address", "del", f"{taken}/24", "dev", "line")
    world.tell(taken, *PLAIN)
    world.await_kernel([f"{taken}/24"], [VIA])


def test_a_server_that_vanishes_takes_its_lease_along(world: World) -> None:
    world.tell(ADDRESS, ("lease_time", 5), MASK, ("router", SERVER))
    world.await_kernel([f"{ADDRESS}/24"], [VIA])
    world.server.answers = False
    world.await_kernel([], [])
    world.server.answers = True
    world.tell(ADDRESS, *PLAIN)
    world.await_kernel([f"{ADDRESS}/24"], [VIA])


def test_the_clock_follows_the_leases_servers_without_a_new_start(world: World) -> None:
    world.box.await_states(time="up", time_sources="up")
    pid = world.box.machine.service_pid("time")
    await_sources(world.box, world.tell(ADDRESS, *PLAIN)["ntp"])
    mark = world.say(ADDRESS, *PLAIN)
    world.box.machine.svc("wan4", "-1")  # SIGUSR1: renew
    await_sources(world.box, mark)
    world.server.say(ADDRESS, *PLAIN)
    world.box.machine.svc("wan4", "-1")
    await_sources(world.box)
    assert world.box.machine.service_pid("time") == pid
