"""The images that users flash, seen from outside: a home with the example's router in QEMU.

One boot of each target ($FROST_MACHINES) carries all tests of its file, in order. Figures are
printed at the end of the run.
"""

import json
import os
import pwd
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from scapy.layers.inet import TCP, UDP

from packager.isp import client, services4
from packager.isp.isp import DELEGATED_LENGTH
from tests.lab.capture import Capture
from tests.machine import clients, home, images, inside, login
from tests.machine.home import ROUTER4, Home
from tests.runtimes import ROOT

pytestmark = [pytest.mark.root, pytest.mark.together]

KEPT_S = 120.0  # for a killed daemon and the LAN to be back, on a busy host


@pytest.fixture(scope="module", params=images.chosen())
def router(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Home]:
    """The home, booted; what its start took is printed by the first test."""
    image = images.built(request.param)
    with home.running(image, tmp_path_factory.mktemp(request.param)) as made:
        made.boot()
        made.await_works()
        made.login.await_open()
        yield made


def name_of(router: Home) -> str:
    return router.machine.target.name


def test_it_starts_and_serves_the_lan(router: Home) -> None:
    """Process 1 to the LAN's first usable advertisement and to the first ping through."""
    print(
        f"{name_of(router)}: process 1 to advertisement {router.started.advertised_s:.1f} s, "
        f"to the first ping through {router.started.through_s:.1f} s"
    )
    assert 0 < router.started.advertised_s <= router.started.through_s


def test_the_isp_leases_an_address_and_delegates_a_prefix(router: Home) -> None:
    leases = router.isp.machine.path("/run/kea/leases").read_text().splitlines()
    rows = [dict(zip(leases[0].split(","), line.split(","), strict=False)) for line in leases[1:]]
    kinds = {row["lease_type"]: row for row in rows}  # Kea: 0 is IA_NA, 2 is IA_PD
    assert set(kinds) == {"0", "2"}, rows
    assert kinds["2"]["address"].startswith(router.isp.plan.start)
    assert kinds["2"]["prefix_len"] == str(DELEGATED_LENGTH)
    # The router answers at its leased address: it is on the link, not only in Kea's book.
    assert clients.ping(router.isp.machine, kinds["0"]["address"], wait_s=5)


def test_a_computer_gets_its_addresses_and_its_resolver(router: Home) -> None:
    six = router.addresses6()
    assert [address for address in six if address.startswith(router.isp.plan.start)], six
    assert [address for address in router.addresses4() if address.startswith("192.168.1.")]
    resolvers = router.resolvers()
    assert ROUTER4 in resolvers, resolvers
    assert [each for each in resolvers if each.startswith(router.isp.plan.start)], resolvers


@pytest.mark.parametrize("kind", ("A", "AAAA"))
def test_names_resolve_through_the_router(router: Home, kind: str) -> None:
    expected = {"A": services4.INTERNET4, "AAAA": router.isp.internet}[kind]
    assert clients.resolve(router.host, ROUTER4, services4.NAME, kind) == [expected]
    advertised = [each for each in router.resolvers() if ":" in each]
    assert advertised
    assert clients.resolve(router.host, advertised[0], services4.NAME, kind) == [expected]


def test_flows_go_out_ipv6_as_it_is_and_ipv4_translated(router: Home) -> None:
    seen6 = clients.fetch(router.host, router.isp.internet).removeprefix("hello ")
    seen4 = clients.fetch(router.host, services4.INTERNET4).removeprefix("hello ")
    assert seen6 in router.addresses6()
    assert seen4.startswith("100.64.0.")


def test_nothing_unsolicited_comes_in(router: Home) -> None:
    """A listener on the LAN is out of reach, and the beginning of a TCP connection hears why
    (RFC 6092 REC-34); the listener itself is there."""
    target = next(each for each in router.addresses6() if each.startswith(router.isp.plan.start))
    with clients.listener(router.host, target, 8080):
        with Capture(router.host, client.LINK) as lan:
            assert clients.connect(router.isp.machine, target, 8080) == "EACCES"
            clients.datagram(router.isp.machine, target, 9999)
            # What was sent before this answer would have come before it.
            assert clients.ping(router.host, router.isp.internet, wait_s=10)
            inward = [
                frame.ether.summary() for frame in lan.read()
                if not frame.leaving and (TCP in frame.ether or UDP in frame.ether)
            ]  # fmt: skip
        assert inward == []
        assert clients.connect(router.host, target, 8080) == "connected"


def test_the_router_itself_is_silent_towards_the_isp(router: Home) -> None:
    wan4 = clients.fetch(router.host, services4.INTERNET4).removeprefix("hello ")
    for port in (22, 53, 80):
        assert clients.connect(router.isp.machine, wan4, port) == "silence", port
    assert clients.resolve(router.isp.machine, wan4, services4.NAME, "A") == []


def test_ssh_takes_the_key_and_nothing_else(router: Home) -> None:
    assert "Permission denied" in router.login.refused()
    assert router.login.run("id -u").strip() == "0"
    assert router.login.run("uname -n").strip() == "router"


def test_the_console_takes_the_password_and_nothing_else(router: Home) -> None:
    """What the kernel says may come behind a question and take it away: a newline asks anew."""
    machine = router.machine
    for password, answer in (("wrong", "Login incorrect"), (home.PASSWORD, "~# ")):
        machine.type("\n")
        machine.await_question("router login: ")
        machine.type("root\n")
        machine.await_question("Password: ")
        told = len(machine.lines)
        machine.type(password + "\n")
        if answer == "~# ":
            machine.await_question(answer)
        else:
            machine.await_line(answer, since=told)
    told = len(machine.lines)
    machine.type("echo I am $(id -u) on $(tty); exit\n")
    machine.await_line("^I am 0 on /dev/tty[A-Z]+0$", since=told)


def test_the_graph_is_drawn_as_it_stands_by_ssh(router: Home, tmp_path: Path) -> None:
    """`frostgate graph --live` as somebody types it on a computer, with the key in ~/.ssh."""
    folder, picture = images.FOLDER / name_of(router), tmp_path / "live.svg"
    script = (
        'mount -t tmpfs none "$HOME" && mkdir -m 700 "$HOME/.ssh" && cp "$0" "$HOME/.ssh/" && '
        'cp "$1" "$HOME/.ssh/known_hosts" && shift && exec "$@"'
    )
    words = ["unshare", "--mount", "sh", "-c", script, str(login.KEY)]
    words += [str(router.login.folder / "known_hosts"), sys.executable, "-m", "packager", "graph"]
    words += [str(folder / "home_router.py"), "--live", f"root@{ROUTER4}", "--svg", str(picture)]
    home_folder = pwd.getpwuid(0).pw_dir  # where ssh looks, whatever $HOME says
    path = f"{ROOT}:{ROOT / 'packaging'}"
    environment = {**os.environ, "HOME": home_folder, "PYTHONPATH": path}
    done = subprocess.run(
        router.host.enter(*words), cwd="/", env=environment, capture_output=True, text=True,
        stdin=subprocess.DEVNULL, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    rows = [json.loads(line) for line in router.login.run("frost status -j").splitlines()]
    drawn = re.findall(r'class="[^"]*\bis-(\w+)', picture.read_text())
    assert Counter(drawn) == Counter(row["state"] for row in rows)
    assert len(rows) > 12, rows


def test_the_router_reaches_itself_and_resolves_names(router: Home) -> None:
    for address in ("127.0.0.1", "::1"):
        router.login.run(f"ping -c1 {address}")
    assert services4.INTERNET4 in router.login.run(f"nslookup {services4.NAME}")


def test_nothing_failed_on_the_way(router: Home) -> None:
    failed = [line for line in router.login.run("frost status").splitlines() if " failed " in line]
    assert failed == [], router.login.run("frost log")
    told = [line.text for line in router.machine.lines if "frost-init: " in line.text]
    assert len(told) == 1 and "process 1 at" in told[0], told  # its summary, and no complaint


def test_killed_processes_come_back_and_the_lan_works_again(router: Home) -> None:
    """Daemons one after the other, then all oneshots' holders at once, which stand for what is set
    up: links, addresses. Slow processors lose all at once: what each does alone is the same
    everywhere."""
    found = list(inside.services(router.login).values())
    groups = [[each] for each in found if not each.is_holder]
    assert len(groups) > 5, found
    groups.append([each for each in found if each.is_holder])
    if name_of(router) != "qemu-x86_64":
        groups = [found]
    times = []
    for group in groups:
        took_s = killed(router, group, *(each.pid for each in group))
        times.append((took_s, " ".join(each.name for each in group)))
    print(f"{name_of(router)}: {len(found)} services killed in {len(times)} rounds, {max(times)}")


def test_killed_supervisors_come_back(router: Home) -> None:
    """Every s6-supervise at once, so that the whole LAN goes and has to come back."""
    running = list(inside.services(router.login).values())
    took_s = killed(router, running, *(each.supervisor for each in running))
    print(f"{name_of(router)}: {len(running)} supervisors killed at once, {took_s:.1f} s")


def killed(router: Home, services: list[inside.Service], *pids: int) -> float:
    """Seconds from SIGKILL for these processes until the services and the LAN are back."""
    begun = time.monotonic()
    inside.kill(router.login, *pids)
    inside.await_anew(router.login, services)
    router.await_works(KEPT_S)
    return time.monotonic() - begun


def test_it_reboots(router: Home) -> None:
    """By the three keys where there are keys, else by its command."""
    has_keys = router.machine.target.name != "qemu-aarch64"  # `virt` has no keyboard
    again = router.reboot("ctrl-alt-del" if has_keys else "reboot")
    router.await_works()
    router.login.await_open()
    print(
        f"{name_of(router)}: after a reboot, process 1 to advertisement "
        f"{again.advertised_s:.1f} s, to the first ping through {again.through_s:.1f} s"
    )


def test_it_switches_itself_off_with_clean_file_systems(router: Home) -> None:
    """Alone too: what it needs is a machine that runs."""
    begun = time.monotonic()
    router.order("poweroff")
    router.machine.await_end()
    print(f"{name_of(router)}: off after {time.monotonic() - begun:.1f} s")
    for disk in router.machine.boot.disks:
        if images.FORMATS[name_of(router)] == "ext4":
            done = subprocess.run(
                ["e2fsck", "-f", "-n", str(disk.path)], capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stdout + done.stderr
            assert "recover" not in done.stdout + done.stderr, done.stderr
