"""Links, addresses and routes of the kernel on CPython: AF_NETLINK sockets, pyroute2's messages.

pyroute2's IPRoute is not used, its encoder and decoder are. IPRoute 0.9 runs every request through
an asyncio loop of its own and says of ENOBUFS that "the only solution is to close the socket"; we
must see ENOBUFS, MSG_TRUNC and NLM_F_DUMP_INTR ourselves, read without blocking from a descriptor
that a caller polls, and recover on the same socket.
"""

import errno
import socket
import struct
from collections.abc import Iterator
from typing import Any

from agent.port.cpython import netconf, rtnl
from agent.port.cpython.rtnl import Record
from agent.port.records import RT_TABLE_MAIN, Address, Overrun, Route

# linux/netlink.h
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP_INTR = 0x1, 0x4, 0x10
NLM_F_REPLACE, NLM_F_EXCL, NLM_F_CREATE, NLM_F_DUMP = 0x100, 0x200, 0x400, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
HEADER = struct.Struct("=IHHII")

DUMPS = {
    "link": rtnl.RTM_GETLINK,
    "address": rtnl.RTM_GETADDR,
    "route": rtnl.RTM_GETROUTE,
    "forwarding": netconf.RTM_GETNETCONF,
}
# linux/rtnetlink.h: 1 << (RTNLGRP_LINK - 1) and so on; addresses and routes of both families
GROUPS = {"link": 0x1, "address": 0x10 | 0x100, "route": 0x40 | 0x400, "forwarding": 1 << 24}
ACTIONS = {16: "new", 17: "del", 20: "new", 21: "del", 24: "new", 25: "del", 80: "new", 81: "del"}
# What the kernel answers when there is nothing to remove, the link included
GONE = (errno.ENODEV, errno.EADDRNOTAVAIL, errno.ESRCH, errno.ENOENT, errno.ENXIO)
DATAGRAM = 65536  # the kernel never makes a longer one for a reader (32 KiB, af_netlink.c)
TRIES = 10


def _open(groups: int) -> socket.socket:
    result = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
    result.bind((0, groups))
    return result


def _messages(octets: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """The (type, flags, sequence number, whole message) of each message in a datagram."""
    start = 0
    while start + HEADER.size <= len(octets):
        length, kind, flags, number, _ = HEADER.unpack_from(octets, start)
        if not HEADER.size <= length <= len(octets) - start:
            return
        yield kind, flags, number, octets[start : start + length]
        start += (length + 3) & ~3


class Kernel:
    """Asks the kernel for tables and changes them. One caller at a time; every call waits."""

    def __init__(self) -> None:
        self._socket = _open(0)
        self._number = 0

    def close(self) -> None:
        self._socket.close()

    def receive(self) -> bytes:
        """The kernel's next datagram, waiting for it; Overrun when it was cut."""
        while True:
            octets, _, status, sender = self._socket.recvmsg(DATAGRAM)
            if status & socket.MSG_TRUNC:
                raise Overrun
            if sender[0] == 0:  # nl_pid: not from another process
                return octets

    def dump(self, what: str, table: int = RT_TABLE_MAIN) -> list[Any]:
        """All links, addresses, routes (of one table) or forwarding switches as they are now.

        A dump that a change interrupted (NLM_F_DUMP_INTR) is thrown away and done again;
        OSError(EAGAIN) when that happened ten times.
        """
        for _ in range(TRIES):
            records = self._dump(what)
            if records is not None:
                return [r for r in records if not isinstance(r, Route) or r.table == table]
        raise OSError(errno.EAGAIN, "the dump was interrupted again and again")

    def _dump(self, what: str) -> list[Record] | None:
        records, whole = [], True
        for kind, flags, octets in self._ask(DUMPS[what], NLM_F_DUMP, rtnl.dump_message(what)):
            if flags & NLM_F_DUMP_INTR:
                whole = False
            if kind in ACTIONS:
                record = rtnl.decode(kind, octets)
                if record is not None:
                    records.append(record)
        return records if whole else None

    def put_address(self, address: Address) -> None:
        """Add an address or change its lifetimes.

        On one that exists, IPv6 takes over those flags that a program may set (NODAD, HOMEADDRESS,
        MANAGETEMPADDR, NOPREFIXROUTE), IPv4 keeps its flags; duplicate address detection is not
        done again. EINVAL: valid is 0 or less than preferred. ENODEV: no such link.
        """
        self._do(rtnl.RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, rtnl.address_message(address))

    def remove_address(self, address: Address) -> bool:
        """Remove an address; False when it, or its link, was already gone."""
        return self._remove(rtnl.RTM_DELADDR, rtnl.address_message(address))

    def put_route(self, route: Route) -> None:
        """Add a route, in place of one with the same destination, metric and table.

        Metric 0 becomes 1024 for IPv6, protocol 0 RTPROT_BOOT. `expires` is for IPv6 routes that
        lead somewhere: the kernel ignores it on unreachable and other rejecting ones, and on IPv4.
        """
        self._do(rtnl.RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, rtnl.route_message(route))

    def remove_route(self, route: Route) -> bool:
        """Remove a route; False when it, or its link, was already gone."""
        return self._remove(rtnl.RTM_DELROUTE, rtnl.route_message(route))

    def change_link(
        self,
        index: int,
        up: bool | None = None,
        mtu: int = 0,
        master: int = -1,
        mac: str = "",
        name: str = "",
    ) -> None:
        """Change a link: up or down (None: as it is), MTU (0: as it is), the bridge that it is a
        port of (-1: as it is, 0: of none), hardware address and name ("": as it is).

        ENODEV: no such link. EINVAL, ERANGE: it can't have such a thing. A name: EEXIST: another
        has it; EBUSY: the link is up.
        """
        message = rtnl.link_message(index, up, mtu, master, mac, name)
        self._do(rtnl.RTM_NEWLINK, 0, message)

    def add_link(
        self,
        name: str,
        kind: str,
        mac: str = "",
        below: int = 0,
        vlan: int = 0,
        protocol: int = 0x8100,
    ) -> None:
        """Make a link of a kind that needs no more than its name (`bridge`, `dummy`), down.

        A `vlan` needs the index of the link below, its id and the EtherType of its tag (802.1Q,
        or 0x88A8 for 802.1ad). EEXIST: there is one of this name, or of this id on that link.
        """
        flags = NLM_F_CREATE | NLM_F_EXCL
        message = rtnl.new_link_message(name, kind, mac, below, vlan, protocol)
        self._do(rtnl.RTM_NEWLINK, flags, message)

    def remove_link(self, index: int) -> bool:
        """Remove a link that was made; False when it was already gone. EOPNOTSUPP: hardware."""
        return self._remove(rtnl.RTM_DELLINK, rtnl.link_message(index))

    def _remove(self, kind: int, message: Any) -> bool:
        try:
            self._do(kind, 0, message)
        except OSError as error:
            if error.errno in GONE:
                return False
            raise
        return True

    def _do(self, kind: int, flags: int, message: Any) -> None:
        for _ in self._ask(kind, flags | NLM_F_ACK, message):
            pass

    def _ask(self, kind: int, flags: int, message: Any) -> Iterator[tuple[int, int, bytes]]:
        """Send one request, yield what answers it up to the end; OSError as the kernel says."""
        self._number = (self._number + 1) & 0xFFFFFFFF
        message["header"]["type"] = kind
        message["header"]["flags"] = flags | NLM_F_REQUEST
        message["header"]["sequence_number"] = self._number
        message.encode()
        self._socket.sendto(message.data, (0, 0))
        while True:
            for answer, answer_flags, number, body in _messages(self.receive()):
                if number != self._number:
                    continue
                if answer in (NLMSG_ERROR, NLMSG_DONE):
                    # Both begin with an error number, 0 or negative; DONE may be interrupted too
                    failure = struct.unpack_from("=i", body, 16)[0] if len(body) >= 20 else 0
                    if failure:
                        raise OSError(-failure, "the kernel refused")
                    yield answer, answer_flags, body
                    return
                yield answer, answer_flags, body


class Events:
    """What changes from now on.

    `whats`: any of "link", "address", "route" (the main table's), "forwarding" (IPv6).

    `buffer` (octets) bounds what may wait unread in the kernel, 0 for its default.
    """

    def __init__(self, whats: tuple[str, ...], buffer: int = 0) -> None:
        groups = 0
        for what in whats:
            groups |= GROUPS[what]
        self._socket = _open(groups)
        self._socket.setblocking(False)
        if buffer:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def read(self) -> list[tuple[str, Record]]:
        """The next changes as (action, record), [] when none is waiting. Never blocks.

        Actions are "new", "del", and "replace" for a route that took the place of one that is not
        named, or has several next hops. Raises Overrun when the kernel had to drop some; what was
        waiting is then thrown away, because it is older than the look that must follow.
        """
        while True:
            try:
                octets, _, status, sender = self._socket.recvmsg(DATAGRAM)
            except BlockingIOError:
                return []
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                status = socket.MSG_TRUNC
            if status & socket.MSG_TRUNC:
                self._discard()
                raise Overrun
            changes = _changes(octets) if sender[0] == 0 else []
            if changes:
                return changes

    def _discard(self) -> None:
        while True:
            try:
                self._socket.recvmsg(0)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise


def _changes(octets: bytes) -> list[tuple[str, Record]]:
    changes = []
    for kind, flags, _, message in _messages(octets):
        record = rtnl.decode(kind, message) if kind in ACTIONS else None
        if record is None or (isinstance(record, Route) and record.table != RT_TABLE_MAIN):
            continue
        action = ACTIONS[kind]
        if isinstance(record, Route) and (flags & NLM_F_REPLACE or rtnl.several_hops(message)):
            action = "replace"
        changes.append((action, record))
    return changes
