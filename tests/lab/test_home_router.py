"""examples/home_router.py, compiled, with the real daemons against the lab's ISP: what a newcomer
gets. Everything is seen from outside: by packets at the host, and by ssh."""

import contextlib
import errno
import runpy
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from scapy.layers import dhcp6

from packager import compiled
from packager.isp import interruption, names, namespaces, services4, wait
from packager.isp.isp import LINE_MAC, PLAUSIBLE, ROUTER_MAC, Isp, Lifetimes
from packager.isp.namespaces import Machine
from packager.isp.services4 import DNS4, INSIDE4, INTERNET4, NAME, WAN4
from services.model import Secret, Site, User
from services.site import places
from services.ssh.definition import Ssh
from tests.lab.box import Box
from tests.lab.dhcp_clients import Client4, Client6, Line
from tests.lab.host import Host
from tests.lab.sniffer import Sniffer
from tests.runtimes import ROOT

pytestmark = [pytest.mark.root, pytest.mark.together]

FROZEN = ROOT / "build" / "x86_64"
# What a host does with a lease; udhcpc(8) tells it by the environment.
HOST_SCRIPT = """#!/bin/sh
[ "$1" = bound ] || exit 0
ip address replace "$ip/$mask" dev "$interface"
ip route replace default via "$router"
echo "$ip $router $dns $lease" > /run/lease4
"""


def lab_site(keys: tuple[str, ...]) -> Site:
    """The example, with somebody who may log in, and keys of others that come to the device."""
    site = runpy.run_path(str(ROOT / "examples" / "home_router.py"))["SITE"]
    assert isinstance(site, Site)
    users = (User(name="root", keys=keys),)
    secret = Secret(name="more-keys", lines=True)
    services = [each for each in site.services if not isinstance(each, Ssh)]
    services.append(Ssh(name="ssh", keys=secret))
    return Site(hostname=site.hostname, services=tuple(services), users=users, secrets=(secret,))


class World:
    """ISP, router and a host on the router's first LAN port."""

    def __init__(self, folder: Path, machines: dict[str, Machine], site: Site) -> None:
        self.folder = folder
        self.box = Box(machines["router"], compiled.compile(site), FROZEN)
        self.isp = Isp(machines["isp"], Lifetimes(), PLAUSIBLE)
        self.host = Host(machines["host"])

    def start(self) -> None:
        """Everything is cabled; the router is switched on last."""
        self.isp.machine.boot()
        self.host.machine.boot()
        self.box.boot()
        router = self.box.machine
        namespaces.cable(self.isp.machine, "line", router, "eth0", (LINE_MAC, ROUTER_MAC))
        macs = ("02:00:5e:00:53:10", "02:00:5e:00:53:20")
        namespaces.cable(router, "eth1", self.host.machine, "eth0", macs)
        self.host.start()
        self.box.start()
        self.isp.start()
        services4.start(self.isp)

    def ask(self, name: str, server: str) -> str:
        """What a name server tells the host of a name."""
        return self.host.machine.run("busybox", "nslookup", name, server, check=False)

    def ssh(self, *words: str, key: str = "key", to: str = "192.168.1.1") -> str:
        """A command on the router, by ssh from the host."""
        options = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]
        options += ["-o", "BatchMode=yes", "-o", "ConnectTimeout=5", "-q"]
        identity = ["-i", str(self.folder / key)]
        return self.host.machine.run("ssh", *options, *identity, f"root@{to}", *words)

    def evidence(self) -> str:
        return self.box.log() + "\n" + self.isp.machine.tail()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    missing = [name for name in ("dropbear", "dnsmasq", "dhcpcd", "nft") if not shutil.which(name)]
    assert not missing, f"expected {missing}: make setup installs them"
    assert (FROZEN / "frost").exists(), "make frozen TARGET=x86_64"
    folder = tmp_path_factory.mktemp("home")
    for name in ("key", "stranger"):
        argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(argv, check=True)
    machines = {role: Machine(role, folder / f"{role}.log") for role in ("isp", "router", "host")}
    names.remove_stale()
    with interruption.unwinding_signals():
        try:
            made = World(folder, machines, lab_site(((folder / "key.pub").read_text().strip(),)))
            made.start()
            yield made
        finally:
            with interruption.undisturbed():
                for machine in machines.values():
                    machine.close()


def inodes(world: World) -> dict[str, int]:
    """Which files the service directories consist of."""
    found = {}
    for name, files in world.box.compiled.scan.items():
        for path in files:
            target = world.box.machine.path(f"{places.SCAN}/{name}/{path}")
            found[f"{name}/{path}"] = target.stat().st_ino if target.exists() else 0
    return found


def knock(machine: Machine, address: str, port: int) -> str:
    """What becomes of a connection: `open`, or the name of the error."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with machine.network(), socket.socket(family, socket.SOCK_STREAM) as line:
        line.settimeout(2)
        try:
            line.connect((address, port))
        except TimeoutError:
            return "silence"
        except OSError as error:
            return errno.errorcode[error.errno or 0]
        return "open"


def host4(world: World) -> list[str]:
    """The host's address, router, name server and lease time by DHCPv4, asked for once."""
    machine = world.host.machine
    if not machine.path("/run/lease4").exists():
        machine.write("/run/script", HOST_SCRIPT, 0o755)
        options = ("-f", "-q", "-n", "-t", "20", "-T", "1", "-i", "eth0", "-s", "/run/script")
        try:
            machine.run("busybox", "udhcpc", *options)
        except namespaces.CommandFailed as error:
            raise AssertionError(f"{error}\n{world.evidence()}") from None
    return machine.path("/run/lease4").read_text().split()


def test_the_wan_has_a_lease_of_either_family(world: World) -> None:
    world.box.await_states(wan="up", wan6_address="up", wan6_prefixes="up", wan4_address="up")
    outputs = world.box.frost("outputs", "wan4")
    assert "wan4/state: bound" in outputs and f"wan4/gateway: {WAN4}" in outputs
    routes = world.box.machine.run("ip", "-4", "route", "show", "default")
    assert f"default via {WAN4} dev eth0 proto dhcp metric 512" in routes


def test_the_lan_host_has_an_address_and_reaches_the_internet(world: World) -> None:
    host = world.host
    prefix = world.isp.plan.start
    address = wait.until(
        "the host has an address by router advertisement",
        lambda: host.usable(prefix),
        deadline_s=40,
        evidence=world.evidence,
    )[0]
    wait.until(
        "the host reaches the internet",
        lambda: host.ping(address, world.isp.internet),
        evidence=world.evidence,
    )


def test_the_lan_host_gets_ipv4_and_reaches_the_internet(world: World) -> None:
    address, router, dns, lease = host4(world)
    assert address.startswith("192.168.1.") and 100 <= int(address.split(".")[3]) <= 249
    assert (router, dns, lease) == ("192.168.1.1", "192.168.1.1", "43200")
    world.host.machine.run("ping", "-n", "-c1", "-W5", INTERNET4)


def test_names_are_answered_by_the_router(world: World) -> None:
    host4(world)
    wait.until(
        "the router answers for the ISP's name server",
        lambda: world.ask(NAME, "192.168.1.1"),
        lambda said: f"Address: {INTERNET4}" in said,
        evidence=world.evidence,
    )
    told = world.box.frost("outputs", "dns-servers", "servers")
    assert told.split()[1:] == [world.isp.dns, DNS4]  # IPv6's first, as the site says
    # The router asks itself.
    assert world.box.machine.path("/run/resolv.conf").read_text() == "nameserver 127.0.0.1\n"
    assert INTERNET4 in world.box.machine.run("busybox", "nslookup", NAME, "127.0.0.1")


def test_what_the_isp_says_of_the_home_is_not_believed(world: World) -> None:
    """Not of names below .lan, which are never asked for outside, nor that an outside name leads
    inside: a page from there could speak to the router as one of its own (DNS rebinding)."""
    host4(world)
    assert INSIDE4 in world.box.machine.run(
        "busybox", "nslookup", "-type=a", "x.lan", world.isp.dns
    )
    for name in ("x.lan", "rebind.example"):
        said = world.ask(name, "192.168.1.1")
        assert "Address:\t192.168.1.1:53" in said and f"Address: {INSIDE4}" not in said, said


def test_the_router_and_the_hosts_have_names(world: World) -> None:
    host4(world)
    assert "Address: 192.168.1.1" in world.ask("router.lan", "192.168.1.1")
    with contextlib.closing(Line(world.host.machine, "eth0", "02:00:5e:00:53:33")) as line:
        address, _ = Client4(line, name="laptop").lease()
    assert f"Address: {address}" in world.ask("laptop.lan", "192.168.1.1")


def test_dhcpv6_and_the_unique_local_prefix_pass_the_firewall(world: World) -> None:
    world.box.await_states(firewall="up")
    ula = world.box.machine.path(f"{places.STATE}/ula").read_text().strip().removesuffix("::/48")
    own = world.host.await_usable(f"{ula}:1:")
    with contextlib.closing(Line(world.host.machine, "eth0", "02:00:5e:00:53:20")) as line:
        reply = Client6(line).ask(dhcp6.DHCP6_InfoRequest)
    assert reply[dhcp6.DHCP6OptDNSServers].dnsservers[0] == f"{ula}:1::1"
    assert reply[dhcp6.DHCP6OptDNSDomains].dnsdomains == ["lan."]
    assert world.host.ping(own, f"{ula}:1::1")
    assert not world.host.ping(own, world.isp.internet)  # it does not leave the home


def test_the_firewall_lets_nothing_in(world: World) -> None:
    world.box.await_states(firewall="up")
    inside = world.host.await_usable(world.isp.plan.start)
    router = world.box.frost("outputs", "wan4", "address").split()[-1]
    for target in (inside, router):
        # Neither the router's ssh nor the host's own "refused" gets out.
        assert knock(world.isp.machine, target, 22) not in ("open", "ECONNREFUSED")
    host4(world)
    assert knock(world.host.machine, "192.168.1.1", 22) == "open"


def test_one_logs_in_by_key_and_sees_the_services(world: World) -> None:
    host4(world)
    said = world.ssh("frost", "status")
    assert "wan6" in said and "firewall" in said
    with pytest.raises(namespaces.CommandFailed):
        world.ssh("true", key="stranger")


def test_keys_of_a_secret_come_to_those_of_the_site(world: World) -> None:
    """They are there with the next login, nobody is thrown out, and rubbish takes none away."""

    def may_log_in(key: str) -> bool:
        with contextlib.suppress(namespaces.CommandFailed):
            return world.ssh("echo in", key=key) == "in\n"
        return False

    def put(value: str) -> None:
        world.ssh(f"frost secret more-keys <<'.'\n{value}\n.")

    host4(world)
    daemon = world.ssh("s6-svstat", "-o", "pid", f"{places.SCAN}/ssh")
    put((world.folder / "stranger.pub").read_text())
    wait.until("the stranger is let in", lambda: may_log_in("stranger"), evidence=world.evidence)
    assert may_log_in("key")
    put("rubbish")
    line = "expected public keys as in .pub files, a line each"
    wait.until("rubbish is told", lambda: line in world.ssh("frost", "log", "ssh-secret"))
    assert may_log_in("stranger") and may_log_in("key")
    world.ssh("rm /etc/frost/secrets/more-keys")
    wait.until("the stranger is not let in", lambda: not may_log_in("stranger"))
    assert may_log_in("key")
    assert world.ssh("s6-svstat", "-o", "pid", f"{places.SCAN}/ssh") == daemon


def test_a_cut_of_the_wan_comes_and_goes(world: World) -> None:
    host = world.host
    address = host.await_usable(world.isp.plan.start)
    world.isp.cut()
    world.box.await_states(wan6="down", wan4="down")
    wait.until(
        "IPv4 is gone from the WAN",
        lambda: world.box.machine.run("ip", "-4", "-br", "address", "show", "dev", "eth0"),
        lambda said: "100.64" not in said,
    )
    assert world.box.machine.run("ip", "-4", "route", "show", "default") == ""
    world.isp.mend()
    world.box.await_states(wan6="up", wan4="up", wan4_address="up")
    wait.until(
        "the host reaches the internet again",
        lambda: host.ping(address, world.isp.internet),
        evidence=world.evidence,
    )
    wait.until(
        "IPv4 does, too",
        lambda: world.host.machine.run("ping", "-n", "-c1", "-W1", INTERNET4, check=False),
        lambda said: "1 received" in said,
        evidence=world.evidence,
    )


def test_a_killed_base_ruleset_takes_no_link_down(world: World) -> None:
    """Nothing undoes what its oneshot has done: it is done again, and nobody else notices."""
    world.box.await_states(firewall="up", lan="up", wan6_prefixes="up")

    def processes() -> dict[str, int]:
        return {name: world.box.machine.service_pid(name) for name in world.box.compiled.scan}

    before = processes()
    world.box.machine.run("kill", "-9", str(before["firewall-base"]))
    wait.until(
        "the base is done again",
        lambda: world.box.machine.service_pid("firewall-base"),
        lambda pid: pid not in (-1, before["firewall-base"]),
        evidence=world.evidence,
    )
    world.box.await_states(firewall_base="up")
    after = processes()
    assert [name for name in before if before[name] != after[name]] == ["firewall-base"]


def test_hosts_hear_of_a_prefix_when_the_firewall_has_it(world: World) -> None:
    """The loader is held up while the ISP renumbers. A host that uses the new prefix as soon as
    it hears of it (RFC 4429) is not taken for a spoofer."""
    box, host = world.box, world.host
    box.await_states(firewall="up", ra="up", wan6_prefixes="up")
    host.await_usable(world.isp.plan.start)
    loader = str(box.machine.service_pid("firewall"))
    with Sniffer(host.machine, "eth0") as sniffer:
        box.machine.run("kill", "-STOP", loader)
        try:
            start = world.isp.renumber().start
            told = wait.until(
                "the LAN has a prefix of the new pool",
                lambda: box.frost("outputs", "wan6-prefixes", "lan"),
                lambda said: f"/prefix: {start}" in said,
                deadline_s=60,
                evidence=world.evidence,
            )
            prefix = next(line.split()[1] for line in told.splitlines()
                          if f"/prefix: {start}" in line)  # fmt: skip
            mine = f"{prefix}77"
            host.machine.run("ip", "address", "add", f"{mine}/64", "dev", "eth0", "nodad")
            # Never two advertisements to all within 3 s (RFC 4861 section 6.2.6): by now it may.
            begun = time.time()
            wait.until(
                "the last advertisement is 3 s old",
                lambda: time.time() - max([ra.time for ra in sniffer.read()], default=begun) > 3.2,
            )
            resumed = time.time()
        finally:
            box.machine.run("kill", "-CONT", loader)
        heard = sniffer.await_one("with the new prefix", lambda ra: f"{prefix}/64" in ra.prefixes)
    host.machine.run("ping", "-n", "-c1", "-W5", "-I", mine, world.isp.internet)
    assert heard.time > resumed, "hosts heard of the prefix before the firewall did"
    denied = box.machine.path(f"{places.LOG}/firewall/current").read_text()
    assert f"{mine} -> {world.isp.internet}" not in denied


def test_the_agent_finds_its_directories_as_it_would_make_them(world: World) -> None:
    before = inodes(world)
    assert 0 not in before.values()
    world.box.machine.svc("frost-agent", "-r")
    world.box.machine.await_ready("frost-agent")
    world.box.await_states(firewall="up", lan="up", dns="up")
    assert inodes(world) == before
