"""What runs on the room's router: sockets in the place of its services, and multicast routes.

A packet that one of them reads has passed the input hook. Multicast forwarding is real (MRT6 of
linux/mroute6.h), so that RFC 6092 REC-1 and 2 are tested by packets that would be forwarded.
"""

import contextlib
import socket
import struct
from collections.abc import Iterator

from tests.lab.firewall import addresses as at
from tests.lab.firewall.room import Room

UDP_PORTS = (53, 67, 68, 123, 161, 546, 547, 5353, 5351)
TCP_PORTS = (22, 53, 80, 443)
MRT6_INIT, MRT6_ADD_MIF, MRT6_ADD_MFC = 200, 202, 204
IPV6_JOIN_GROUP = 20
GROUPS = ("ff02::1:2", "ff05::1:3", "ff02::fb")  # DHCPv6 servers and relays, mDNS
REPORTS = "ff02::16"  # RFC 3810: multicast routers listen there


class Programs:
    """The router's listening sockets."""

    def __init__(self, room: Room) -> None:
        self.listening: dict[str, socket.socket] = {}
        self.closing: list[socket.socket] = []
        self.servers: list[socket.socket] = []
        self.routed: set[tuple[str, str, str]] = set()
        self.room = room
        with room.router.inside():
            self.indexes = {link: socket.if_nametoindex(link) for link in at.LINKS}
            for port in UDP_PORTS:
                self.listening[f"udp/{port}"] = self._udp(port)
            self.listening["icmp6"] = socket.socket(
                socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6
            )
            self.listening["icmp4"] = socket.socket(
                socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP
            )
            self.listening["igmp"] = socket.socket(
                socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_IGMP
            )
            for index in self.indexes.values():
                request = socket.inet_pton(socket.AF_INET6, REPORTS) + struct.pack("@I", index)
                self.listening["icmp6"].setsockopt(socket.IPPROTO_IPV6, IPV6_JOIN_GROUP, request)
            self._route_multicast()
        for each in self.listening.values():
            each.setblocking(False)
            each.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)

    def serve(self) -> None:
        """TCP servers that have not heard of any connection yet."""
        for each in self.servers:
            each.close()
        with self.room.router.inside():
            self.servers = [
                socket.create_server(
                    ("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=4096
                )
                for port in TCP_PORTS
            ]

    def _udp(self, port: int) -> socket.socket:
        opened = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        opened.bind(("::", port))
        for group in GROUPS:
            for index in self.indexes.values():
                request = socket.inet_pton(socket.AF_INET6, group) + struct.pack("@I", index)
                opened.setsockopt(socket.IPPROTO_IPV6, IPV6_JOIN_GROUP, request)
        return opened

    def _route_multicast(self) -> None:
        """This router is a multicast router, on all links."""
        self.router6 = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
        self.closing.append(self.router6)
        self.router6.setsockopt(socket.IPPROTO_IPV6, MRT6_INIT, 1)
        for number, link in enumerate(at.LINKS):
            # struct mif6ctl: mif, flags, threshold, interface, rate limit
            control = struct.pack("@HBBHI", number, 0, 1, self.indexes[link], 0)
            self.router6.setsockopt(socket.IPPROTO_IPV6, MRT6_ADD_MIF, control)

    def forward(self, source: str, group: str, link: str) -> None:
        """Multicast from that source to that group comes by that link and leaves by all others."""
        if (source, group, link) in self.routed:
            return
        self.routed.add((source, group, link))
        outgoing = sum(1 << number for number, name in enumerate(at.LINKS) if name != link)
        control = _sockaddr(source) + _sockaddr(group)
        control += struct.pack("@H2x", at.LINKS.index(link)) + struct.pack("@I28x", outgoing)
        self.router6.setsockopt(socket.IPPROTO_IPV6, MRT6_ADD_MFC, control)

    def read(self) -> Iterator[tuple[int, str]]:
        """(case number, program) of all that came since."""
        for name, each in self.listening.items():
            while True:
                try:
                    data, sender = each.recvfrom(65536)
                except BlockingIOError:
                    break
                if name == "icmp4":
                    yield at.number_of(data), f"icmp4/{data[20]}"
                    continue
                if name == "igmp":
                    yield at.number_of(data), "igmp"
                    continue
                packed = b""
                with contextlib.suppress(OSError):
                    packed = socket.inet_pton(socket.AF_INET6, sender[0].partition("%")[0])
                number = at.number_of(b"\0" + data) or at.number_of(b"\0" + packed)
                yield number, f"icmp6/{data[0]}" if name == "icmp6" else name

    def close(self) -> None:
        """Close all."""
        for each in [*self.listening.values(), *self.closing, *self.servers]:
            each.close()


def _sockaddr(address: str) -> bytes:
    return struct.pack("@HHI16sI", socket.AF_INET6, 0, 0,
                       socket.inet_pton(socket.AF_INET6, address), 0)  # fmt: skip
