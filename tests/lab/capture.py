"""Every IPv6 packet that passes one link of a machine, both ways, decoded by scapy.

For tests that look for what must not be sent as much as for what must: a capture loses nothing
between its making and read(), or says so.
"""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scapy.layers import dhcp6, inet6
from scapy.layers.inet import UDP
from scapy.layers.l2 import Ether

from packager.isp import wait
from packager.isp.namespaces import Machine

ETH_P_ALL = 0x0003  # linux/if_ether.h: packets that leave are shown to this protocol alone
ETH_P_IPV6 = 0x86DD
PACKET_OUTGOING = 4  # linux/if_packet.h
SOL_PACKET, PACKET_STATISTICS = 263, 6
BUFFER = 4 << 20  # octets


@dataclass(frozen=True)
class Frame:
    """One packet. `leaving`: sent by this machine's end of the link."""

    leaving: bool
    ether: Any

    @property
    def ip(self) -> Any:
        return self.ether[inet6.IPv6]


class Capture:
    """Listens on one link of a machine from the moment it is made."""

    def __init__(self, machine: Machine, link: str) -> None:
        self.where = f"{link} of {machine.name}"
        self.frames: list[Frame] = []
        with machine.network():
            self.socket = socket.socket(
                socket.AF_PACKET,
                socket.SOCK_RAW | socket.SOCK_NONBLOCK,
                socket.htons(ETH_P_ALL),
            )
            self.socket.bind((link, ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)

    def __enter__(self) -> "Capture":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def read(self) -> list[Frame]:
        """Take in what has come; all frames so far, oldest first."""
        while True:
            try:
                octets, sender = self.socket.recvfrom(65536)
            except BlockingIOError:
                break
            if sender[1] == ETH_P_IPV6:
                self.frames.append(Frame(sender[2] == PACKET_OUTGOING, Ether(octets)))
        statistics = self.socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8)
        lost = int.from_bytes(statistics[4:], "little")
        if lost:
            raise AssertionError(f"{self.where}: {lost} packets were not captured")
        return self.frames

    def await_frames(
        self, condition: str, accept: Callable[[Frame], object], *, deadline_s: float = 30.0
    ) -> list[Frame]:
        """Wait for a frame that is accepted; all of those so far."""
        return wait.until(
            f"on {self.where} {condition}",
            lambda: [frame for frame in self.read() if accept(frame)],
            deadline_s=deadline_s,
            evidence=lambda: "\n".join(frame.ether.summary() for frame in self.frames[-30:]),
        )

    def dhcpv6(self) -> list[tuple[bool, Any]]:
        """(leaving, message) of every DHCPv6 message so far, relayed ones aside."""
        found = []
        for frame in self.read():
            if UDP in frame.ether and {frame.ether[UDP].sport, frame.ether[UDP].dport} & {546, 547}:
                found.append((frame.leaving, frame.ether[UDP].payload))
        return found


def message_name(message: Any) -> str:
    """A DHCPv6 message's name as RFC 9915 section 7.3 has it, "RELEASE" for 8."""
    return str(dhcp6.dhcp6types.get(message.msgtype, message.msgtype))
