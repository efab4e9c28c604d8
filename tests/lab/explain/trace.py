"""What the kernel does with packets, rule by rule: nf_tables' trace by netlink.

A table of our own, first of all, marks packets for the trace and has a chain in each hook, so the
trace tells which hooks a packet passed. Packets are told apart by their number (octets.py).
"""

import errno
import socket
import struct
from dataclasses import dataclass, field

from tests.lab.firewall.spaces import Space

SPY = "spy"
MARK = 0x5E00  # of the router's own packets that are traced; its answers to others have none
TABLE = f"""
table inet {SPY} {{
    chain prerouting {{
        type filter hook prerouting priority -500;
        iifname != "lo" meta nftrace set 1
    }}
    chain input {{ type filter hook input priority -500; }}
    chain forward {{ type filter hook forward priority -500; }}
    chain postrouting {{ type filter hook postrouting priority -500; }}
    chain output {{
        type filter hook output priority -500;
        meta mark {MARK} meta nftrace set 1
    }}
}}
"""

# linux/netfilter/nfnetlink.h, linux/netfilter/nf_tables.h
NFNLGRP_NFTRACE = 9
SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, NETLINK_NO_ENOBUFS = 270, 1, 5
SO_RCVBUFFORCE = 33
NFTA_TRACE_TABLE, NFTA_TRACE_CHAIN, NFTA_TRACE_RULE_HANDLE, NFTA_TRACE_TYPE = 1, 2, 3, 4
NFTA_TRACE_VERDICT, NFTA_TRACE_ID, NFTA_TRACE_NETWORK_HEADER = 5, 6, 8
NFTA_TRACE_OIF, NFTA_TRACE_POLICY = 12, 16
NFTA_VERDICT_CODE, NFTA_VERDICT_CHAIN = 1, 2
POLICY = 1  # NFT_TRACETYPE_POLICY
VERDICTS = {0: "drop", 1: "accept", -1: "continue", -2: "break", -3: "jump", -4: "goto",
            -5: "return"}  # fmt: skip
FAMILIES = {1: "inet", 2: "ip", 10: "ip6"}
BUFFER = 32 << 20

# family, table, chain, handle (0: policy), verdict, target: what explain's steps are compared with
Step = list[str | int]


@dataclass
class Passage:
    """What one packet met."""

    number: int
    steps: list[Step] = field(default_factory=list)
    hooks: list[str] = field(default_factory=list)
    oif: int = 0

    @property
    def is_denied(self) -> bool:
        return bool(self.steps) and self.steps[-1][4] == "drop"


class Trace:
    """Listens in one namespace, from when it is made."""

    def __init__(self, space: Space) -> None:
        with space.inside():
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
        self._socket.bind((0, 0))
        self._socket.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, NFNLGRP_NFTRACE)
        self._socket.setblocking(False)

    def close(self) -> None:
        self._socket.close()

    def read(self) -> list[Passage]:
        """The packets since the last time, in their order. Packets pass while they are sent."""
        found: list[Passage] = []
        while True:
            try:
                data = self._socket.recv(1 << 16)
            except BlockingIOError:
                return found
            except OSError as error:
                assert error.errno != errno.ENOBUFS, "the trace lost messages: smaller batches"
                raise
            for family, body in _messages(data):
                _add(found, family, _attributes(body))


def _add(found: list[Passage], family: str, given: dict[int, bytes]) -> None:
    table, chain = _text(given[NFTA_TRACE_TABLE]), _text(given[NFTA_TRACE_CHAIN])
    kind = struct.unpack(">I", given[NFTA_TRACE_TYPE])[0]
    handle = struct.unpack(">Q", given.get(NFTA_TRACE_RULE_HANDLE, bytes(8)))[0]
    if kind == POLICY:
        verdict, target = VERDICTS[struct.unpack(">i", given[NFTA_TRACE_POLICY])[0]], ""
    else:
        inner = _attributes(given[NFTA_TRACE_VERDICT])
        code = struct.unpack(">i", inner[NFTA_VERDICT_CODE])[0]
        verdict = VERDICTS[code if code < 0 else code & 0xFF]
        target = _text(inner.get(NFTA_VERDICT_CHAIN, b"\0"))
    if table == SPY:
        if chain in ("prerouting", "output") and handle:
            found.append(Passage(_number(given[NFTA_TRACE_NETWORK_HEADER])))
        if kind == POLICY:
            found[-1].hooks.append(chain)
    if NFTA_TRACE_OIF in given:
        found[-1].oif = struct.unpack(">I", given[NFTA_TRACE_OIF])[0]
    if kind != POLICY and not handle:
        return  # the end of a chain
    found[-1].steps.append([family, table, chain, handle, verdict, target])


def _number(header: bytes) -> int:
    """Which packet this is: IPv6's flow label, IPv4's identification."""
    if header[0] >> 4 == 6:
        return int.from_bytes(header[1:4], "big") & 0xFFFFF
    return int.from_bytes(header[4:6], "big")


def _messages(data: bytes) -> list[tuple[str, bytes]]:
    found = []
    while len(data) >= 16:
        size, _, _, _, _ = struct.unpack_from("=IHHII", data)
        found.append((FAMILIES[data[16]], data[20:size]))
        data = data[(size + 3) & ~3 :]
    return found


def _attributes(data: bytes) -> dict[int, bytes]:
    found = {}
    while len(data) >= 4:
        size, kind = struct.unpack_from("=HH", data)
        found[kind & 0x3FFF] = data[4:size]
        data = data[(size + 3) & ~3 :]
    return found


def _text(octets: bytes) -> str:
    return octets.rstrip(b"\0").decode()
