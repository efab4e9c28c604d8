"""ifname and static_route against the real kernel, on both runtimes, in a namespace of their own.

Names by their place on a bus need a bus: tests/machine has one.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from agent import outputs
from packager.isp import wait
from tests.lab.dhcp6_room import FROZEN, PROJECT, Room, programs

pytestmark = pytest.mark.root

MODULES = {"ifname": "services.link.ifname", "static_route": "services.route.static_route"}
A, B, C = "02:00:5e:00:53:0a", "02:00:5e:00:53:0b", "02:00:5e:00:53:0c"


class Here(Room):
    """One of these programs, with its words."""

    def __init__(self, name: str, folder: str, runtime: str, program: str, *words: str) -> None:
        super().__init__(name, folder, runtime, program)
        self.argv = [str(FROZEN / program)]
        if runtime == "cpython":
            self.argv = [sys.executable, "-m", MODULES[program]]
        self.operands = list(words)

    def command(self, *options: str) -> list[str]:
        kept = [option for option in options if self.program != "ifname" or option != "-v"]
        return ["ip", "netns", "exec", self.name, *self.argv, *kept, *self.operands]

    def links(self) -> dict[str, int]:
        """{name: index} of the links with one of our MACs."""
        found = json.loads(self.ip("-j link show"))
        return {each["ifname"]: each["ifindex"] for each in found if each["address"] in (A, B, C)}

    def published(self) -> dict[str, str]:
        return outputs.read(self.root, self.program) or {}

    def await_is(self, what: str, look: Any, expected: Any) -> None:
        wait.until(what, look, lambda seen: seen == expected, evidence=self.stderr.read_text)

    def shown(self, words: str) -> list[str]:
        """Static routes as `ip route` shows them."""
        return [" ".join(line.split()) for line in self.ip(words).splitlines()]


@contextmanager
def here(runtime: str, program: str, *words: str) -> Iterator[Here]:
    name = f"fg-links-{os.getpid()}-{os.urandom(3).hex()}"
    with tempfile.TemporaryDirectory(prefix="fg-links-") as folder:
        subprocess.run(["ip", "netns", "add", name], check=True)
        made = Here(name, folder, runtime, program, *words)
        try:
            made.ip("link set lo up")
            yield made
        finally:
            if made.process is not None:
                made.process.kill()
                made.process.wait()
            subprocess.run(["ip", "netns", "del", name], check=True)


def add(room: Here, name: str, index: int, mac: str) -> None:
    room.ip(f"link add {name} index {index} address {mac} type veth peer name far{index}")
    room.ip(f"link set far{index} up")


@pytest.mark.parametrize("runtime", programs())
def test_names_follow_the_hardware_whatever_the_kernel_calls_it(runtime: str) -> None:
    with here(runtime, "ifname", f"eth0,mac={B}", f"eth1,mac={A}", f"wan,mac={C}") as room:
        add(room, "eth0", 10, A)
        add(room, "eth1", 20, B)
        room.ip("link set eth0 up")
        room.start()
        swapped = {"eth0": "20", "eth1": "10"}
        room.await_is("the names are swapped and told", room.published, swapped)
        assert room.links() == {"eth0": 20, "eth1": 10}
        # One that is plugged in, under whatever name, and one that took another's name meanwhile
        add(room, "usb0", 30, C)
        room.await_is("a late one is wan", room.published, swapped | {"wan": "30"})
        room.ip("link delete eth1")
        room.await_is("the name is taken back", room.published, {"eth0": "20", "wan": "30"})
        room.ip("link add eth1 index 40 address 02:00:5e:00:53:99 type veth peer name far40")
        room.await_is("a stranger has no promised name", lambda: "if40" in room.ip("link"), True)
        assert "eth1" not in room.published()
        add(room, "eth2", 50, A)
        everybody = {"eth0": "20", "eth1": "50", "wan": "30"}
        room.await_is("the name is free for whom it is", room.published, everybody)
        # A link stays what it is: with another MAC, and when somebody renames it
        room.ip("link set wan address 02:00:5e:00:53:77")
        room.ip("link set wan down")
        room.ip("link set wan name other")
        room.await_is("wan is wan again", lambda: "wan" in room.ip("-br link show"), True)
        room.await_is("and is told", room.published, everybody)
        assert room.kill() == -signal.SIGKILL
        room.start()
        room.ip("link set eth0 down")
        room.ip("link set eth0 name other")
        names = {"eth0": 20, "eth1": 50}
        room.await_is("the next one knows them, too", room.links, names)
        room.await_is("wan, too", room.published, everybody)
        assert room.kill(signal.SIGTERM) == 0
        assert room.once("-c").returncode == 0
        assert room.published() == {}


@pytest.mark.parametrize("runtime", programs())
def test_two_that_could_be_meant_are_told(runtime: str) -> None:
    with here(runtime, "ifname", f"wan,mac={A}") as room:
        add(room, "eth0", 10, A)
        add(room, "eth1", 20, A)
        room.start()
        said = f"ifname: wan: expected one link with mac={A}, got eth0 eth1\n"
        room.await_is("it says so", lambda: said in room.stderr.read_text(), True)
        assert room.published() == {}
        room.ip("link delete eth1")
        room.await_is("the one that is left is meant", room.published, {"wan": "10"})


@pytest.mark.parametrize("runtime", programs())
@pytest.mark.parametrize("family", (4, 6))
def test_a_route_is_there_whenever_its_link_is_and_goes_with_its_service(
    runtime: str, family: int
) -> None:
    address, to, via = {
        4: ("192.0.2.1/24", "10.8.0.0/16", "192.0.2.2"),
        6: ("2001:db8::1/64", "2001:db8:8::/48", "2001:db8::2"),
    }[family]
    show = f"-{family} route show proto static"
    with here(runtime, "static_route", to, "dev", "lan", "via", via, "metric", "50") as room:
        room.start()

        def plug_in(index: int) -> None:
            add(room, "lan", index, A)
            room.ip("link set lan up")
            room.ip(f"address add {address} dev lan" + (" nodad" if family == 6 else ""))

        def routes() -> list[str]:
            return [" ".join(line.split()[:7]) for line in room.shown(show)]

        expected = [f"{to} via {via} dev lan metric 50"]
        plug_in(10)
        room.await_is("the route is there", routes, expected)
        # Down and up at once: the kernel has dropped the route, and nobody was told of IPv4's
        room.ip("link set lan down")
        room.ip("link set lan up")
        room.try_ip(f"address add {address} dev lan nodad")  # IPv6's has gone with the link
        room.await_is("it is back", routes, expected)
        room.ip(f"-{family} route delete {to}")
        room.await_is("it is put back", routes, expected)
        room.ip("link delete lan")
        room.await_is("it went with its link", routes, [])
        plug_in(20)
        room.await_is("the next link of that name has it", routes, expected)
        assert room.published()["ifindex"] == "20"
        assert room.kill() == -signal.SIGKILL
        assert routes() == expected
        room.start()
        room.ip(f"-{family} route delete {to}")
        room.await_is("the next one puts it back, too", routes, expected)
        assert room.kill(signal.SIGTERM) == 0
        assert room.once("-c").returncode == 0
        assert routes() == []
        assert room.published() == {}


@pytest.mark.parametrize("runtime", programs())
@pytest.mark.parametrize("to", ("10.0.0.0/8", "2001:db8::/32"))
def test_a_route_may_lead_nowhere(runtime: str, to: str) -> None:
    family = 6 if ":" in to else 4
    for kind in ("unreachable", "blackhole", "prohibit"):
        with here(runtime, "static_route", kind, to, "metric", "7") as room:
            room.start()
            show = f"-{family} route show proto static"

            def routes(room: Here = room, show: str = show) -> list[list[str]]:
                return [line.split()[:2] for line in room.shown(show)]

            room.await_is(f"the {kind} route", routes, [[kind, to]])
            assert room.kill(signal.SIGTERM) == 0
            assert room.once("-c").returncode == 0
            assert routes() == []


def test_words_are_refused_with_what_was_expected() -> None:
    for program, word, told in (
        ("ifname", "wan,mac", "ifname: wan: expected mac=MAC, path=PATH or label=LABEL, got"),
        ("static_route", "10.8.0.1/8", "static_route: expected a prefix as 192.0.2.0/24, got"),
    ):
        argv = [sys.executable, "-m", MODULES[program], word]
        done = subprocess.run(argv, cwd=PROJECT, capture_output=True, text=True, check=False)
        assert done.returncode == 100
        assert done.stderr.startswith(told) and f"usage: {program}" in done.stderr
