"""Packets of cases: flows between a host inside and one in the Internet, by protocol."""

import struct
from collections.abc import Callable

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import (
    ICMPv6DestUnreach,
    ICMPv6EchoReply,
    ICMPv6EchoRequest,
    ICMPv6PacketTooBig,
    ICMPv6ParamProblem,
    ICMPv6TimeExceeded,
    ICMPv6Unknown,
    IPv6,
    in6_chksum,
)
from scapy.layers.sctp import (
    SCTP,
    SCTPChunkAbort,
    SCTPChunkCookieAck,
    SCTPChunkCookieEcho,
    SCTPChunkData,
    SCTPChunkHeartbeatReq,
    SCTPChunkInit,
    SCTPChunkInitAck,
    SCTPChunkShutdown,
    SCTPChunkShutdownAck,
    SCTPChunkShutdownComplete,
)
from scapy.packet import Packet, Raw

from tests.lab.firewall.case import Case

Wrap = Callable[[Case, bool], Packet]
SERVICE = 4000  # the far end's port

ESP, AH, UDPLITE, HIP, SHIM6, MOBILITY, DCCP, IPV6 = 50, 51, 136, 139, 140, 135, 33, 41
UNASSIGNED = 253  # for experiments (RFC 3692)


def ends(c: Case, outbound: bool, lan: str = "lan0") -> Packet:
    """The IPv6 header of a packet that leaves, or of one that comes."""
    if outbound:
        return IPv6(src=c.host(lan), dst=c.far)
    return IPv6(src=c.far, dst=c.host(lan))


def ends4(c: Case, outbound: bool, lan: str = "lan0", router: str = "198.18.0.2") -> Packet:
    """The same by IPv4: what comes is for the router's address."""
    if outbound:
        return IP(src=c.host4(lan), dst=c.far4)
    return IP(src=c.far4, dst=router)


def udp(c: Case, outbound: bool, own: int = 0, far: int = SERVICE) -> Packet:
    """UDP's part of a packet: ports and this case's payload."""
    own = own or c.port
    return UDP(sport=own, dport=far) / c.token if outbound else UDP(sport=far, dport=own) / c.token


def tcp(
    c: Case, outbound: bool, flags: str, seq: int = 0, ack: int = 0, far: int = SERVICE, **more
) -> Packet:
    """TCP's part; an ACK-less segment has no acknowledgement number."""
    ports = (c.port, far) if outbound else (far, c.port)
    return TCP(sport=ports[0], dport=ports[1], flags=flags, seq=seq,
               ack=ack if "A" in flags else 0, **more)  # fmt: skip


def sctp(c: Case, outbound: bool, chunk: Packet, tag: int) -> Packet:
    """SCTP's part: a chunk under the receiver's verification tag."""
    ports = (c.port, SERVICE) if outbound else (SERVICE, c.port)
    return SCTP(sport=ports[0], dport=ports[1], tag=tag) / chunk


def numbered(c: Case, outbound: bool, protocol: int, payload: bytes, lan: str = "lan0") -> Packet:
    """A packet of a protocol that scapy need not know."""
    packet = ends(c, outbound, lan)
    packet.nh = protocol
    return packet / Raw(payload + c.token)


def udplite(c: Case, outbound: bool, lan: str = "lan0") -> Packet:
    """UDP-Lite (RFC 3828), all of it covered by the checksum."""
    packet = ends(c, outbound, lan)
    ports = (c.port, SERVICE) if outbound else (SERVICE, c.port)
    packet.nh = UDPLITE
    body = struct.pack("!HHHH", *ports, 0, 0) + c.token
    packet.plen = len(body)
    checksum = in6_chksum(UDPLITE, packet, body)
    return packet / Raw(body[:6] + struct.pack("!H", checksum) + body[8:])


def dccp_request(c: Case, outbound: bool, lan: str = "lan0") -> Packet:
    """DCCP-Request (RFC 4340 5.1): generic header with long sequence number, service code."""
    ports = (c.port, SERVICE) if outbound else (SERVICE, c.port)
    packet = ends(c, outbound, lan)
    packet.nh = DCCP
    body = struct.pack("!HHBBHBBHLL", *ports, 5, 0, 0, 1, 0, 0, 1, 0x66726F73) + c.token + b"\0"
    packet.plen = len(body)
    checksum = in6_chksum(DCCP, packet, body)
    return packet / Raw(body[:6] + struct.pack("!H", checksum) + body[8:])


def typed(c: Case, kind: int) -> Packet:
    """An ICMPv6 message of any type, with this case's payload."""
    return ICMPv6Unknown(type=kind, msgbody=c.token + bytes(8))


ERRORS6 = {
    "unreachable": lambda code=0: ICMPv6DestUnreach(code=code),
    "too big": lambda code=0: ICMPv6PacketTooBig(mtu=1280),
    "time exceeded": lambda code=0: ICMPv6TimeExceeded(code=code),
    "parameter problem": lambda code=1: ICMPv6ParamProblem(code=code),
}


def error(c: Case, kind: str, about: Packet, source: str = "", **code: int) -> Packet:
    """An ICMPv6 error from the path (or `source`) to the sender of `about`, as it has left."""
    quoted = bytes(about)
    target = about[IPv6].src
    made = ERRORS6[kind](**code)
    return IPv6(src=source or c.far, dst=target) / made / Raw(quoted)


__all__ = [
    "ICMP",
    "IP",
    "ICMPv6EchoReply",
    "ICMPv6EchoRequest",
    "ICMPv6Unknown",
    "SCTPChunkAbort",
    "SCTPChunkCookieAck",
    "SCTPChunkCookieEcho",
    "SCTPChunkData",
    "SCTPChunkHeartbeatReq",
    "SCTPChunkInit",
    "SCTPChunkInitAck",
    "SCTPChunkShutdown",
    "SCTPChunkShutdownAck",
    "SCTPChunkShutdownComplete",
]
