"""`field ppp COUNT | lease`, inside the machine: the cases from the field.

ppp: a pppd-like service dies COUNT times and returns with another ifindex. Its default route, an
address that follows it and an element of an nft set follow its outputs. The milliseconds from the
publication to the last of the three are printed, one JSON list.
"""

import json
import os
import select
import signal
import socket
import struct
import sys
import threading
import time
from pathlib import Path
from typing import Any

from agent import outputs
from packager.isp import wait
from tests import runtimes
from tests.lab.supervision.graphs import longrun
from tests.lab.supervision.hand import Hand, is_alive, run
from tests.lab.supervision.room import OUTPUTS, TOP

JOURNAL = TOP + "/ppp.journal"
RTMGRP_IPV4 = 0x10 | 0x40  # linux/rtnetlink.h: addresses, routes
NETLINK_NETFILTER, NFNLGRP_NFTABLES, NFT_MSG_NEWSETELEM = 12, 7, 12
SOL_NETLINK, NETLINK_ADD_MEMBERSHIP = 270, 1
RTM_NEWADDR, RTM_NEWROUTE = 20, 24
LO = 1  # the first link of each network namespace
RULES = """
table inet lab {
    set wan { type iface_index; }
    chain in { type filter hook input priority 0; iif @wan counter; }
}
"""


def graph() -> dict[str, Any]:
    """ppp and what follows it."""

    def follower(do: str, undo: str, **env: str) -> dict[str, Any]:
        references = {key: {"output": f"ppp/{path}"} for key, path in env.items()}
        return {
            "type": "oneshot",
            "run": ["sh", "-c", "exec " + do],
            "stop": ["sh", "-c", "exec " + undo],
            "needs": {"link": {"output": "ppp/ifname"}, "is": "up"},
            "env": references,
        }

    route = 'ip route {} default dev "$IFNAME"'
    address = 'ip address {} "$ADDRESS/32" dev lo'
    zone = 'nft {} element inet lab wan "{{ $IFINDEX }}"'
    ppp = {
        "type": "longrun",
        "run": [sys.executable, "-m", "tests.lab.supervision.pppd"],
        "outputs": ["ifname", "ifindex", "address"],
        "env": {"PYTHONPATH": str(runtimes.ROOT), "PPP_JOURNAL": JOURNAL},
        "ready": "notify",
        "back-off": {"first": 0.05, "cap": 0.1},
        "breaker": {"failures": 1000},
    }
    return {
        "ppp": ppp,
        "route": follower(route.format("replace"), route.format("delete"), IFNAME="ifname"),
        "address": follower(address.format("add"), address.format("delete"), ADDRESS="address"),
        "zone": follower(zone.format("add"), zone.format("delete"), IFINDEX="ifindex"),
    }


class Events:
    """When the kernel told of what the followers do: names in `seen`, monotonic nanoseconds."""

    def __init__(self) -> None:
        self.links = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self.links.bind((0, RTMGRP_IPV4))
        self.rules = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        self.rules.bind((0, 0))
        self.rules.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, NFNLGRP_NFTABLES)
        self.seen: list[tuple[int, str]] = []
        # Whoever waits for something looks every now and then; the time is taken here.
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            ready = select.select([self.links, self.rules], [], [])[0]
            now = time.monotonic_ns()
            self._take_all(now, ready)

    def _take_all(self, now: int, ready: list[socket.socket]) -> None:
        for source in ready:
            data, offset = source.recv(65536), 0
            while offset + 16 <= len(data):
                length, kind = struct.unpack_from("=IH", data, offset)
                self._take(now, kind, data[offset + 16 : offset + length])
                offset += (length + 3) & ~3

    def _take(self, now: int, kind: int, body: bytes) -> None:
        if kind == RTM_NEWROUTE and body[1] == 0:  # rtm_dst_len
            self.seen.append((now, "route"))
        elif kind == RTM_NEWADDR and struct.unpack_from("=I", body, 4)[0] == LO:
            self.seen.append((now, "address"))
        elif kind == 10 << 8 | NFT_MSG_NEWSETELEM:  # NFNL_SUBSYS_NFTABLES
            self.seen.append((now, "zone"))

    def since(self, begin: int) -> dict[str, int]:
        """The first of each kind after this moment."""
        found: dict[str, int] = {}
        for when, name in list(self.seen):
            if when >= begin:
                found.setdefault(name, when)
        return found


def publications() -> list[tuple[int, int, str]]:
    """What the daemon wrote down: nanoseconds, ifindex, address."""
    path = Path(JOURNAL)
    lines = path.read_text().splitlines() if path.exists() else []
    return [(int(w), int(i), a) for w, i, a in (line.split() for line in lines)]


def standing() -> dict[str, Any]:
    """What is there of the followers' work now."""
    routes = json.loads(run("ip", "-j", "-4", "route", "show", "default"))
    links = {link["ifname"]: link["ifindex"] for link in json.loads(run("ip", "-j", "link"))}
    on_lo = json.loads(run("ip", "-j", "-4", "address", "show", "dev", "lo"))[0]["addr_info"]
    rules = json.loads(run("nft", "-j", "list", "set", "inet", "lab", "wan"))["nftables"]
    elements = next(item["set"] for item in rules if "set" in item).get("elem", [])
    return {
        "routes": [links.get(route.get("dev")) for route in routes],
        "addresses": [item["local"] for item in on_lo if item["local"] != "127.0.0.1"],
        "zone": [links.get(element, element) for element in elements],
    }


def ppp(count: int) -> None:
    """The daemon dies and returns; prints the follow times."""
    hand, events = Hand(), Events()
    Path(JOURNAL).unlink(missing_ok=True)
    rules = Path(TOP, "rules")
    rules.write_text(RULES)
    run("nft", "-f", str(rules))
    hand.load(graph())
    times = [_follow(hand, events, 0)]
    old = publications()[-1][1]
    for number in range(1, count + 1):
        pid = hand.kill("ppp", signal.SIGKILL if number % 2 else signal.SIGTERM)
        times.append(_follow(hand, events, number))
        assert not is_alive(pid)
        new = publications()[-1][1]
        assert new != old, new
        old = new
    hand.await_up("ppp", "route", "address", "zone")
    hand.ask("stop", "ppp")
    nothing: dict[str, Any] = {"routes": [], "addresses": [], "zone": []}
    wait.until("nothing is left", standing, lambda s: s == nothing, evidence=hand.log)
    wait.until("no outputs", lambda: outputs.read(OUTPUTS, "ppp"), lambda seen: seen is None)
    hand.load({})
    wait.until("no services", hand.states, lambda seen: not seen, evidence=hand.log)
    print(json.dumps(times))


def _follow(hand: Hand, events: Events, number: int) -> float:
    """Wait for publication `number` and all that follows it; milliseconds from the one to the
    others."""

    def followed() -> dict[str, int]:
        told = publications()
        return events.since(told[number][0]) if len(told) > number else {}

    def why() -> str:
        lines = [json.dumps(line) for name in graph() for line in hand.ask_surely("why", name)]
        return "\n".join([*lines, hand.log()])

    seen = wait.until(
        f"route, address and zone follow publication {number}",
        followed,
        lambda seen: len(seen) == 3,
        evidence=why,
    )
    begin, index, address = publications()[number]
    now = {"routes": [index], "addresses": [address], "zone": [index]}
    wait.until("nothing of the old is left", standing, lambda seen: seen == now, evidence=why)
    return (max(seen.values()) - begin) / 1e6


def lease() -> None:
    """A client that waits for its lease, without an end, delays nothing: neither the service of
    the link that would bring the lease nor others that start, stop or are asked for."""
    hand = Hand()
    hand.remove_link("r0")
    hand.values.clear()  # the modem's outputs are published here
    hand.behave("client", "mute")
    bring = "ip link add r0 type veth peer name r0p && ip link set r0p up && ip link set r0 up"
    hand.load(
        {
            "client": longrun("client", ready="notify", up_timeout=0),
            "modem": longrun("modem", outputs=["state"]),
            "link": {
                "type": "oneshot",
                "run": ["sh", "-c", bring],
                "stop": ["ip", "link", "del", "r0"],
                "needs": {"output": "modem/state", "equals": "synchronised"},
            },
            "user": longrun("user", needs={"link": "r0"}),
            "online": longrun("online", needs={"service": "client"}),
        }
    )
    hand.await_up("modem")
    pid = wait.until("the client runs", lambda: hand.pid("client"), evidence=hand.log)
    assert hand.states()["client"] == "starting"
    begin = time.monotonic()
    outputs.publish(OUTPUTS, "modem", {"state": "synchronised"})
    hand.await_up("link", "user")
    took = (time.monotonic() - begin) * 1000
    assert hand.states()["client"] == "starting"
    assert hand.pid("client") == pid
    old = hand.pid("modem")
    hand.ask("restart", "modem")  # the link goes with it and is brought again
    wait.until("the link is taken down", lambda: hand.index("r0"), lambda seen: not seen)
    hand.await_other("modem", old)
    assert outputs.read(OUTPUTS, "modem") is None
    outputs.publish(OUTPUTS, "modem", {"state": "synchronised"})
    hand.await_up("link", "user")
    assert hand.states()["client"] == "starting"
    hand.behave("client", "")
    hand.kill("client", signal.SIGTERM)  # it returns, and now there is a lease
    hand.await_up("client", "online")
    hand.load({})
    wait.until("no services", hand.states, lambda seen: not seen, evidence=hand.log)
    assert not os.path.exists("/sys/class/net/r0")
    print(f"{took:.1f}")


if __name__ == "__main__":
    if sys.argv[1] == "ppp":
        ppp(int(sys.argv[2]))
    else:
        lease()
