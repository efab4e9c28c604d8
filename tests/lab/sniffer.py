"""Router advertisements as they are on the wire: an AF_PACKET socket, decoded by scapy.

The kernel stamps each packet on arrival (SO_TIMESTAMPNS, CLOCK_REALTIME), so a late reader
loses nothing.
"""

import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from scapy.layers import inet6
from scapy.layers.l2 import Ether

from packager.isp import wait
from packager.isp.namespaces import Machine

ETH_P_IPV6 = 0x86DD
SO_TIMESTAMPNS = 35  # asm-generic/socket.h
PACKET_OUTGOING = 4  # linux/if_packet.h
ICMPV6, ROUTER_ADVERTISEMENT = 58, 134


@dataclass(frozen=True)
class Prefix:
    """A prefix information option (RFC 4861 4.6.2)."""

    preferred: int
    valid: int
    on_link: bool
    autonomous: bool


@dataclass(frozen=True)
class Advertisement:
    """One router advertisement; lifetimes in seconds, `time` in seconds of CLOCK_REALTIME."""

    time: float
    source: str
    destination: str
    hop_limit: int
    router_lifetime: int
    managed: bool
    other: bool
    prefixes: dict[str, Prefix] = field(default_factory=dict)
    routes: dict[str, int] = field(default_factory=dict)
    dns: dict[str, int] = field(default_factory=dict)
    domains: dict[str, int] = field(default_factory=dict)


def decode(packet: bytes, time: float) -> Advertisement | None:
    """An Ethernet frame's router advertisement, or None when it is anything else."""
    if len(packet) < 55 or packet[20] != ICMPV6 or packet[54] != ROUTER_ADVERTISEMENT:
        return None
    ip = Ether(packet)[inet6.IPv6]
    ra = ip[inet6.ICMPv6ND_RA]
    seen = Advertisement(time, ip.src, ip.dst, ip.hlim, ra.routerlifetime, bool(ra.M), bool(ra.O))
    option = ra.payload
    while option:
        _note(seen, option)
        option = option.payload
    return seen


def _note(seen: Advertisement, option: Any) -> None:
    if isinstance(option, inet6.ICMPv6NDOptPrefixInfo):
        seen.prefixes[f"{option.prefix}/{option.prefixlen}"] = Prefix(
            option.preferredlifetime,
            option.validlifetime,
            bool(option.L),
            bool(option.A),
        )
    elif isinstance(option, inet6.ICMPv6NDOptRouteInfo):
        seen.routes[f"{option.prefix}/{option.plen}"] = option.rtlifetime
    elif isinstance(option, inet6.ICMPv6NDOptRDNSS):
        seen.dns.update(dict.fromkeys(option.dns, option.lifetime))
    elif isinstance(option, inet6.ICMPv6NDOptDNSSL):
        seen.domains.update(dict.fromkeys(option.searchlist, option.lifetime))


class Sniffer:
    """Listens on one link of a machine from the moment it is made. `seen` holds all so far."""

    def __init__(self, machine: Machine, link: str) -> None:
        self.seen: list[Advertisement] = []
        self.where = f"{link} of {machine.name}"
        with machine.network():
            self.socket = socket.socket(
                socket.AF_PACKET,
                socket.SOCK_RAW | socket.SOCK_NONBLOCK,
                socket.htons(ETH_P_IPV6),
            )
            self.socket.bind((link, ETH_P_IPV6))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)

    def __enter__(self) -> "Sniffer":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def fileno(self) -> int:
        """Readable when a packet has come."""
        return self.socket.fileno()

    def read(self) -> list[Advertisement]:
        """Take in what has come; all advertisements so far, oldest first."""
        while True:
            try:
                packet, ancillary, _flags, sender = self.socket.recvmsg(2048, 64)
            except BlockingIOError:
                return self.seen
            if sender[2] == PACKET_OUTGOING:
                continue
            stamp = next((data for _, kind, data in ancillary if kind == SO_TIMESTAMPNS), b"")
            seconds, nanoseconds = struct.unpack("@ll", stamp)
            advertisement = decode(packet, seconds + nanoseconds / 1e9)
            if advertisement:
                self.seen.append(advertisement)

    def await_one(
        self,
        condition: str,
        accept: Callable[[Advertisement], object],
        *,
        after: float = 0.0,
        deadline_s: float = 30.0,
    ) -> Advertisement:
        """The first advertisement after that time (CLOCK_REALTIME) which is accepted."""
        seen = wait.until(
            f"an advertisement on {self.where} {condition}",
            lambda: [ra for ra in self.read() if ra.time > after],
            lambda seen: any(accept(ra) for ra in seen),
            deadline_s=deadline_s,
        )
        return next(ra for ra in seen if accept(ra))
