"""The frozen side of agent/port/icmp6.py: system calls through _linux."""

import struct

import _linux

from agent import ip
from agent.port import errno

ALL_ROUTERS = b"\xff\x02" + bytes(13) + b"\x02"
AF_INET6 = 10
# linux/in.h, linux/in6.h: the same numbers on every architecture
IPPROTO_IPV6 = 41
IPPROTO_ICMPV6 = 58
IPV6_UNICAST_HOPS = 16
IPV6_MULTICAST_IF = 17
IPV6_MULTICAST_HOPS = 18
IPV6_MULTICAST_LOOP = 19
IPV6_JOIN_GROUP = 20
IPV6_RECVHOPLIMIT = 51
IPV6_HOPLIMIT = 52
# linux/icmpv6.h: a set bit in the eight 32-bit words blocks its type
ICMPV6_FILTER = 1
SOLICITATION, ADVERTISEMENT = 133, 134
LARGEST = 9216  # octets; what is longer arrives cut and fails its check
# struct sockaddr_in6: family, port, flow label, address, scope; nothing to pad
SOCKADDR = "@HHI16sI"


class Socket:
    """A raw ICMPv6 socket bound to the link with this index and name (both of the same link),
    member of all-routers there. Receives router solicitations and advertisements only."""

    def __init__(self, index: int, name: str) -> None:
        self._index = index
        fd = _linux.socket(AF_INET6, _linux.SOCK_RAW, IPPROTO_ICMPV6)
        self._fd = fd
        try:
            # The filter comes first: nothing else is ever queued.
            words = [0xFFFFFFFF] * 8
            for kind in (SOLICITATION, ADVERTISEMENT):
                words[kind >> 5] &= ~(1 << (kind & 31))
            _linux.setsockopt(fd, IPPROTO_ICMPV6, ICMPV6_FILTER, struct.pack("@8I", *words))
            _linux.setsockopt(fd, _linux.SOL_SOCKET, _linux.SO_BINDTODEVICE, name.encode() + b"\0")
            for option, value in (
                (IPV6_MULTICAST_IF, index),
                (IPV6_MULTICAST_HOPS, 255),
                (IPV6_UNICAST_HOPS, 255),
                (IPV6_MULTICAST_LOOP, 0),
                (IPV6_RECVHOPLIMIT, 1),
            ):
                _linux.setsockopt(fd, IPPROTO_IPV6, option, value)
            group = ALL_ROUTERS + struct.pack("@I", index)
            _linux.setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, group)
        except OSError:
            _linux.close(fd)
            raise

    def fileno(self) -> int:
        """Readable when receive() has something."""
        return self._fd  # type: ignore[no-any-return]

    def send(self, data: bytes, destination: str) -> None:
        """Send an ICMPv6 message with hop limit 255; the kernel fills in its checksum and picks
        the source, a link-local address for a link-local destination. Raises OSError."""
        octets = ip.pack(destination)
        if octets is None:
            raise OSError(errno.EINVAL)
        _linux.sendto(self._fd, data, struct.pack(SOCKADDR, AF_INET6, 0, 0, octets, self._index))

    def receive(self) -> tuple[bytes, str, int] | None:
        """(message, source address, hop limit), None when nothing waits. A hop limit that the
        kernel does not tell is 0, which is no valid one. Raises OSError."""
        got = _linux.recvmsg(self._fd, LARGEST)
        if got is None:
            return None
        data, sender, ancillary, _ = got
        hops = 0
        for level, kind, value in ancillary:
            if level == IPPROTO_IPV6 and kind == IPV6_HOPLIMIT:
                hops = struct.unpack("@i", value[:4])[0]
        return data, ip.unpack(sender[8:24]), hops

    def close(self) -> None:
        """Leave the group and close."""
        _linux.close(self._fd)
