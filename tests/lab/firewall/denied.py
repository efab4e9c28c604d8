"""Streams of packets that must not pass, and a watch at every far end for one that does.

All bear TRAFFIC_CLASS, by which a socket filter in the kernel picks them out of what may pass.
"""

import socket
import struct
from ctypes import addressof, create_string_buffer

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrRouting
from scapy.packet import Packet, Raw

from tests.lab.firewall import addresses as at
from tests.lab.firewall.room import Room
from tests.lab.firewall.sides import heading, open_packets

TRAFFIC_CLASS = 0x48
SO_ATTACH_FILTER = 26  # asm-generic/socket.h
# struct sock_filter: code, jump if true, jump if false, constant (linux/filter.h)
FILTER = (
    (0x28, 0, 0, 12),  # ldh [12], the Ethernet type
    (0x15, 0, 3, 0x86DD),  # IPv6: else +3
    (0x28, 0, 0, 14),  # ldh [14], version, class, flow
    (0x54, 0, 0, 0x0FF0),  # and
    (0x15, 3, 4, TRAFFIC_CLASS << 4),  # take or leave
    (0x15, 0, 3, 0x0800),  # IPv4: else leave
    (0x30, 0, 0, 15),  # ldb [15], type of service
    (0x15, 0, 1, TRAFFIC_CLASS),
    (0x06, 0, 0, 0x40000),  # take
    (0x06, 0, 0, 0),  # leave
)


def _packets() -> dict[str, tuple[str, Packet]]:
    """What is denied: name, the side that it is sent at, the packet."""
    far, host = at.marked(at.FAR6, 2), at.marked(at.lan6("lan0"), 1)
    guest = at.marked(at.lan6("guest0"), 2)

    def six(source: str, target: str) -> Packet:
        return IPv6(src=source, dst=target, tc=TRAFFIC_CLASS)

    def four(source: str, target: str) -> Packet:
        return IP(src=source, dst=target, tos=TRAFFIC_CLASS)

    udp = UDP(sport=9, dport=9)
    syn = TCP(sport=9, dport=9, flags="S")
    routing = IPv6ExtHdrRouting(type=0, segleft=1, addresses=[far])
    return {
        "unsolicited UDP": ("wan", six(far, host) / udp),
        "unsolicited SYN": ("wan", six(far, host) / syn),
        "an inside source": ("wan", six(at.marked(at.lan6("lan1"), 2), host) / udp),
        "a documentation source": ("wan", six(at.marked("2001:db8::", 2), host) / udp),
        "a unique local source": ("wan", six(at.marked("fd00:9::", 2), host) / udp),
        "routing header 0": ("wan", six(far, host) / routing / udp),
        "IPv4 to a host": ("wan", four(at.far4(2), at.host4("lan0", 1)) / udp),
        "a guest to the LAN": ("guest0", six(guest, host) / udp),
        "a guest to the LAN, IPv4": (
            "guest0",
            four(at.host4("guest0", 2), at.host4("lan0", 1)) / udp,
        ),
        "a foreign source": ("lan0", six(at.marked("2001:2:0:5555::", 2), far) / udp),
        "a unique local source leaving": (
            "lan0",
            six(at.marked(at.lan6("lan0", at.ULA), 2), far) / udp,
        ),
    }


class Denied:
    """Sends them all, sees who got through."""

    def __init__(self, room: Room) -> None:
        self.frames = {}
        for name, (side, packet) in _packets().items():
            octets = bytes(packet / Raw(_mark(name)))
            self.frames[name] = (side, heading(side, octets) + octets)
        self.sockets = {link: open_packets(room, link) for link in at.LINKS}
        for each in self.sockets.values():
            attach(each)
        self.sent = 0

    def push(self) -> None:
        """One of each kind."""
        for side, frame in self.frames.values():
            try:
                self.sockets[side].send(frame)
                self.sent += 1
            except BlockingIOError:
                continue  # not sent, so not denied

    def seen(self) -> list[tuple[str, bytes]]:
        """What came through: the side and the frame."""
        found = []
        for side, each in self.sockets.items():
            while True:
                try:
                    found.append((side, each.recv(65536)))
                except BlockingIOError:
                    break
        return found

    def kinds(self, seen: list[tuple[str, bytes]]) -> set[str]:
        """Which kinds are among the frames."""
        return {name for name in self.frames for _, frame in seen if _mark(name) in frame}

    def close(self) -> None:
        """Close the sockets."""
        for each in self.sockets.values():
            each.close()


def _mark(name: str) -> bytes:
    return f"<{name}>".encode()


def attach(opened: socket.socket) -> None:
    """Let the socket take packets of TRAFFIC_CLASS alone (BPF, socket(7))."""
    program = b"".join(struct.pack("@HBBI", *each) for each in FILTER)
    buffer = create_string_buffer(program)
    opened.setsockopt(
        socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("@HL", len(FILTER), addressof(buffer))
    )
    while True:  # what came before the filter
        try:
            opened.recv(65536)
        except BlockingIOError:
            return
