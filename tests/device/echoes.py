"""UDP that goes on, by the frozen binary's system calls: for machines without CPython.

`frost-check tests.device.echoes FUNCTION ARG...`
"""

import struct

import _linux

from agent import ip
from agent.port import files, poll

AF_INET, AF_INET6 = 2, 10


def _place(address: str, port: str) -> bytes:
    """struct sockaddr_in or sockaddr_in6."""
    packed = ip.pack(address)
    assert packed is not None, address
    number = struct.pack(">H", int(port))
    if len(packed) == 4:
        return struct.pack("H", AF_INET) + number + packed + bytes(8)
    return struct.pack("H", AF_INET6) + number + bytes(4) + packed + bytes(4)


def _opened(place: bytes) -> int:
    return int(_linux.socket(struct.unpack("H", place[:2])[0], _linux.SOCK_DGRAM, 0))


def echo(address: str, port: str) -> None:
    """Send back what comes to this address, without end."""
    place = _place(address, port)
    fd = _opened(place)
    _linux.bind(fd, place)
    while True:
        poll.ready([fd], None)
        got = _linux.recvmsg(fd, 2048)
        if got is not None:
            _linux.sendto(fd, got[0], got[1])


def talk(address: str, port: str, told: str) -> None:
    """Send 10 datagrams a second there, without end; the file `told` has how many came back."""
    place = _place(address, port)
    fd = _opened(place)
    total = 0
    while True:
        try:
            _linux.sendto(fd, b"tick\n", place)
            while _linux.recvmsg(fd, 2048) is not None:
                total += 1
        except OSError:
            pass  # refused, or no way for now: an ICMP error came back
        poll.ready([], 0.1)
        files.write(told, b"%d" % total)
