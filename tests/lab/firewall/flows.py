"""Continuous traffic that must pass: TCP and UDP of kernel sockets at the room's far ends.

One thread drives both ends of all flows. UDP datagrams carry their number, and each must arrive and
its echo come back; a TCP stream is a pattern that its echo must repeat octet by octet.
"""

import select
import socket
import struct
from dataclasses import dataclass, field

from tests.lab.firewall import addresses as at
from tests.lab.firewall.room import Room

PORT = 7  # echo (RFC 862)
SIDES = ("lan0", "lan1", "guest0")
BLOCK = 64
WINDOW = 64 * BLOCK
PATTERN = bytes(range(251)) * 300
BUFFER = 64 << 20
TOTAL_RETRANS = 100  # offset of tcpi_total_retrans in struct tcp_info, linux/tcp.h


@dataclass
class Counts:
    """What was seen of the flows."""

    tcp: int = 0
    udp: int = 0
    sent: int = 0  # datagrams
    arrived: int = 0
    echoed: int = 0
    octets: int = 0  # of TCP, there and back
    retransmissions: int = 0
    broken: list[str] = field(default_factory=list)


@dataclass
class Stream:
    """A TCP flow's near end."""

    socket: socket.socket
    name: str
    sent: int = 0
    echoed: int = 0


class Flows:
    """All flows: begin(), then again and again push() and take(), then finish()."""

    def __init__(self, room: Room, tcp: int, udp: int) -> None:
        self.room = room
        self.counts = Counts()
        self.poller = select.epoll()
        self.streams: dict[int, Stream] = {}
        self.far: dict[int, socket.socket] = {}  # the streams' far ends
        self.near: dict[int, socket.socket] = {}  # UDP
        self.listeners: dict[int, socket.socket] = {}
        self.echoes: dict[int, socket.socket] = {}
        self.number = 0
        with room.far["wan"].inside():
            for family in (socket.AF_INET, socket.AF_INET6):
                self._serve(family)
        for index in range(max(tcp, udp)):
            side = SIDES[index % len(SIDES)]
            family = (socket.AF_INET6, socket.AF_INET)[index % 2]
            with room.far[side].inside():
                if index < tcp:
                    self._stream(side, family)
                if index < udp:
                    self._datagrams(side, family)
            self.take()

    def _serve(self, family: socket.AddressFamily) -> None:
        listener = socket.socket(family, socket.SOCK_STREAM)
        echo = socket.socket(family, socket.SOCK_DGRAM)
        echo.setsockopt(socket.SOL_SOCKET, 33, BUFFER)  # SO_RCVBUFFORCE
        for each in (listener, echo):
            if family == socket.AF_INET6:
                each.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            each.setblocking(False)
            each.bind((_far(family), PORT))
            self.poller.register(each, select.EPOLLIN)
        listener.listen(4096)
        self.listeners[listener.fileno()] = listener
        self.echoes[echo.fileno()] = echo

    def _stream(self, side: str, family: socket.AddressFamily) -> None:
        opened = socket.socket(family, socket.SOCK_STREAM)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.settimeout(5.0)
        opened.connect((_far(family), PORT))
        opened.setblocking(False)
        self.poller.register(opened, select.EPOLLIN)
        name = f"{side} {opened.getsockname()[:2]}"
        self.streams[opened.fileno()] = Stream(opened, name)
        self.counts.tcp += 1

    def _datagrams(self, side: str, family: socket.AddressFamily) -> None:
        opened = socket.socket(family, socket.SOCK_DGRAM)
        opened.setblocking(False)
        opened.setsockopt(socket.SOL_SOCKET, 33, 1 << 20)
        opened.connect((_far(family), PORT))
        self.poller.register(opened, select.EPOLLIN)
        self.near[opened.fileno()] = opened
        self.counts.udp += 1

    def push(self, turn: int, turns: int) -> None:
        """Each flow whose turn it is sends: a datagram; a block, unless much is on its way."""
        for opened in list(self.near.values())[turn::turns]:
            self.number += 1
            opened.send(struct.pack("!Q", self.number))
            self.counts.sent += 1
        for stream in list(self.streams.values())[turn::turns]:
            if stream.sent - stream.echoed < WINDOW:
                at_octet = stream.sent % 251
                try:
                    stream.sent += stream.socket.send(PATTERN[at_octet : at_octet + BLOCK])
                except OSError as error:
                    self._broke(stream, str(error))

    def take(self, wait_s: float = 0.0) -> int:
        """Take what has come at either end; how much that was."""
        events = self.poller.poll(wait_s, 4096)
        for fileno, _ in events:
            if fileno in self.echoes:
                self._echo(self.echoes[fileno])
            elif fileno in self.near:
                self._back(self.near[fileno])
            elif fileno in self.streams:
                self._read(self.streams[fileno])
            elif fileno in self.far:
                self._repeat(self.far[fileno])
            elif fileno in self.listeners:
                accepted, _ = self.listeners[fileno].accept()
                accepted.setblocking(False)
                accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.far[accepted.fileno()] = accepted
                self.poller.register(accepted, select.EPOLLIN)
        return len(events)

    def _echo(self, opened: socket.socket) -> None:
        while True:
            try:
                data, sender = opened.recvfrom(64)
            except BlockingIOError:
                return
            self.counts.arrived += 1
            opened.sendto(data, sender)

    def _back(self, opened: socket.socket) -> None:
        while True:
            try:
                opened.recv(64)
            except BlockingIOError:
                return
            except OSError as error:  # an ICMP error: somebody refused it
                self.counts.broken.append(f"UDP {opened.getsockname()[:2]}: {error}")
                return
            self.counts.echoed += 1

    def _read(self, stream: Stream) -> None:
        try:
            data = stream.socket.recv(65536)
        except OSError as error:
            return self._broke(stream, str(error))
        begin = stream.echoed % 251
        if not data:
            return self._broke(stream, "ended")
        if data != PATTERN[begin : begin + len(data)]:
            return self._broke(stream, f"other octets than were sent at {stream.echoed}")
        stream.echoed += len(data)
        self.counts.octets += len(data)
        return None

    def _repeat(self, opened: socket.socket) -> None:
        try:
            data = opened.recv(65536)
            if data:
                opened.sendall(data)  # a window's worth at most: the send buffer takes it
                return
        except OSError as error:
            self.counts.broken.append(f"TCP, far end {opened.fileno()}: {error}")
        self.poller.unregister(opened)
        self.far.pop(opened.fileno()).close()

    def _broke(self, stream: Stream, why: str) -> None:
        self.counts.broken.append(f"TCP {stream.name}: {why}")
        self.poller.unregister(stream.socket)
        self.streams.pop(stream.socket.fileno()).socket.close()

    def is_settled(self) -> bool:
        """Whether all that was sent came back."""
        return self.counts.echoed >= self.counts.sent and all(
            stream.echoed >= stream.sent for stream in self.streams.values()
        )

    def finish(self) -> Counts:
        """Take what is still on its way, look at the flows, close them."""
        idle = 0
        while not self.is_settled() and idle < 30:
            idle = 0 if self.take(0.1) else idle + 1
        for stream in self.streams.values():
            if stream.echoed < stream.sent:
                self.counts.broken.append(f"TCP {stream.name}: stuck at {stream.echoed}")
            info = stream.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
            self.counts.retransmissions += struct.unpack_from("@I", info, TOTAL_RETRANS)[0]
        for table in (self.near, self.far, self.listeners, self.echoes):
            for each in table.values():
                each.close()
        for stream in self.streams.values():
            stream.socket.close()
        self.poller.close()
        return self.counts


def _far(family: socket.AddressFamily) -> str:
    return at.marked(at.FAR6, 1) if family == socket.AF_INET6 else at.far4(1)
