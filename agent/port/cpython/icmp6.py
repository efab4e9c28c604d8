"""The CPython side of agent/port/icmp6.py: the standard library's socket module."""

import socket
import struct

ALL_ROUTERS = "ff02::2"
# linux/icmpv6.h: a set bit in the eight 32-bit words blocks its type
ICMPV6_FILTER = 1
SOLICITATION, ADVERTISEMENT = 133, 134
LARGEST = 9216  # octets; what is longer arrives cut and fails its check
ANCILLARY = 128


class Socket:
    """A raw ICMPv6 socket bound to the link with this index and name (both of the same link),
    member of all-routers there. Receives router solicitations and advertisements only."""

    def __init__(self, index: int, name: str) -> None:
        self._index = index
        sock = socket.socket(socket.AF_INET6, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 58)
        self._socket = sock
        try:
            # The filter comes first: nothing else is ever queued.
            words = [0xFFFFFFFF] * 8
            for kind in (SOLICITATION, ADVERTISEMENT):
                words[kind >> 5] &= ~(1 << (kind & 31))
            sock.setsockopt(socket.IPPROTO_ICMPV6, ICMPV6_FILTER, struct.pack("@8I", *words))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, name.encode() + b"\0")
            for option, value in (
                (socket.IPV6_MULTICAST_IF, index),
                (socket.IPV6_MULTICAST_HOPS, 255),
                (socket.IPV6_UNICAST_HOPS, 255),
                (socket.IPV6_MULTICAST_LOOP, 0),
                (socket.IPV6_RECVHOPLIMIT, 1),
            ):
                sock.setsockopt(socket.IPPROTO_IPV6, option, value)
            group = socket.inet_pton(socket.AF_INET6, ALL_ROUTERS) + struct.pack("@I", index)
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group)
        except OSError:
            sock.close()
            raise

    def fileno(self) -> int:
        """Readable when receive() has something."""
        return self._socket.fileno()

    def send(self, data: bytes, destination: str) -> None:
        """Send an ICMPv6 message with hop limit 255; the kernel fills in its checksum and picks
        the source, a link-local address for a link-local destination. Raises OSError."""
        self._socket.sendto(data, (destination, 0, 0, self._index))

    def receive(self) -> tuple[bytes, str, int] | None:
        """(message, source address, hop limit), None when nothing waits. A hop limit that the
        kernel does not tell is 0, which is no valid one. Raises OSError."""
        try:
            data, ancillary, _, sender = self._socket.recvmsg(LARGEST, ANCILLARY)
        except BlockingIOError:
            return None
        hops = 0
        for level, kind, value in ancillary:
            if level == socket.IPPROTO_IPV6 and kind == socket.IPV6_HOPLIMIT:
                hops = struct.unpack("@i", value[:4])[0]
        return data, sender[0].partition("%")[0], hops

    def close(self) -> None:
        """Leave the group and close."""
        self._socket.close()
