"""A lab with an ISP, a router and hosts on its LANs: the site, the machines, what can be asked of
them. tests/lab/test_lan.py has the tests."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from packager import compiled
from packager.isp import namespaces, wait
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
from tests.lab.dhcp_clients import Line
from tests.lab.host import Host
from tests.lab.idle_time import SERVER, IdleTime
from tests.runtimes import ROOT

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
        upstream=(wan6.outputs.domains, wan6.outputs.ntp),
    )
    clock = IdleTime(servers=(SERVER,), upstream=(wan6.outputs.ntp,))
    ra = RouterAdvertisements(lease=wan6, dhcp=(dhcp, guests))
    services = (wan, port, lan, guest, lan4, guest4, wan6, dns, dhcp, guests, ra, clock)
    forwarding = Sysctl("net/ipv6/conf/all/forwarding", "1")  # a firewall would do it
    return Site(hostname="router", services=services, sysctls=(forwarding,))


class World:
    """ISP, router, a host on the LAN and one among the guests."""

    def __init__(self, folder: Path) -> None:
        roles = ("isp", "router", "host", "guest")
        self.machines = {role: Machine(role, folder / f"{role}.log") for role in roles}
        self.folder = folder
        self.isp = Isp(self.machines["isp"], ISP, PLAUSIBLE)
        self.isp.ntp = f"{PLAUSIBLE}:ffff::123"
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
