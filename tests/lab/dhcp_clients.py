"""DHCP clients whose every packet is the test's: scapy writes and reads, a packet socket carries.

They change nothing of the machine that they speak from: they have an address in their words alone.
"""

import select
import socket
import time
from collections.abc import Callable
from typing import Any

from scapy.layers import dhcp, dhcp6
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether

from packager.isp.namespaces import Machine, link_local

ETH_P_ALL = 0x0003  # linux/if_ether.h
PACKET_OUTGOING = 4  # linux/if_packet.h
PATIENCE_S = 6.0
AGAIN_S = 1.0


class Line:
    """A packet socket on a machine's link. `mac`: whose packets it sends."""

    def __init__(self, machine: Machine, link: str, mac: str) -> None:
        self.where, self.mac = f"{link} of {machine.name}", mac
        with machine.network():
            self.socket = socket.socket(
                socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.htons(ETH_P_ALL)
            )
            self.socket.bind((link, ETH_P_ALL))

    def close(self) -> None:
        self.socket.close()

    def send(self, packet: Any) -> None:
        """Put one on the wire."""
        self.socket.send(bytes(packet))

    def receive(self, accept: Callable[[Any], Any], timeout_s: float) -> Any:
        """The first packet from others that is accepted; None when none came in time."""
        end = time.monotonic() + timeout_s
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.socket], [], [], left)[0]:
                break
            octets, sender = self.socket.recvfrom(65536)
            if sender[2] != PACKET_OUTGOING:
                packet = Ether(octets)
                if accept(packet):
                    return packet
        return None

    def exchange(self, packet: Any, accept: Callable[[Any], Any], what: str) -> Any:
        """Send until it is answered; the answer. AssertionError when nobody does."""
        for _ in range(int(PATIENCE_S / AGAIN_S)):
            self.send(packet)
            answer = self.receive(accept, AGAIN_S)
            if answer is not None:
                return answer
        raise AssertionError(f"{self.where}: expected an answer to {what} in {PATIENCE_S:.0f} s")

    def silent(self, packet: Any, accept: Callable[[Any], Any]) -> bool:
        """Whether nobody answers this packet."""
        self.send(packet)
        return self.receive(accept, AGAIN_S) is None


class Client4:
    """DHCPv4 (RFC 2131)."""

    def __init__(self, line: Line, name: str = "", xid: int = 0x5EED) -> None:
        self.line, self.name, self.xid = line, name, xid

    def packet(self, kind: str, **more: Any) -> Any:
        """A broadcast message."""
        octets = bytes.fromhex(self.line.mac.replace(":", ""))
        options: list[Any] = [("message-type", kind), *more.items()]
        if self.name:
            options.append(("hostname", self.name))
        options.append(("param_req_list", [1, 3, 6, 15, 42, 51, 119, 121]))
        return (
            Ether(src=self.line.mac, dst="ff:ff:ff:ff:ff:ff")
            / IP(src="0.0.0.0", dst="255.255.255.255")
            / UDP(sport=68, dport=67)
            / dhcp.BOOTP(chaddr=octets + bytes(10), xid=self.xid, flags="B")
            / dhcp.DHCP(options=[*options, "end"])
        )

    def accept(self, *kinds: int) -> Callable[[Any], bool]:
        """Whether a packet is one of these answers to us."""

        def fits(packet: Any) -> bool:
            if dhcp.DHCP not in packet or packet[dhcp.BOOTP].xid != self.xid:
                return False
            return told4(packet).get("message-type") in kinds

        return fits

    def lease(self) -> tuple[str, dict[str, Any]]:
        """DISCOVER to ACK: the address and the options."""
        offer = self.line.exchange(self.packet("discover"), self.accept(2), "DHCPDISCOVER")
        return self.request(offer[dhcp.BOOTP].yiaddr, told4(offer)["server_id"])

    def request(self, address: str, server: str) -> tuple[str, dict[str, Any]]:
        """REQUEST to ACK; the address is "" after a NAK."""
        packet = self.packet("request", requested_addr=address, server_id=server)
        answer = self.line.exchange(packet, self.accept(5, 6), "DHCPREQUEST")
        return str(answer[dhcp.BOOTP].yiaddr).replace("0.0.0.0", ""), told4(answer)


def told4(packet: Any) -> dict[str, Any]:
    """The options by scapy's names; several values are a tuple."""
    found = {}
    for option in packet[dhcp.DHCP].options:
        if isinstance(option, tuple):
            found[option[0]] = option[1] if len(option) == 2 else option[1:]
    return found


class Client6:
    """DHCPv6 (RFC 9915), with a DUID of the link-layer address. Its link-local address has to be
    somebody's who answers neighbour solicitations."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.duid = dhcp6.DUID_LL(lladdr=line.mac)
        self.trid = 0

    def accept(self, packet: Any) -> bool:
        """Whether it answers the last message."""
        return UDP in packet and packet[UDP].dport == 546 and self._trid(packet) == self.trid

    def ask(self, message: Any, *options: Any) -> Any:
        """A multicast message of this class, with these options besides ours; the answer."""
        return self.line.exchange(self.packet(message, *options), self.accept, message.__name__)

    def packet(self, message: Any, *options: Any) -> Any:
        self.trid += 1
        packet = (
            Ether(src=self.line.mac, dst="33:33:00:01:00:02")
            / IPv6(src=link_local(self.line.mac), dst="ff02::1:2")
            / UDP(sport=546, dport=547)
            / message(trid=self.trid)
            / dhcp6.DHCP6OptClientId(duid=self.duid)
            / dhcp6.DHCP6OptElapsedTime()
            / dhcp6.DHCP6OptOptReq(reqopts=[23, 24, 56])
        )
        for option in options:
            packet = packet / option
        return packet

    def lease(self) -> tuple[dict[str, tuple[int, int]], Any]:
        """SOLICIT to REPLY: {address: (preferred, valid)} and the reply."""
        offer = self.ask(dhcp6.DHCP6_Solicit, dhcp6.DHCP6OptIA_NA(iaid=1))
        server = offer[dhcp6.DHCP6OptServerId].duid
        return self.with_server(dhcp6.DHCP6_Request, server, sorted(addresses6(offer)))

    def with_server(
        self, message: Any, server: Any, addresses: list[str]
    ) -> tuple[dict[str, tuple[int, int]], Any]:
        """A Request or Renew of these addresses to one server."""
        wanted = [dhcp6.DHCP6OptIAAddress(addr=each) for each in addresses]
        ours = dhcp6.DHCP6OptIA_NA(iaid=1, ianaopts=wanted)
        reply = self.ask(message, dhcp6.DHCP6OptServerId(duid=server), ours)
        return addresses6(reply), reply

    @staticmethod
    def _trid(packet: Any) -> int:
        """Behind UDP: the type, an octet, then three of the transaction."""
        return int.from_bytes(bytes(packet[UDP].payload)[1:4], "big")


def addresses6(packet: Any) -> dict[str, tuple[int, int]]:
    """{address: (preferred, valid)} of the first IA_NA; {} without one."""
    if dhcp6.DHCP6OptIA_NA not in packet:
        return {}
    options = packet[dhcp6.DHCP6OptIA_NA].ianaopts
    return {
        each.addr: (each.preflft, each.validlft)
        for each in options
        if isinstance(each, dhcp6.DHCP6OptIAAddress)
    }
