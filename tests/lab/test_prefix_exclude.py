"""RFC 6603 end to end: Kea excludes a /64 of what it delegates, and dhcpcd tells its hook.

dhcpcd 9.4.1 can learn of it by rapid commit alone: what it sends itself is malformed as soon as it
knows of an excluded prefix. docs/prefixes.md tells what follows from that.
"""

from collections.abc import Iterator

import pytest
from scapy.layers.inet6 import ICMPv6DestUnreach

from packager.isp import wait
from packager.isp.isp import Lifetimes
from packager.isp.namespaces import run
from tests.lab.capture import Capture, message_name
from tests.lab.lab import LANS, Lab, running
from tests.lab.router import LEASE, entries
from tests.lab.sniffer import Sniffer
from tests.lab.table import routes

pytestmark = pytest.mark.root

TIMES = Lifetimes(renew=3, rebind=5, preferred=500, valid=600, router=60)
EXCLUDED = "2001:db8:1000:1::"  # lan0's id is 1: it would have this one
ISPS_OWN = "2001:db8:1000:1::1"  # what the ISP uses it for
UNASSIGNED = "2001:db8:1000:77::1"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with running(TIMES, isp=False, router=False) as made:
        made.isp.excluded = EXCLUDED
        made.isp.start()
        made.isp.machine.ip("address", "add", f"{ISPS_OWN}/128", "dev", "lo")
        made.router.options += ["dhcp6_pd_exclude", "dhcp6_rapid_commit"]
        made.router.start(client=False)
        yield made


@pytest.fixture(scope="module")
def line(lab: Lab) -> Iterator[Capture]:
    """All that passes the WAN line, from before the client's start."""
    with Capture(lab.isp.machine, "line") as made:
        yield made


def test_an_excluded_64_is_on_no_lan_and_leads_to_the_isp(lab: Lab, line: Capture) -> None:
    assert line.dhcpv6() == []
    with Sniffer(lab.hosts[0].machine, "eth0") as sniffer:
        lab.router.start_client()
        lab.settle("2001:db8:1000:")
        heard = sorted({prefix for ra in sniffer.read() for prefix in ra.prefixes})
    lease = lab.router.outputs(LEASE)
    (key,) = entries(lease, "prefix")
    told = [lease[f"prefix/{key}/{name}"] for name in ("prefix", "excluded", "excluded-length")]
    assert told == ["2001:db8:1000::", EXCLUDED, "64"]
    # 20: where lan0's name leads, its id being taken (allocator.py)
    lans = {"lan0": {"2001:db8:1000:20::/64"}, "lan1": {"2001:db8:1000:2::/64"}}
    assert {name: lab.router.lan_prefixes(name) for name in LANS} == lans
    assert heard == ["2001:db8:1000:20::/64"]
    ours = [line for line in routes(lab, "router") if "2001:db8:1000:" in line]
    gateway = lab.router.gateways()[0]
    assert ours == [
        "2001:db8:1000:1::/64 via %s dev wan" % gateway,
        "2001:db8:1000:20::/64 dev lan0",
        "2001:db8:1000:2::/64 dev lan1",
        "unreachable 2001:db8:1000::/56",
    ]
    host = lab.hosts[0]
    assert host.ping(target=ISPS_OWN)
    with Capture(host.machine, "eth0") as lan:
        assert not host.ping(target=UNASSIGNED)
        lan.await_frames("no route comes back", lambda frame: ICMPv6DestUnreach in frame.ether)


def test_dhcpcd_9_4_1_renews_an_excluded_prefix_with_messages_that_kea_drops(
    lab: Lab, line: Capture
) -> None:
    version = run(["dhcpcd", "--version"]).split()[1]
    if version != "9.4.1":
        pytest.skip(f"dhcpcd {version}, not 9.4.1: look whether it may ask for option 67 now")

    if LEASE not in lab.router.machine.services:  # this test alone, or on a worker of its own
        lab.router.start_client()

    def seen() -> list[tuple[bool, str]]:
        return [(leaving, message_name(message)) for leaving, message in line.dhcpv6()]

    # Who hears a Reply to its Renew sends no Rebind
    wait.until("a Rebind", seen, lambda now: (False, "REBIND") in now)
    renew = seen().index((False, "RENEW"))
    assert (True, "REPLY") in seen()[:renew]
    assert set(seen()[renew:]) == {(False, "RENEW"), (False, "REBIND")}
    for _, message in line.dhcpv6()[renew:]:
        # OPTION_PD_EXCLUDE of no octets, behind an IAPREFIX of 25; the least is 2 (section 4.2)
        assert b"\x00\x1a\x00\x19" in bytes(message)
        assert b"\x00\x43\x00\x00" in bytes(message)
