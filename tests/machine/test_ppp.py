"""A router that dials: PPPoE on a VLAN against Debian's pppoe-server, L2TP against xl2tpd, a modem
on a serial line; DHCPv6 over ppp with Kea. One boot carries all tests of the file, in order.

Redials: every one has another way to end the session before, most have another address and another
prefix; after each the LAN works with what is new, and nothing of the old is left.
"""

import re
import socket
import time
from collections.abc import Callable, Iterator

import pytest
from scapy.layers.inet import TCP

from packager.isp import services4, wait
from packager.isp.isp import PLAUSIBLE
from packager.isp.namespaces import CommandFailed
from tests.lab import leavings
from tests.lab.capture import Capture
from tests.machine import clients, concentrator, dialling, images, remains, wire
from tests.machine.dialling import Dialling
from tests.runtimes import SCALE

pytestmark = [pytest.mark.root, pytest.mark.together]

DIAL_S = 180.0  # for a session and all that follows, on a busy host
REDIALS = 5 * SCALE if SCALE > 1 else 3  # 100 in soak; check cuts in each phase


@pytest.fixture(scope="module")
def router(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dialling]:
    """The home, booted; it has dialled."""
    folder = images.FOLDER / "ppp"
    folder.mkdir(parents=True, exist_ok=True)
    secrets = ("--secrets", str(folder / "secrets"))
    image = images.build(dialling.site(folder), "qemu-x86_64", folder / "image", *secrets)
    with dialling.running(image, tmp_path_factory.mktemp("ppp")) as made:
        made.boot()
        yield made


def through(router: Dialling) -> tuple[str, str]:
    """Who the internet takes the LAN's computer for: by IPv4, and its prefix of 48 bits."""
    four = clients.fetch(router.host, services4.INTERNET4).removeprefix("hello ")
    six = clients.fetch(router.host, router.isp.internet).removeprefix("hello ")
    return four, ":".join(six.split(":")[:3])


def await_through(router: Dialling, four: str, six: str) -> None:
    """Wait until the LAN reaches the internet so. "": not at all."""
    wait.until(
        f"the LAN is {four or 'nobody'} and {six or 'nobody'} in the internet",
        lambda: through(router), lambda seen: seen == (four, six),
        deadline_s=DIAL_S, evidence=router.evidence,
    )  # fmt: skip


def address(number: int) -> str:
    return f"100.65.0.{number}"


def pool(number: int) -> str:
    return f"{PLAUSIBLE}:{number}000"


def test_it_dials_and_the_lan_is_in_the_internet(router: Dialling) -> None:
    """IPv4 with the session's address, IPv6 out of a prefix that came over the ppp link."""
    await_through(router, address(7), pool(1))
    assert [each for each in router.addresses6() if each.startswith(pool(1))]
    assert router.works() == {"IPv6": True, "IPv4": True, "names": True}
    assert router.login.ask("cat /var/lib/dhcpcd/duid").startswith("00:04:")  # RFC 6355
    failed = [line for line in router.login.ask("frost status").splitlines() if " failed " in line]
    assert failed == []


def test_segments_fit_the_session(router: Dialling) -> None:
    """RFC 4459 3.2: both directions' TCP is told of the 1492 octets of the ppp link."""
    with Capture(router.isp.machine, "wan0") as outside:
        for target, family, least in ((services4.INTERNET4, socket.AF_INET, 40),
                                      (router.isp.internet, socket.AF_INET6, 60)):  # fmt: skip
            with router.host.network():
                connection = socket.socket(family, socket.SOCK_STREAM)
            with connection:
                connection.connect((target, 80))
                told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)
            assert told == 1492 - least - 12, target  # a timestamp is 12 octets
        begins = [f for f in outside.read() if TCP in f.ether and f.ether[TCP].flags == "S"]
    assert {dict(frame.ether[TCP].options)["MSS"] for frame in begins} == {1432}


def test_packets_of_1500_octets_pass_where_the_isp_agrees(router: Dialling) -> None:
    """RFC 4638: the router asks for 1500 octets. So far nobody answered that, and 1492 it was."""
    assert not (full(router, services4.INTERNET4, 28) or full(router, router.isp.internet, 48))
    router.concentrator.card(concentrator.JUMBO)
    wait.until(
        "1500 octets get through",
        lambda: full(router, services4.INTERNET4, 28) and full(router, router.isp.internet, 48),
        deadline_s=DIAL_S, evidence=router.evidence,
    )  # fmt: skip
    assert router.login.ask("cat /sys/class/net/ppp-wan/mtu").strip() == "1500"


def full(router: Dialling, target: str, headers: int) -> bool:
    """Whether an echo request of 1500 octets that nobody may fragment is answered."""
    router.host.run("sh", "-c", "ip route flush cache; ip -6 route flush cache")  # what it was told
    size = str(concentrator.ETHERNET - headers)
    try:
        router.host.run("ping", "-n", "-c1", "-W5", "-M", "do", "-s", size, target)
    except CommandFailed:
        return False
    return True


def test_the_password_is_where_pppd_reads_it_and_nowhere_else(router: Dialling) -> None:
    found = router.login.ask(
        "ls -l /run/service/*/data/secrets/*; "
        "find /etc /run/frost /run/service /run/services /run/log "
        "/proc/[0-9]*/cmdline /proc/[0-9]*/environ -type f "
        "-exec grep -lF 'pass\"word' {} + 2>/dev/null; true"
    ).splitlines()
    assert [line for line in found if line.startswith("/")] == ["/etc/frost/secrets/isp-password"]
    modes = {line.split()[-1]: line.split()[0] for line in found if line.startswith("-")}
    own = "/run/service/{0}/data/secrets/{0}.options"
    assert modes == {own.format(name): "-rw-------" for name in ("mobile", "tunnel", "wan")}


def test_tunnel_and_modem_have_dialled_too(router: Dialling) -> None:
    """Each has its link, its address and its default route behind the session's."""
    wait.until(
        "the modem has an address", lambda: router.login.ask("frost outputs mobile"),
        lambda seen: "mobile/address: 100.67.0.7" in seen,
        deadline_s=DIAL_S, evidence=router.evidence,
    )  # fmt: skip
    await_tunnel(router)
    routes = router.login.ask("ip route | grep default").splitlines()
    assert [(row.split()[2], row.split()[-1]) for row in routes] == [
        ("ppp-wan", "512"),
        ("ppp-l2tp", "1024"),
        ("ppp-serial", "2048"),
    ]
    for link, peer in (("ppp-l2tp", "100.66.0.1"), ("ppp-serial", "100.67.0.1")):
        router.login.ask(f"ping -c1 -W10 -I {link} {peer}")


def await_tunnel(router: Dialling) -> None:
    """Wait until its server has given it an address."""
    wait.until(
        "the tunnel has an address", lambda: router.login.ask("frost outputs tunnel; true"),
        lambda seen: "tunnel/address: 100.66.0." in seen,
        deadline_s=DIAL_S, evidence=router.evidence,
    )  # fmt: skip


def test_a_killed_pppd_takes_the_tunnels_outputs_along(router: Dialling) -> None:
    """xl2tpd lives on and dials again after 5 s; the old outputs do not last until then."""
    told = router.login.ask(
        "cd /run/services/outputs; was=$(cat tunnel/ifindex); "
        "kill -9 $(cat /run/ppp-l2tp.pid); for n in $(seq 100); do sleep 0.1; "
        "now=$(cat tunnel/ifindex 2>/dev/null) || break; done; echo $was ${now:-none}"
    ).split()
    assert told[1] == "none", told
    await_tunnel(router)


def ended(router: Dialling) -> None:
    """The ISP ends the session by LCP."""
    router.concentrator.end("TERM")


def killed(router: Dialling) -> None:
    """pppd is killed: the ISP's session lives on."""
    router.login.ask("kill -9 $(s6-svstat -o pid /run/service/wan)")


def silent(router: Dialling) -> None:
    """Nothing comes through any more, and nobody says so."""
    with wire.without(router.isp.machine, "all of it"):
        before = router.login.ask("cat /run/services/outputs/wan/ifindex")
        wait.until(
            "pppd gives the session up",
            lambda: router.login.ask("cat /run/services/outputs/wan/ifindex 2>/dev/null; true"),
            lambda seen: seen != before,
            deadline_s=DIAL_S,
        )


def cut_in(phase: str) -> Callable[[Dialling], None]:
    """The session ends, and the next one in this phase of its beginning."""

    def cut(router: Dialling) -> None:
        with wire.without(router.isp.machine, phase) as taken:
            router.concentrator.end("KILL")
            taken.await_some(DIAL_S)
            router.concentrator.end("KILL")

    cut.__name__ = f"cut in {phase}"
    return cut


WAYS = (cut_in("LCP"), cut_in("IPCP"), cut_in("DHCPv6"), ended, killed, silent)


def test_redials(router: Dialling) -> None:
    four, six, slowest = 7, 1, (0.0, "")
    hold(router, "tunnel")  # it would dial again each time, too
    for number in range(REDIALS):
        way, begun = WAYS[number % len(WAYS)], time.monotonic()
        old4, old6 = four, six
        four = four if number % 4 == 1 else 8 + number % 200
        six = six if number % 4 == 3 else six % 9 + 1
        clients.datagram(router.host, services4.INTERNET4, 9999)  # a flow that nobody answers
        router.concentrator.session(four, six)
        way(router)
        await_through(router, address(four), pool(six))
        took = time.monotonic() - begun
        slowest = max(slowest, (took, way.__name__))
        print(f"redial {number}: {way.__name__} {took:.1f} s", flush=True)
        await_nothing_of(router, old4 if old4 != four else 0, old6 if old6 != six else 0)
    print(f"{REDIALS} redials, slowest {slowest[0]:.1f} s ({slowest[1]})")


def await_nothing_of(router: Dialling, four: int, six: int) -> None:
    """Wait until nothing of an address and a pool is left on the router. 0: it is in use.

    What stays by design: the LAN's on-link route, as long as hosts may use the prefix
    (docs/prefixes.md), and what is withdrawn from hosts (RFC 9096 3.5, docs/advertisements.md).
    """
    look = (
        "sleep 1; grep -r '' /run/services/outputs/[a-z]*/ | grep -vE '/[.]|/ra/withdrawn/'; "
        "ip -o address; ip route; ip -6 route | grep -v ' metric 118 '; "
        "nft list table ip frost_ip; cat /proc/net/nf_conntrack; ls /sys/class/net"
    )

    def left() -> list[str]:
        lines = router.login.ask(look).splitlines()
        olds = [rf"\b{re.escape(address(four))}\b"] * bool(four) + [pool(six) + ":"] * bool(six)
        olds.append("^ppp[0-9]+$")  # a link that never got its name
        return [line for line in lines if any(re.search(old, line) for old in olds)]

    wait.until(
        f"nothing of {four or 'no address'} and {six or 'no pool'} is left", left,
        lambda seen: seen == [], deadline_s=60.0, evidence=router.evidence,
    )  # fmt: skip


@pytest.mark.parametrize("four", (True, False), ids=("IPv4", "IPv6"))
def test_each_family_works_without_the_other(router: Dialling, four: bool) -> None:
    """RFC 7084 WLL-3, W-6: IPCP and IPV6CP are independent, and DHCPv6 follows IPV6CP."""
    router.concentrator.session(*((230, None) if four else (None, 5)))
    router.concentrator.end("TERM")
    if four:
        await_through(router, address(230), "")
        assert "state6" not in router.login.ask("frost outputs wan")
        assert "wan/state6" in router.login.ask("frost why wan6")
    else:
        await_through(router, "100.67.0.7", pool(5))  # IPv4 by the modem
        told = router.login.ask("frost outputs wan")
        assert "wan/state6: up" in told and "wan/state:" not in told and "wan/address" not in told


def test_a_session_leaves_nothing_behind(router: Dialling) -> None:
    """What tests/lab/test_stop.py sees of other services: of each of the three."""
    router.concentrator.session(9, 2)
    hold(router, "tunnel", "mobile", "wan")
    await_nothing_of(router, 0, 5)  # after the hold-down of a lost prefix
    none = remains.settled(router.login)

    release(router, "mobile")
    await_through(router, "100.67.0.7", "")  # the modem carries IPv4 without a session
    seen(router, none, "process address route link file sysctl")
    hold(router, "mobile")
    remains.await_as(none, router.login)

    release(router, "wan")
    await_through(router, address(9), pool(2))
    seen(router, none, "process address route link file sysctl nft")
    dialled = remains.settled(router.login)
    release(router, "tunnel")
    await_tunnel(router)
    seen(router, dialled, "process address route link file sysctl")
    hold(router, "tunnel")
    remains.await_as(dialled, router.login)
    hold(router, "wan")
    await_nothing_of(router, 9, 2)
    remains.await_as(none, router.login)


def hold(router: Dialling, *names: str) -> None:
    """Stop them with all that is theirs."""
    for name in names:
        router.login.ask(f"frost stop {name}; frost stop {name}-secret")


def release(router: Dialling, name: str) -> None:
    """Let it go with all that is its."""
    router.login.ask(f"frost release {name}-secret; frost release {name}")


def seen(router: Dialling, before: leavings.Snapshot, kinds: str) -> None:
    """While it is there, it has changed something of each of these."""
    lines = leavings.difference(before, remains.snapshot(router.login))
    assert leavings.kinds(lines) >= set(kinds.split()), lines
