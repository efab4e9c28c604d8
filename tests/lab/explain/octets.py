"""Packets as octets, and as the words in which `frost firewall explain` is asked about them."""

import ipaddress
import struct
from dataclasses import dataclass, field

from tests.lab.explain.trace import MARK

ICMP, TCP, UDP, DCCP, ROUTING, ESP, AH, ICMPV6 = 1, 6, 17, 33, 43, 50, 51, 58
IPV6, SCTP, UDPLITE = 41, 132, 136
PORTS = (TCP, UDP, DCCP, SCTP, UDPLITE)
INIT = 1  # SCTP chunk
FLAGS = ("fin", "syn", "rst", "psh", "ack", "urg", "ecn", "cwr")


@dataclass
class Packet:
    """One packet. `number` tells it apart in the trace. numbers: ports, or type and code."""

    number: int
    iif: str  # "": the router's own
    source: str
    destination: str
    protocol: int
    numbers: tuple[int, int] | None = None
    flags: int = 2
    hops: int = 64
    routing: int | None = None  # type of an IPv6 routing header
    state: str = ""  # what conntrack knows, "" for nothing
    reply: bool = False
    mark: int = 0  # conntrack's
    acked: int = 0  # TCP's sequence number
    payload: bytes = b""

    @property
    def is6(self) -> bool:
        return ":" in self.source

    @property
    def is_for_many(self) -> bool:
        """Whether it goes to a group, or to all: then the kernel sends a copy to itself."""
        address = ipaddress.ip_address(self.destination)
        return address.is_multicast or self.destination.endswith(".255")

    @property
    def flow(self) -> tuple[str, str, int, tuple[int, int] | None]:
        """What conntrack tells flows apart by."""
        # Of protocols that it has no tracker for (DCCP, since Linux 6.17) it sees no ports.
        ports = self.numbers if self.protocol in PORTS and self.protocol != DCCP else None
        return self.source, self.destination, self.protocol, ports

    def words(self, oif: str = "") -> list[str]:
        found = [self.source, self.destination, str(self.protocol)]
        found += [str(number) for number in self.numbers or ()]
        return [*found, *(["in", self.iif] if self.iif else []), *(["out", oif] if oif else [])]

    def options(self) -> dict[str, str]:
        """As the command line has them."""
        known = [f"{'ip6 hoplimit' if self.is6 else 'ip ttl'}={self.hops}"]
        if self.routing is not None:
            known.append(f"rt type={self.routing}")
        if self.state:
            known.append(f"ct direction={int(self.reply)},ct mark={self.mark}")
        if not self.iif:
            known.append(f"meta mark={MARK}")
        found = {"w": ",".join(known)}
        if self.protocol == TCP:
            names = [name for bit, name in enumerate(FLAGS) if self.flags >> bit & 1]
            found["F"] = ",".join(names) or "none"
        return found | ({"s": self.state} if self.state else {})

    def octets(self) -> bytes:
        """The IP packet."""
        upper = self._upper()
        if not self.is6:
            source, destination = (int(ipaddress.IPv4Address(a)) for a in self._ends())
            head = struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(upper), self.number, 0, self.hops,
                               self.protocol, 0, source, destination)  # fmt: skip
            return head[:10] + _sum(head) + head[12:] + upper
        following = self.protocol
        if self.protocol == AH:
            upper = struct.pack(">BBHII", IPV6, 1, 0, 1, 1) + bytes(40)
        if self.routing is not None:
            # No segments left: what the destination would read, whatever the type
            upper = struct.pack(">BBBBI", following, 0, self.routing, 0, 0) + upper
            following = ROUTING
        head = struct.pack(">IHBB", 6 << 28 | self.number, len(upper), following, self.hops)
        return head + b"".join(self._packed()) + upper

    def _ends(self) -> tuple[str, str]:
        return self.source, self.destination

    def _packed(self) -> list[bytes]:
        return [ipaddress.ip_address(each).packed for each in self._ends()]

    def _upper(self) -> bytes:
        """From the transport header on, with its checksum."""
        first, second = self.numbers or (0, 0)
        if self.protocol == TCP:
            text = struct.pack(">HHIIBBHHH", first, second, self.number, self.acked, 5 << 4,
                               self.flags, 8192, 0, 0)  # fmt: skip
            return self._checked(text, 16)
        if self.protocol == UDP:
            return self._checked(struct.pack(">HHHH", first, second, 12, 0) + b"test", 6)
        if self.protocol == UDPLITE:
            # udplite_error() checks it with UDP's pseudo-header: to the right one it says invalid.
            return self._checked(struct.pack(">HHHH", first, second, 8, 0), 6, UDP)
        if self.protocol == DCCP:
            # data offset 5, Request, 24-bit sequence number, service code 0
            text = struct.pack(">HHBBHIII", first, second, 5, 0, 0, 1, 1, 0)
            return self._checked(text, 6)
        if self.protocol == SCTP:
            chunk = struct.pack(">BBHIIHHI", INIT, 0, 20, 1, 8192, 1, 1, 1)
            text = struct.pack(">HHII", first, second, 0, 0) + chunk
            return text[:8] + struct.pack("<I", crc32c(text)) + text[12:]
        if self.protocol == ICMP:
            text = struct.pack(">BBHI", first, second, 0, self.number) + self.payload
            return text[:2] + _sum(text) + text[4:]
        if self.protocol == ICMPV6:
            text = struct.pack(">BBHI", first, second, 0, self.number)
            return self._checked(text + (self.payload or bytes(16)), 2)
        if self.protocol == AH and not self.is6:
            return struct.pack(">BBHII", IPV6, 1, 0, 1, 1)
        return bytes(16)

    def _checked(self, text: bytes, place: int, protocol: int = 0) -> bytes:
        pseudo = b"".join(self._packed()) + struct.pack(">II", len(text), protocol or self.protocol)
        return text[:place] + _sum(pseudo + text) + text[place + 2 :]


def _sum(octets: bytes) -> bytes:
    """RFC 1071's checksum."""
    octets += bytes(len(octets) % 2)
    total = sum(struct.unpack(f">{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack(">H", ~total & 0xFFFF or 0xFFFF)


def crc32c(octets: bytes) -> int:
    """RFC 9260 appendix A."""
    value = 0xFFFFFFFF
    for octet in octets:
        value ^= octet
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


def answer(packet: Packet, number: int, iif: str) -> Packet:
    """The other end's answer to a packet that began a flow."""
    numbers = packet.numbers
    flags = packet.flags
    if packet.protocol in PORTS and numbers:
        numbers = numbers[1], numbers[0]
    if packet.protocol in (ICMP, ICMPV6):
        numbers = (0 if packet.protocol == ICMP else 129), 0
    if packet.protocol == TCP:
        flags = 0x12
    return Packet(number, iif, packet.destination, packet.source, packet.protocol, numbers, flags,
                  state="established", reply=True, mark=packet.mark,
                  acked=packet.number + 1)  # fmt: skip


def error(packet: Packet, number: int, iif: str) -> Packet:
    """An ICMP error of the other end about a packet."""
    protocol, numbers = (ICMPV6, (1, 0)) if packet.is6 else (ICMP, (3, 1))
    return Packet(number, iif, packet.destination, packet.source, protocol, numbers,
                  state="related", reply=True, mark=packet.mark,
                  payload=packet.octets())  # fmt: skip


@dataclass
class Pool:
    """What random packets are made of: drawn from what a ruleset mentions (draws.py)."""

    addresses4: list[str] = field(default_factory=list)
    addresses6: list[str] = field(default_factory=list)
    ports: list[int] = field(default_factory=list)
    types4: list[int] = field(default_factory=list)
    types6: list[int] = field(default_factory=list)
    protocols: list[int] = field(default_factory=list)
