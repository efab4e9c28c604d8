"""The ends of the room's cables: one process sends and takes frames in all namespaces.

Everything that a packet sets off in the router happens in its softirq on this processor, in order,
so `fence()` (a frame through a cable beside, as many times as the longest path has hops) returns
when all that was sent before has arrived. No wait is a guess.
"""

import os
import socket
import struct
from collections.abc import Iterator

from packager.isp import namespaces
from tests.lab.firewall import addresses as at
from tests.lab.firewall.room import FAR_LINK, Room, far_mac, router_mac

ETH_P_ALL = 3
ETH_P_IP, ETH_P_IPV6 = 0x0800, 0x86DD
SOL_PACKET, PACKET_IGNORE_OUTGOING = 263, 23  # linux/if_packet.h
SO_RCVBUFFORCE = 33
BUFFER = 32 << 20
FENCE = b"\xff" * 12 + b"\x88\xb5" + b"frostgate fence" + bytes(40)  # a local experimental type
HOPS = 3
# Next header ICMPv6 with hop limit 255: see read()
LOCAL_ICMP6 = bytes([58, 255])


def octets(mac: str) -> bytes:
    """A MAC's six octets."""
    return bytes.fromhex(mac.replace(":", ""))


def heading(link: str, packet: bytes) -> bytes:
    """The Ethernet header for an IP packet to the router, or to the group that it is for."""
    target = octets(router_mac(link))
    if packet[0] >> 4 == 6:
        if packet[24] == 0xFF:  # RFC 2464 section 7
            target = b"\x33\x33" + packet[36:40]
        kind = ETH_P_IPV6
    else:
        if 224 <= packet[16] < 240:  # RFC 1112 section 6.4
            target = b"\x01\x00\x5e" + bytes([packet[17] & 0x7F]) + packet[18:20]
        elif packet[16:20] == b"\xff" * 4:
            target = b"\xff" * 6
        kind = ETH_P_IP
    return target + octets(far_mac(link)) + struct.pack("!H", kind)


class Sides:
    """A packet socket at each far end, and the fence. This thread keeps to one processor."""

    def __init__(self, room: Room, processor: int | None = None) -> None:
        usable = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {usable[(processor or 0) % len(usable)]})
        self.room = room
        self.sockets = {link: open_packets(room, link) for link in at.LINKS}
        namespaces.run(
            ["ip", "link", "add", "fence0", "netns", room.far["wan"].path, "type", "veth"]
            + ["peer", "name", "fence1", "netns", room.far["wan"].path]
        )
        wan = room.far["wan"]
        wan.ip(*[f"link set {name} addrgenmode none up" for name in ("fence0", "fence1")])
        with wan.inside():
            self.fences = [_packets("fence0"), _packets("fence1")]
        self.fences[1].settimeout(5.0)
        with room.router.inside():
            self.raw6 = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
            self.raw4 = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)

    def close(self) -> None:
        """Close all sockets."""
        for each in [*self.sockets.values(), *self.fences, self.raw6, self.raw4]:
            each.close()

    def send(self, side: str, packet: bytes) -> None:
        """Send an IP packet from a far end to the router, or ("router") by the router itself."""
        if side != "router":
            self.sockets[side].send(heading(side, packet) + packet)
            return
        try:
            if packet[0] >> 4 == 6:
                target = socket.inet_ntop(socket.AF_INET6, packet[24:40])
                scope = 0
                if packet[24] == 0xFF or packet[24:26] == b"\xfe\x80":
                    with self.room.router.inside():
                        scope = socket.if_nametoindex("wan")
                self.raw6.sendto(packet, (target, 0, 0, scope))
            else:
                self.raw4.sendto(packet, (socket.inet_ntoa(packet[16:20]), 0))
        except PermissionError:  # the output hook dropped it, which is for the case to say
            pass

    def fence(self) -> None:
        """Return when all that was sent, and what it set off, has arrived."""
        for _ in range(HOPS):
            self.fences[0].send(FENCE)
            while self.fences[1].recv(2048)[:40] != FENCE[:40]:
                pass

    def read(self) -> Iterator[tuple[str, bytes]]:
        """What has arrived since: (side, IP packet), frames' padding cut off."""
        for side, each in self.sockets.items():
            while True:
                try:
                    frame = each.recv(65536)
                except BlockingIOError:
                    break
                kind = frame[12:14]
                # The router asks on its own time whether a neighbour is still there.
                if frame[20:22] == LOCAL_ICMP6 and frame[54:55] == b"\x87":
                    continue
                if kind == b"\x86\xdd" and len(frame) >= 54:
                    yield side, frame[14 : 14 + 40 + int.from_bytes(frame[18:20], "big")]
                elif kind == b"\x08\x00" and len(frame) >= 34:
                    yield side, frame[14 : 14 + int.from_bytes(frame[16:18], "big")]


def open_packets(room: Room, link: str) -> socket.socket:
    """A packet socket at a link's far end."""
    with room.far[link].inside():
        return _packets(FAR_LINK)


def _packets(link: str) -> socket.socket:
    opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
    opened.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    opened.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
    opened.bind((link, ETH_P_ALL))
    return opened
