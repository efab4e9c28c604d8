"""A DHCPv4 server that says what a test wants, octet by octet, and is as patient as a real one.

It answers from a thread of its own. What it says is in its attributes, read at each answer.
"""

import socket
import threading
from typing import Any

from scapy.layers import dhcp
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether

from packager.isp.namespaces import Machine
from tests.lab.dhcp_clients import Line, told4

SERVER = "100.64.0.1"
DISCOVER, REQUEST, DECLINE = 1, 3, 4
LOOK_S = 0.1


class Server4:
    """On one link of a machine, which it gives the address SERVER. `says`: the address, and the
    options after message type and server: (number or scapy's name, value)."""

    def __init__(self, machine: Machine, link: str, mac: str) -> None:
        machine.run("ip", "address", "add", f"{SERVER}/24", "dev", link)
        self.address = "100.64.0.7"
        self.options: list[tuple[Any, ...]] = []
        self.answers = True
        self.declined: list[str] = []  # what clients had no use for
        self.refuses = False  # answers requests by a NAK, until the next DISCOVER
        self.line = Line(machine, link, mac)
        with machine.network():  # so that the kernel does not answer renewals by an ICMP error
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.bind(("", 67))
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        self.line.close()
        self.socket.close()

    def say(self, address: str, *options: tuple[Any, ...]) -> None:
        """What it tells from now on."""
        self.address, self.options = address, list(options)

    def _serve(self) -> None:
        while not self._ended.is_set():
            asked = self.line.receive(lambda x: dhcp.DHCP in x and x[dhcp.BOOTP].op == 1, LOOK_S)
            if asked is not None and self.answers:
                kind = told4(asked).get("message-type")
                if kind == DISCOVER:
                    self.refuses = False
                if kind == DECLINE:
                    self.declined.append(told4(asked)["requested_addr"])
                if kind in (DISCOVER, REQUEST):
                    self.line.send(self._answer(asked, kind))

    def _answer(self, asked: Any, kind: int) -> Any:
        word = "offer" if kind == DISCOVER else "nak" if self.refuses else "ack"
        options: list[Any] = [("message-type", word), ("server_id", SERVER)]
        options += [] if word == "nak" else self.options
        there = asked[IP].src if asked[IP].src != "0.0.0.0" else "255.255.255.255"
        return (
            Ether(src=self.line.mac, dst=asked.src)
            / IP(src=SERVER, dst=there)
            / UDP(sport=67, dport=68)
            / dhcp.BOOTP(
                op=2,
                xid=asked[dhcp.BOOTP].xid,
                yiaddr="0.0.0.0" if word == "nak" else self.address,
                siaddr=SERVER,
                chaddr=asked[dhcp.BOOTP].chaddr,
                flags=asked[dhcp.BOOTP].flags,
            )
            / dhcp.DHCP(options=[*options, "end"])
        )
