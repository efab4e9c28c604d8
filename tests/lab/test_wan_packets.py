"""What crosses the WAN line, and what must not: RELEASE, and packets for nobody's subnet.

One lab for all; each test leaves it as it found it.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from scapy.layers.inet6 import (
    ICMPv6DestUnreach,
    ICMPv6EchoReply,
    ICMPv6EchoRequest,
    ICMPv6TimeExceeded,
    IPerror6,
)

from packager.isp import wait
from packager.isp.isp import INTERNET, Lifetimes
from tests.lab.capture import Capture, Frame, message_name
from tests.lab.lab import LANS, Lab, running
from tests.lab.router import DELEGATION, LEASE
from tests.lab.sniffer import Sniffer

pytestmark = pytest.mark.root

TIMES = Lifetimes(renew=3, rebind=30, preferred=50, valid=60, router=60)
START = "2001:db8:10"
UNASSIGNED = "2001:db8:1000:77::1"  # in the delegated /56, on no LAN
NO_ROUTE = 0  # RFC 4443 section 3.1: type 1 code 0


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with running(TIMES) as made:
        made.settle(START)
        yield made


def held(lab: Lab) -> Any:
    """The LANs' prefixes, and the addresses that their hosts use."""
    return [lab.router.lan_prefixes(lan) for lan in LANS], [h.usable(START) for h in lab.hosts]


def stop_and_start(lab: Lab) -> None:
    """The client ends, is seen to be down, and starts within lan_prefix's hold-down."""
    lab.router.machine.svc(LEASE, "-wd", "-T20000", "-d")
    assert lab.router.machine.service_pid(LEASE) == -1
    lab.router.machine.svc(LEASE, "-u")


ENDINGS = {
    "the client restarted": lambda lab: lab.router.restart(LEASE, "-r"),
    "the client stopped, and started": stop_and_start,
    "lan_prefix restarted": lambda lab: lab.router.restart(DELEGATION, "-r"),
    "wan_address restarted": lambda lab: lab.router.restart("wan_address", "-r"),
    "ra restarted": lambda lab: lab.router.restart("ra", "-r"),
}


@pytest.mark.parametrize("what", ENDINGS)
def test_rfc_9096_3_1_no_release_leaves_and_the_lans_keep_their_prefixes(
    lab: Lab, what: str
) -> None:
    before = held(lab)
    with (
        Capture(lab.isp.machine, "line") as line,
        Sniffer(lab.hosts[0].machine, "eth0") as sniffer,
    ):
        ENDINGS[what](lab)
        await_answer(line, lab)
        wait.until(
            "the lease is bound again",
            lambda: lab.router.outputs(LEASE).get("state"),
            lambda seen: seen == "bound",
            evidence=lab.router.machine.tail,
        )
        names = {message_name(message) for leaving, message in line.dhcpv6() if not leaving}
        assert names & {"RELEASE", "DECLINE"} == set(), names
        lab.settle(START)
        stale = [p for ra in sniffer.read() for p, o in ra.prefixes.items() if not o.preferred]
    assert stale == []
    assert held(lab) == before


def await_answer(line: Capture, lab: Lab) -> None:
    """Wait until the client has asked since the capture began, and Kea has answered it."""
    wait.until(
        "the client asks Kea and gets a Reply",
        lambda: [(leaving, message_name(m)) for leaving, m in line.dhcpv6()],
        lambda seen: (True, "REPLY") in seen and any(not leaving for leaving, _ in seen),
        deadline_s=40.0,
        evidence=lab.router.machine.tail,
    )


def towards(target: str, frame: Frame) -> bool:
    """Whether it is an echo request to the target."""
    return ICMPv6EchoRequest in frame.ether and bool(frame.ip.dst == target)


def refusal(target: str, frame: Frame) -> bool:
    """Whether it is an ICMPv6 error about a packet to the target."""
    is_error = ICMPv6DestUnreach in frame.ether or ICMPv6TimeExceeded in frame.ether
    return is_error and bool(frame.ether[IPerror6].dst == target)


def codes(frames: list[Frame], target: str) -> list[tuple[int, int]]:
    """(type, code) of the ICMPv6 errors about a packet to the target."""
    found = []
    for frame in frames:
        if refusal(target, frame):
            error = frame.ip.payload
            found.append((error.type, error.code))
    return found


def test_rfc_7084_wpd_5_a_host_gets_no_route_for_an_unassigned_subnet_and_the_isp_no_packet(
    lab: Lab,
) -> None:
    host = lab.hosts[0]
    with Capture(lab.isp.machine, "line") as line, Capture(host.machine, "eth0") as lan:
        assert not host.ping(target=UNASSIGNED)
        lan.await_frames("an error comes back", lambda frame: refusal(UNASSIGNED, frame))
        assert codes(lan.read(), UNASSIGNED) == [(1, NO_ROUTE)]
        # what was sent before this answer has passed the line, if it took that way
        assert host.ping()
        line.await_frames("the host's ping is answered", lambda f: ICMPv6EchoReply in f.ether)
        assert [frame for frame in line.read() if towards(UNASSIGNED, frame)] == []
        source = next(f.ip.src for f in lan.read() if refusal(UNASSIGNED, f))
    assert source == "2001:db8:1000:1::1"


def test_rfc_7084_wpd_5_a_packet_from_the_isp_is_answered_and_not_sent_back(lab: Lab) -> None:
    isp = lab.isp.machine
    ping = ("ping", "-6", "-n", "-c1", "-W1", "-I", INTERNET)
    with Capture(isp, "line") as line:
        isp.run(*ping, UNASSIGNED, check=False)
        line.await_frames("an error comes back", lambda frame: refusal(UNASSIGNED, frame))
        isp.run(*ping, lab.hosts[0].usable(START)[0])
        seen = line.read()
    assert codes(seen, UNASSIGNED) == [(1, NO_ROUTE)]
    assert [frame.leaving for frame in seen if towards(UNASSIGNED, frame)] == [True]
