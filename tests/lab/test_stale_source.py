"""RFC 7084 L-14: a host that still uses a withdrawn prefix hears of it, if a rule rejects that.

The rule here stands in for a firewall's. The answer takes the on-link route that lan_prefix lets
stay; taken away, the answer leaves by the WAN.
"""

from typing import Any

import pytest
from scapy.layers.inet6 import ICMPv6DestUnreach, IPerror6

from packager.isp import wait
from packager.isp.isp import INTERNET, Lifetimes
from tests.lab.capture import Capture, Frame
from tests.lab.lab import Lab, running

pytestmark = pytest.mark.root

# Renewed soon, so that the renumbering is heard of; and what was told before it lasts for the test.
TIMES = Lifetimes(renew=3, rebind=90, preferred=120, valid=180, router=180)
FIRST, SECOND = "2001:db8:10", "2001:db8:20"
OLD_SUBNET = "2001:db8:1000:1::/64"  # of lan0
RULES = """
table ip6 stand_in {
    chain forward {
        type filter hook forward priority 0
        iifname "lan*" ip6 saddr 2001:db8:1000::/56 reject with icmpv6 type policy-fail
    }
}
"""


def about(source: str, frame: Frame) -> bool:
    """Whether it is an ICMPv6 error, type 1 code 5, about a packet from this source."""
    if ICMPv6DestUnreach not in frame.ether:
        return False
    error = frame.ether[ICMPv6DestUnreach]
    return error.code == 5 and bool(frame.ether[IPerror6].src == source == frame.ip.dst)


def old_route(lab: Lab) -> dict[str, Any]:
    """lan0's on-link route of the withdrawn prefix; {} when it is gone."""
    found = [route for route in lab.router.routes() if route["dst"] == OLD_SUBNET]
    assert len(found) <= 1, found
    return found[0] if found else {}


def test_rfc_7084_l_14_a_host_that_uses_a_withdrawn_prefix_is_answered() -> None:
    with running(TIMES) as lab:
        lab.settle(FIRST)
        host, router = lab.hosts[0], lab.router.machine
        lab.isp.renumber()
        lab.settle(SECOND)
        stale = host.await_deprecated(FIRST)
        # While duplicate address detection lasts, errors come from the link-local address.
        wait.until(
            "lan0 has its new address alone, and may use it",
            lambda: [(a["local"], a.get("tentative")) for a in lab.router.global_addresses("lan0")],
            lambda seen: seen == [("2001:db8:2000:1::1", None)],
        )
        route = old_route(lab)
        assert (route["dev"], route["protocol"], route["metric"]) == ("lan0", "118", 118)
        assert 0 < route["expires"] <= TIMES.valid
        router.write("/run/rules", RULES)
        router.run("nft", "-f", "/run/rules")
        with Capture(host.machine, "eth0") as lan, Capture(lab.isp.machine, "line") as line:
            assert not host.ping(stale)
            heard = lan.await_frames("the host hears of it", lambda frame: about(stale, frame))
            assert {frame.ip.src for frame in heard} == {"2001:db8:2000:1::1"}
            host.await_ping(host.usable(SECOND)[0])
            assert [frame for frame in line.read() if about(stale, frame)] == []
            # What it was like without the route, and that nobody puts back what nobody wants.
            router.ip("route", "del", OLD_SUBNET, "dev", "lan0")
            assert not host.ping(stale, target=INTERNET)
            line.await_frames("the answer goes astray", lambda frame: about(stale, frame))
            assert old_route(lab) == {}
