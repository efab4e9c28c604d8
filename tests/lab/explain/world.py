"""A router between links, all of it namespaces, and frames sent to it one by one."""

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from agent.port import netlink
from firewall.command import loaded
from firewall.command.facts import Facts
from packager.isp import namespaces
from tests.lab.explain.octets import Packet
from tests.lab.explain.trace import MARK, TABLE, Trace
from tests.lab.firewall import addresses as at
from tests.lab.firewall import room, standin
from tests.lab.firewall import world as stocks
from tests.lab.firewall.spaces import Space

LINKS = ("wan", "lan0", "lan1", "guest0")
# Hosts of each link: addresses, or prefixes of which any.
HOSTS = {
    "wan": ["2001:2:0:f000::/64", "2001:2:0:f000::5", "198.18.0.7", "198.18.77.0/24"],
    "lan0": ["2001:2:0:1001::/64", "2001:2:0:1001::10", "fd00:1:2:1::5", "2001:2:0:2001::/64",
             "192.168.1.0/24", "192.168.1.10"],
    "lan1": ["2001:2:0:1002::/64", "2001:2:0:1002::7", "fd00:1:2:2::5", "192.168.2.0/24",
             "192.168.2.5"],
    "guest0": ["2001:2:0:1003::/64", "fd00:1:2:3::5", "192.168.3.0/24"],
}  # fmt: skip
# Where packets go besides: groups, what is routed nowhere; the router itself.
FAR = ["ff0e::5", "2001:2:0:1077::1", "2001:2:0:f000::5", "2001:4860::8", "::1", "239.1.1.1",
       "203.0.113.9", "198.18.77.9", "0.0.0.0", "127.0.0.1"]  # fmt: skip
ROUTER = ["2001:2:0:1::1000", "2001:2:0:1001::1", "2001:2:0:1002::1", "fe80::1", "ff02::1",
          "ff02::2", "2001:2:0:1001::", "192.168.1.1", "192.168.1.1", "198.18.0.2", "198.18.0.2",
          "192.168.1.255", "255.255.255.255", "224.0.0.1"]  # fmt: skip
COMMANDS = (
    "link set lo up",
    *(f"link set {link} addrgenmode none up" for link in LINKS),
    *(f"address add fe80::1/64 dev {link} nodad" for link in LINKS),
    "address add 2001:2:0:1::1000/64 dev wan nodad",
    "address add 198.18.0.2/24 dev wan",
    *(f"address add 2001:2:0:100{n}::1/64 dev {link} nodad" for n, link in enumerate(LINKS) if n),
    *(f"address add fd00:1:2:{n}::1/64 dev {link} nodad" for n, link in enumerate(LINKS) if n),
    *(f"address add 192.168.{n}.1/24 dev {link}" for n, link in enumerate(LINKS) if n),
    "route add unreachable 2001:2:0:1000::/56 metric 2147483647",
    "route add 2001:2:0:2001::/64 dev lan0",
    "route add default via fe80::2 dev wan",
    "route add default via 198.18.0.1",
)
SYSCTLS = {
    "ipv4__ip_forward": 1,
    "ipv6__conf__all__forwarding": 1,
    "ipv4__conf__all__rp_filter": 0,
    "ipv4__conf__default__rp_filter": 0,
    "ipv6__conf__default__accept_dad": 0,
    "ipv6__conf__default__router_solicitations": 0,
}
# linux/netfilter/nfnetlink_conntrack.h: without attributes all entries go
NETLINK_NETFILTER, CT_DELETE, NLM_F_REQUEST, NLM_F_ACK = 12, 1 << 8 | 2, 1, 4
IPV4, IPV6 = 0x0800, 0x86DD


class End(NamedTuple):
    """The other end of one of the router's links."""

    space: Space
    name: str
    mac: str
    router_mac: str


class World:
    """The router and its links' far ends. Everything is sent on one processor: then it has passed
    when sending returns, and packets pass in the order in which they are sent."""

    def __init__(
        self,
        router: Space,
        ends: dict[str, End],
        hosts: dict[str, list[str]],
        far: list[str],
        own: list[str],
    ) -> None:
        """hosts, far, own: what draws.Draws takes."""
        self.router, self.hosts, self.far, self.own = router, hosts, far, own
        self._ends = ends
        self._cpus = os.sched_getaffinity(0)
        self._sockets: dict[str, socket.socket] = {}
        for link, end in ends.items():
            with end.space.inside():
                self._sockets[link] = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
                self._sockets[link].bind((end.name, 0))
        with router.inside():
            self.names = _names()

    def close(self) -> None:
        for each in self._sockets.values():
            each.close()

    def load(self, text: str) -> None:
        """Load a ruleset besides what is there, and the spy's table if there is none."""
        self.router.run("nft", "-f", "-", stdin=text)

    def spy(self) -> Trace:
        self.router.run("nft", "-f", "-", stdin=TABLE)
        return Trace(self.router)

    def send(self, packets: list[Packet]) -> None:
        """Send frames to the router; they have passed its rules when this returns."""
        os.sched_setaffinity(0, {min(self._cpus)})
        try:
            for packet in packets:
                kind = IPV6 if packet.is6 else IPV4
                end = self._ends[packet.iif]
                macs = bytes.fromhex((end.router_mac + end.mac).replace(":", ""))
                frame = macs + kind.to_bytes(2, "big") + packet.octets()
                self._sockets[packet.iif].send(frame)
        finally:
            os.sched_setaffinity(0, self._cpus)

    def send_own(self, packets: list[Packet]) -> None:
        """The router itself sends these; what has no route or is denied can't be sent."""
        with self.router.inside():
            sockets = [socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
                       for family in (socket.AF_INET, socket.AF_INET6)]  # fmt: skip
        os.sched_setaffinity(0, {min(self._cpus)})
        try:
            for each in sockets:
                each.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, MARK)
                each.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            for packet in packets:
                with suppress(OSError):
                    sockets[packet.is6].sendto(packet.octets(), (packet.destination, 0))
        finally:
            os.sched_setaffinity(0, self._cpus)
            for each in sockets:
                each.close()

    def forget(self) -> None:
        """Let conntrack forget all flows."""
        with self.router.inside():
            asks = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        with asks:
            asks.send(
                struct.pack("=IHHIIBBH", 20, CT_DELETE, NLM_F_REQUEST | NLM_F_ACK, 1, 0, 0, 0, 0)
            )
            answer = asks.recv(4096)
        assert struct.unpack_from("=i", answer, 16)[0] == 0, answer

    def listing(self) -> list[dict[str, Any]]:
        """What is loaded, with the elements of sets, as explain asks for it."""
        with self.router.inside():
            objects = loaded.objects()
            for item in objects:
                for kind in ("set", "map"):
                    if kind in item:
                        body = item[kind]
                        found = loaded.fetch(body["family"], body["table"], body["name"])
                        body["elem"] = found
        return objects

    def facts(self) -> Facts:
        with self.router.inside():
            return loaded.facts()


@contextmanager
def small() -> Iterator[World]:
    """A router with four links, for rulesets written by hand."""
    router, far = Space("router"), Space("far")
    try:
        router.sysctl(**SYSCTLS)
        far.sysctl(ipv6__conf__default__disable_ipv6=1)
        ends = {}
        for number, link in enumerate(LINKS):
            end = End(far, link, f"00:00:5e:00:53:{number + 0x20:02x}",
                      f"00:00:5e:00:53:{number + 0x10:02x}")  # fmt: skip
            argv = ["ip", "link", "add", link, "netns", router.path, "address", end.router_mac]
            argv += ["type", "veth", "peer", "name", link, "netns", far.path]
            namespaces.run([*argv, "address", end.mac])
            ends[link] = end
        far.ip(*(f"link set {link} up" for link in LINKS))
        router.ip(*COMMANDS)
        world = World(router, ends, HOSTS, FAR, ROUTER)
        try:
            yield world
        finally:
            world.close()
    finally:
        router.close()
        far.close()


@contextmanager
def stock(name: str) -> Iterator[World]:
    """The firewall's room with one of the stock home routers loaded (tests/lab/firewall/world)."""
    made = room.Room()
    try:
        standin.load(made, stocks.ruleset(name))
        ends = {
            link: End(space, room.FAR_LINK, room.far_mac(link), room.router_mac(link))
            for link, space in made.far.items()
        }
        hosts = {"wan": [at.FAR6 + "/64", at.WAN6 + "/64", "198.19.0.0/24", "198.19.6.5"],
                 at.SOFTWIRE: ["198.19.6.0/23", "198.19.7.9", at.FAR6 + "/64"]}  # fmt: skip
        own = [at.WAN6_ROUTER, at.WAN4_ROUTER, at.WAN4_ROUTER, "fe80::1", "ff02::1", "ff02::2",
               "224.0.0.1", "255.255.255.255"]  # fmt: skip
        for lan in at.LANS:
            hosts[lan] = [at.lan6(lan) + "/64", at.lan6(lan) + "/64", at.lan6(lan, at.ULA) + "/64",
                          at.lan6(lan, at.STALE) + "/64", at.lan4(lan) + "/20"]  # fmt: skip
            own += [at.router6(lan), at.router4(lan), at.router4(lan)]
        hosts["lan0"] += [at.SERVER]
        far = [at.UNROUTED + "5", at.DELEGATED.partition("/")[0] + "7", "fd99::1", "2001:4860::8",
               "203.0.113.9", "10.1.2.3", "239.1.1.1", "ff0e::5", "::1"]  # fmt: skip
        world = World(made.router, ends, hosts, far, own)
        try:
            yield world
        finally:
            world.close()
    finally:
        made.close()


def _names() -> dict[int, str]:
    kernel = netlink.Kernel()
    try:
        return {link.index: link.name for link in kernel.dump("link")}
    finally:
        kernel.close()
