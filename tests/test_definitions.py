"""What single services compile to, and that no value breaks out of a rendered configuration.

A case is a folder of tests/golden/definitions: input.py makes SERVICES; expected.txt is their part
of the graph and their resources. `pytest --update-golden` writes it.
"""

import importlib
import json
import runpy
import subprocess
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from packager import compiled
from services.link.definition import Ethernet
from services.model import Secret, Site
from services.site.described import Described, parameters
from services.site.problems import SiteError, collecting
from tests.compiled_text import graph_text, lists_text
from tests.runtimes import ROOT
from tests.test_compiled import compare

GOLDEN = ROOT / "tests" / "golden" / "definitions"
CASES = sorted(path.name for path in GOLDEN.iterdir())
MODULES = sorted(path.parent.name for path in (ROOT / "services").glob("*/definition.py"))

# What would end a line, a word or a quoted text of the daemons' configurations and of shells.
HOSTILE = ("a\nb", "a\rb", "a\0b", 'a"b', "a;b", "$(id)", "`id`", "a#b", "a,b\nport=53", "\x1b[1m")
# Parameters that are texts for people or are quoted where they are written.
FREE = {("Daemon", "run"), ("Check", "run")}
# Those that daemons take to the end of the line, or to a quote, which they then can't have.
LINES = {
    *((each, "ssid") for each in ("AccessPoint", "Ssid", "Station")),
    *((each, "user") for each in ("L2tp", "Pppoe", "Serial")),
}


@pytest.mark.parametrize("name", CASES)
def test_a_service_becomes_this(name: str, update_golden: bool) -> None:
    services = runpy.run_path(str(GOLDEN / name / "input.py"))["SERVICES"]
    made = compiled.compile(Site(hostname="golden", services=services))
    compare(GOLDEN / name / "expected.txt", graph_text(made) + lists_text(made), update_golden)


def test_every_definition_has_a_case() -> None:
    used = "".join((GOLDEN / name / "input.py").read_text() for name in CASES)
    assert [name for name in MODULES if f"services.{name}.definition" not in used] == []


def described() -> list[type[Described]]:
    """All classes that a site's author makes values of."""
    found: list[type[Described]] = []
    for name in MODULES:
        module = importlib.import_module(f"services.{name}.definition")
        found += [
            value
            for value in vars(module).values()
            if isinstance(value, type)
            and issubclass(value, Described)
            and value.__module__ == module.__name__
        ]
    return found


def texts(kind: type[Described]) -> list[tuple[str, bool]]:
    """(parameter, whether it is a tuple of texts) of those that are text."""
    hints: dict[str, Any] = get_type_hints(kind)
    found = []
    for each in parameters(kind):
        if (kind.__name__, each.name) not in FREE:
            if hints[each.name] is str:
                found.append((each.name, False))
            elif hints[each.name] == tuple[str, ...]:
                found.append((each.name, True))
    return found


@pytest.mark.parametrize("kind", described(), ids=lambda kind: str(kind.__name__))
def test_no_text_can_break_out(kind: type[Described]) -> None:
    for name, is_tuple in texts(kind):
        for text in HOSTILE:
            if (kind.__name__, name) in LINES and text.isprintable():
                continue
            with collecting() as problems:
                kind(**{name: (text,) if is_tuple else text})
            assert [p for p in problems if f".{name}" in p.subject], (name, text)


def refusal(make: Any) -> str:
    """The first line that a person is told."""
    with pytest.raises(SiteError) as error:
        make()
    return str(error.value.problems[0]).partition(": ")[2]


def test_what_two_parameters_say_together_is_looked_at() -> None:
    from services.lan.definition import DhcpServer, Reservation
    from services.link.definition import Address, Bridge, Ethernet

    lan = Ethernet(name="lan", ifname="eth1")
    here = Address(name="here", on=lan, address="192.168.1.1/24")
    assert refusal(lambda: Bridge(name="b", members=(lan, lan))) == (
        "b.members: expected each link once, got eth1 eth1"
    )
    assert refusal(lambda: Address(name="a", on=lan, address="192.168.1.0/24")) == (
        "a.address: expected a host's address, got the network's own 192.168.1.0/24"
    )
    for first, last, told in (
        ("192.168.2.1", "192.168.1.9", "d.first: expected an address of 192.168.1.0/24"),
        ("192.168.1.9", "192.168.1.8", "d.last: expected 192.168.1.9 or a later address"),
        ("192.168.1.1", "192.168.1.8", "d.first: expected a range without the router's own"),
    ):
        said = refusal(
            lambda first=first, last=last: DhcpServer(
                name="d", address=here, first=first, last=last
            )
        )
        assert said.startswith(told), said
    twice = (
        Reservation(mac="02:00:5e:00:53:01", address="192.168.1.9"),
        Reservation(mac="02:00:5e:00:53:01", address="192.168.1.10"),
    )
    said = refusal(
        lambda: DhcpServer(
            name="d", address=here, first="192.168.1.20", last="192.168.1.30", hosts=twice
        )
    )
    assert said == "d.hosts: expected each mac once, got 02:00:5e:00:53:01 twice"


def test_leases_that_could_outlive_the_prefix_are_told() -> None:
    from services.dhcp6.definition import Dhcp6, Lan
    from services.lan.definition import DhcpServer
    from services.link.definition import Address, Ethernet
    from services.ra.definition import RouterAdvertisements

    lan = Ethernet(name="lan", ifname="eth1")
    here = Address(name="here", on=lan, address="192.168.1.1/24")
    server = DhcpServer(
        address=here, first="192.168.1.20", last="192.168.1.30", ipv6="stateful", lease_time6=900
    )
    wan = Ethernet(name="wan", ifname="eth0")
    for seconds, told in ((0, "lease_time=0"), (899, "lease_time=899")):
        wan6 = Dhcp6(on=wan, lans=(Lan(on=lan, id=1, lease_time=seconds),))
        said = refusal(lambda wan6=wan6: RouterAdvertisements(lease=wan6, dhcp=(server,)))
        assert said == (
            "ra.dhcp: expected dhcp's leases to end before wan6's prefix: "
            f"its Lan of eth1 has {told}, give it 900"
        )
    enough = Dhcp6(on=wan, lans=(Lan(on=lan, id=1, lease_time=900),))
    assert RouterAdvertisements(lease=enough, dhcp=(server,)).dhcp == (server,)


def test_what_dhcpv6_and_names_need_of_each_other_is_told() -> None:
    from services.dns.definition import Name
    from services.lan.definition import DhcpServer, Reservation
    from services.link.definition import Address, Ethernet
    from services.time.definition import Time

    lan = Ethernet(name="lan", ifname="eth1")
    here = Address(name="here", on=lan, address="192.168.1.1/24")
    plain: dict[str, Any] = {
        "name": "d",
        "address": here,
        "first": "192.168.1.20",
        "last": "192.168.1.30",
    }
    nas = Reservation(duid="00:03:00:01:02:00:5e:00:53:01", suffix="::10")
    told = "d.ipv6: expected 'stateful' for the host with suffix ::10"
    assert refusal(lambda: DhcpServer(**plain, ipv6="stateless", hosts=(nas,))) == told
    told = "d.ntp: expected the address of a host, got ::"
    assert refusal(lambda: DhcpServer(**plain, ntp=("::",))) == told
    told = "d.last6: expected ::10 or a later one, got ::f"
    assert refusal(lambda: DhcpServer(**plain, first6="::10", last6="::f")) == told
    from services.dhcp6.definition import Dhcp6

    wan6 = Dhcp6(name="wan6", on=Ethernet(name="wan", ifname="eth0")).outputs
    told = "d.upstream: expected outputs domains or ntp, got wan6/dns"
    assert refusal(lambda: DhcpServer(**plain, ipv6="stateless", upstream=(wan6.dns,))) == told
    told = "d.ipv6: expected DHCPv6 to tell wan6/domains by, got 'none'"
    assert refusal(lambda: DhcpServer(**plain, upstream=(wan6.domains,))) == told
    told = "d.ntp: expected none of IPv6 where upstream tells them"
    given = {**plain, "ipv6": "stateless", "upstream": (wan6.ntp,), "ntp": ("2001:db8::1",)}
    assert refusal(lambda: DhcpServer(**given)) == told
    told = "d.hosts: expected each suffix once, got ::10 twice"
    twice = (nas, Reservation(mac="02:00:5e:00:53:01", suffix="::10"))
    assert refusal(lambda: DhcpServer(**plain, ipv6="stateful", hosts=twice)) == told
    assert refusal(lambda: Reservation(address="192.168.1.9")).endswith(
        "mac: expected the host's mac or duid, got neither"
    )
    assert refusal(lambda: Name(name="nas.lan", suffix="::10")).endswith(
        "suffix: expected both suffix and on, or neither"
    )
    assert refusal(lambda: Name(name="nas.lan")).endswith(
        "address: expected an address, or suffix and on, got none"
    )
    assert refusal(lambda: Time(servers=())).endswith(
        "servers: expected servers or upstream, got neither"
    )


def test_a_modem_has_a_speed_and_a_whole_login_or_none() -> None:
    from services.ppp.definition import Serial

    assert refusal(lambda: Serial(tty="ttyS1", speed=115201)) == (
        "ppp.speed: expected one of 9600 19200 38400 57600 115200 230400 460800 921600, got 115201"
    )
    assert refusal(lambda: Serial(tty="ttyS1", user="someone")) == (
        "ppp.user: expected user and password, or neither of them"
    )
    for tty in ("/dev/ttyS1", "ttyS", "pts/0", "ttyS1 115200", "ttyS1\n"):
        assert refusal(lambda tty=tty: Serial(tty=tty)).startswith("ppp.tty: expected a serial")


def test_a_session_of_1500_octets_needs_room_below_it() -> None:
    """RFC 4638: eight octets are PPPoE's; a VLAN has what its port has."""
    from services.link.definition import Vlan
    from services.ppp.definition import Pppoe

    def told(mtu: int, below: int) -> str:
        port = Ethernet(name="port", ifname="eth0", mtu=below)
        vlan = Vlan(name="dsl", on=port, id=7)
        secret = Secret(name="isp")
        return refusal(lambda: Pppoe(on=vlan, user="me", password=secret, mtu=mtu))

    line = "ppp.mtu: expected at most {}, got {}; give mtu={} to the links below, dsl"
    assert told(1500, 0) == line.format(1492, 1500, 1508)
    assert told(1493, 1500) == line.format(1492, 1493, 1501)
    assert told(1492, 1499) == line.format(1491, 1492, 1500)
    port = Ethernet(name="port", ifname="eth0", mtu=1508)
    assert Pppoe(on=port, user="me", password=Secret(name="isp"), mtu=1500).mtu == 1500


# What each daemon's own look at a configuration is, and what it says of one that it can't read.
LOOKS = {
    "dnsmasq": ("dnsmasq", "--test", "-C"),
    "chronyd": ("chronyd", "-p", "-f"),
    "pppd": ("pppd", "dryrun", "file"),
}


@pytest.mark.root
@pytest.mark.parametrize("name", CASES)
def test_daemons_can_read_what_is_written_for_them(name: str, tmp_path: Path) -> None:
    services = runpy.run_path(str(GOLDEN / name / "input.py"))["SERVICES"]
    made = compiled.compile(Site(hostname="golden", services=services))
    for service in json.loads(made.graph)["services"].values():
        program = service.get("run", [""])[0]
        paths = [word.partition("=")[2] or word for word in service.get("run", []) if "/" in word]
        contents = {file.path: file.content for file in made.files}
        secret = next((file for file in contents if file.endswith(".options")), "")
        for path in paths:
            content = contents.get(path, contents.get(secret) if program == "pppd" else None)
            if program in LOOKS and isinstance(content, str):
                if program == "pppd":  # which looks for the kernel's module and the tty at once
                    lines = content.splitlines(keepends=True)
                    not_here = ("plugin", "nic-", "pppoe-", "/dev/")
                    content = "".join(x for x in lines if not x.startswith(not_here))
                if program == "dnsmasq":  # the folder of parts, as it would be
                    content = content.replace("conf-dir=/", f"conf-dir={tmp_path}/")
                    for part, more in contents.items():
                        (tmp_path / part[1:]).parent.mkdir(parents=True, exist_ok=True)
                        if isinstance(more, str):
                            (tmp_path / part[1:]).write_text(more)
                    for folder in made.folders:
                        (tmp_path / folder.path[1:]).mkdir(parents=True, exist_ok=True)
                copy = tmp_path / "configuration"
                copy.write_text(content)
                done = subprocess.run(
                    [*LOOKS[program], str(copy)],
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                )
                said = done.stdout + done.stderr
                understood = done.returncode == 0 or "no device specified" in said
                assert understood and "In file" not in said, f"{program}: {said}{content}"
