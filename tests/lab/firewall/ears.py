"""Who denied what: nflog's messages, taken from the kernel or from the loader's lines."""

import ipaddress
import os
import socket
import struct
import time
from collections import Counter
from typing import IO, Protocol

from tests.lab.firewall import addresses as at
from tests.lab.firewall.spaces import Space

NETLINK_NETFILTER = 12  # linux/netlink.h
NLM_F_REQUEST, NLM_F_ACK = 1, 4
NLMSG_ERROR = 2
NFNL_SUBSYS_CTNETLINK, NFNL_SUBSYS_ULOG = 1, 4  # linux/netfilter/nfnetlink.h
IPCTNL_MSG_CT_DELETE = 2
NFULNL_MSG_PACKET, NFULNL_MSG_CONFIG = 0, 1  # linux/netfilter/nfnetlink_log.h
NFULA_CFG_CMD, NFULA_CFG_MODE, NFULA_CFG_QTHRESH = 1, 2, 5
NFULNL_CFG_CMD_BIND = 1
NFULNL_COPY_PACKET = 2
NFULA_PAYLOAD, NFULA_PREFIX = 9, 10


class Ear(Protocol):
    """Denials as (case number, "GROUP REQUIREMENT")."""

    def read(self, wanted: dict[int, int]) -> list[tuple[int, str]]:
        """What was denied since; waits until so many of each case are there, or not for ever."""
        ...

    def close(self) -> None:
        """Listen no more."""
        ...


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def _message(kind: int, group: int, attributes: bytes) -> bytes:
    """A netfilter request that is acknowledged. The family is AF_UNSPEC, any."""
    body = struct.pack("=BB", 0, 0) + struct.pack("!H", group) + attributes
    return struct.pack("=LHHLL", 16 + len(body), kind, NLM_F_REQUEST | NLM_F_ACK, 1, 0) + body


def _ask(opened: socket.socket, message: bytes) -> None:
    opened.send(message)
    answer = opened.recv(65536)
    kind, error = struct.unpack_from("=H", answer, 4)[0], struct.unpack_from("=i", answer, 16)[0]
    if kind != NLMSG_ERROR or error:
        raise OSError(-error, f"nfnetlink: {os.strerror(-error)}")


class KernelEar:
    """Listens to the nflog group itself: nobody else may. At once, for packets are in softirq."""

    def __init__(self, router: Space, group: int = 31) -> None:
        with router.inside():
            self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 32 << 20)  # SO_RCVBUFFORCE
        self.socket.settimeout(5.0)
        kind = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG
        settings = (
            _attribute(NFULA_CFG_CMD, bytes([NFULNL_CFG_CMD_BIND])),
            _attribute(NFULA_CFG_MODE, struct.pack("!LBB", 0xFFFF, NFULNL_COPY_PACKET, 0))
            + _attribute(NFULA_CFG_QTHRESH, struct.pack("!L", 1)),
        )
        for each in settings:
            _ask(self.socket, _message(kind, group, each))
        self.socket.setblocking(False)

    def read(self, wanted: dict[int, int]) -> list[tuple[int, str]]:
        """All is there already: the fence has passed."""
        found: list[tuple[int, str]] = []
        while True:
            try:
                data = self.socket.recv(1 << 17)
            except BlockingIOError:
                return found
            while len(data) >= 16:
                length, kind = struct.unpack_from("=LH", data)
                if kind == NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET:
                    found.append(_denial(data[20:length]))
                data = data[length + -length % 4 :]

    def close(self) -> None:
        """Give the group back."""
        self.socket.close()


def _denial(attributes: bytes) -> tuple[int, str]:
    number, prefix = 0, ""
    while len(attributes) >= 4:
        length, kind = struct.unpack_from("=HH", attributes)
        value = attributes[4:length]
        if kind == NFULA_PREFIX:
            prefix = value.rstrip(b"\0").decode()
        elif kind == NFULA_PAYLOAD:
            number = at.number_of(value)
        attributes = attributes[length + -length % 4 :]
    return number, prefix


class LoaderEar:
    """Reads `denied GROUP REQUIREMENT in=IF out=IF SRC -> DST ...` from the loader's stderr."""

    PATIENCE_S = 2.0

    def __init__(self, stderr: IO[bytes]) -> None:
        self.fileno = stderr.fileno()
        os.set_blocking(self.fileno, False)
        self.rest = b""
        self.others: list[str] = []  # its lines of other kinds

    def read(self, wanted: dict[int, int]) -> list[tuple[int, str]]:
        """What it has told since."""
        found: list[tuple[int, str]] = []
        deadline = time.monotonic() + self.PATIENCE_S
        while True:
            found += self._lines()
            seen = Counter(number for number, _ in found)
            if all(seen[number] >= least for number, least in wanted.items()):
                return found
            if time.monotonic() > deadline:
                return found
            time.sleep(0.002)

    def _lines(self) -> list[tuple[int, str]]:
        try:
            self.rest += os.read(self.fileno, 1 << 20)
        except BlockingIOError:
            return []
        *lines, self.rest = self.rest.split(b"\n")
        found = []
        for line in lines:
            text = line.decode()
            _, mark, denied = text.partition("denied ")
            if mark:
                found.append(parse(denied))
            else:
                self.others.append(text)
        return found

    def close(self) -> None:
        """The pipe is its process's."""


def parse(denied: str) -> tuple[int, str]:
    """(case number, "GROUP REQUIREMENT") of what follows `denied `."""
    prefix, _, rest = denied.partition(" in=")
    packed = b""
    is4 = False
    for word in rest.split(" "):
        try:
            address = ipaddress.ip_address(word.partition("%")[0])
        except ValueError:
            continue
        packed += address.packed
        is4 = address.version == 4
    if is4:
        packed = b"\x45" + bytes(11) + packed[:8]
    return at.number_of(packed), prefix


def flush_conntrack(router: Space) -> None:
    """Forget all flows."""
    with router.inside():
        opened = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    with opened:
        _ask(opened, _message(NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE, 0, b""))


def conntrack(router: Space) -> list[str]:
    """All entries, a line each, as /proc/net/nf_conntrack has them."""
    with router.inside():
        with open("/proc/thread-self/net/nf_conntrack") as file:
            return file.read().splitlines()
