"""Links, addresses and routes of the kernel in the frozen binary: our own codec over `_linux`.

Made for programs that start, look and end within a millisecond: nothing is decoded that no record
holds, and a dump keeps its records only.
"""

from struct import pack, unpack_from

import _linux

from agent.port.frozen import addresses, links, messages, netconf, routes
from agent.port.frozen.links import RTM_DELLINK, RTM_GETLINK, RTM_NEWLINK
from agent.port.frozen.messages import HEADER, number
from agent.port.records import RT_TABLE_MAIN, Address, Forwarding, Link, Overrun, Route

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Record = Link | Address | Route | Forwarding

_AF_NETLINK = 16
_NETLINK_ROUTE = 0
_MSG_TRUNC = 0x20

# linux/netlink.h
_NLM_F_REQUEST = 0x1
_NLM_F_ACK = 0x4
_NLM_F_DUMP_INTR = 0x10
_NLM_F_REPLACE = 0x100
_NLM_F_EXCL = 0x200
_NLM_F_DUMP = 0x300
_NLM_F_CREATE = 0x400
_NLMSG_ERROR = 2
_NLMSG_DONE = 3

# linux/rtnetlink.h: 1 << (RTNLGRP_LINK - 1) and so on; addresses and routes of both families
_GROUPS = {"link": 0x1, "address": 0x10 | 0x100, "route": 0x40 | 0x400, "forwarding": 1 << 24}

# What the kernel answers when there is nothing to remove, the link included
_GONE = (_linux.ENODEV, _linux.EADDRNOTAVAIL, _linux.ESRCH, _linux.ENOENT, _linux.ENXIO)

_USUAL = 8192  # octets to receive at once; the kernel makes its answers no longer than that
_LONGEST = 65536  # more than the kernel ever sends at once (32 KiB, af_netlink.c)
_TRIES = 10
_PATIENCE_MS = 5000


class _Socket:
    def __init__(self, groups: int, protocol: int = _NETLINK_ROUTE) -> None:
        self.fd: int = _linux.socket(_AF_NETLINK, _linux.SOCK_RAW, protocol)
        _linux.bind(self.fd, pack("HHII", _AF_NETLINK, 0, 0, groups))
        self.size = _USUAL

    def receive(self) -> bytes | None:
        """The kernel's next datagram, None for none; Overrun when it was cut or some were lost."""
        while True:
            try:
                got = _linux.recvmsg(self.fd, self.size)
            except OSError as error:
                if error.errno != _linux.ENOBUFS:
                    raise
                raise Overrun
            if got is None:
                return None
            if got[3] & _MSG_TRUNC:
                self.size = _LONGEST
                raise Overrun
            if number(got[1], 4) == 0:  # nl_pid: not from another process
                octets: bytes = got[0]
                return octets

    def discard(self) -> None:
        """Throw away what waits."""
        waiting = True
        while waiting:
            try:
                waiting = self.receive() is not None
            except Overrun:
                pass

    def close(self) -> None:
        _linux.close(self.fd)


class Kernel:
    """Asks the kernel for tables and changes them. One caller at a time; every call waits."""

    def __init__(self) -> None:
        self._socket = _Socket(0)
        self._number = 0

    def close(self) -> None:
        self._socket.close()

    def dump(self, what: str, table: int = RT_TABLE_MAIN) -> "list[Any]":
        """All links, addresses, routes (of one table) or forwarding switches as they are now.

        A dump that a change interrupted (NLM_F_DUMP_INTR) is thrown away and done again;
        OSError(EAGAIN) when that happened ten times.
        """
        for _ in range(_TRIES):
            try:
                records = self._dump(what, table)
            except Overrun:
                self._socket.discard()
                continue
            if records is not None:
                return records
        raise OSError(_linux.EAGAIN)

    def _dump(self, what: str, table: int) -> "list[Record] | None":
        if what == "link":
            kind, body = RTM_GETLINK, links.DUMP
        elif what == "address":
            kind, body = addresses.RTM_GETADDR, addresses.DUMP
        elif what == "forwarding":
            kind, body = netconf.RTM_GETNETCONF, netconf.DUMP
        else:
            kind, body = routes.RTM_GETROUTE, routes.DUMP
        records: list[Record] = []

        def keep(answer: int, octets: bytes, start: int, end: int) -> None:
            change = _change(answer, 0, octets, start, end, table)
            if change is not None:
                records.append(change[1])

        return records if self._ask(kind, _NLM_F_DUMP, body, keep) else None

    def put_address(self, address: Address) -> None:
        """Add an address or change its lifetimes.

        On one that exists, IPv6 takes over those flags that a program may set (NODAD, HOMEADDRESS,
        MANAGETEMPADDR, NOPREFIXROUTE), IPv4 keeps its flags; duplicate address detection is not
        done again. EINVAL: valid is 0 or less than preferred. ENODEV: no such link.
        """
        self._do(addresses.RTM_NEWADDR, _NLM_F_CREATE | _NLM_F_REPLACE, addresses.encode(address))

    def remove_address(self, address: Address) -> bool:
        """Remove an address; False when it, or its link, was already gone."""
        return self._remove(addresses.RTM_DELADDR, addresses.encode(address))

    def put_route(self, route: Route) -> None:
        """Add a route, in place of one with the same destination, metric and table.

        Metric 0 becomes 1024 for IPv6, protocol 0 RTPROT_BOOT. `expires` is for IPv6 routes that
        lead somewhere: the kernel ignores it on unreachable and other rejecting ones, and on IPv4.
        """
        self._do(routes.RTM_NEWROUTE, _NLM_F_CREATE | _NLM_F_REPLACE, routes.encode(route))

    def remove_route(self, route: Route) -> bool:
        """Remove a route; False when it, or its link, was already gone."""
        return self._remove(routes.RTM_DELROUTE, routes.encode(route))

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
        body = links.change(index, up, mtu, master, mac, name)
        self._do(RTM_NEWLINK, 0, body)

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
        flags = _NLM_F_CREATE | _NLM_F_EXCL
        body = links.new(name, kind, mac, below, vlan, protocol)
        self._do(RTM_NEWLINK, flags, body)

    def remove_link(self, index: int) -> bool:
        """Remove a link that was made; False when it was already gone. EOPNOTSUPP: hardware."""
        return self._remove(RTM_DELLINK, links.change(index))

    def _remove(self, kind: int, body: bytes | None) -> bool:
        try:
            self._do(kind, 0, body)
        except OSError as error:
            if error.errno in _GONE:
                return False
            raise
        return True

    def _do(self, kind: int, flags: int, body: bytes | None) -> None:
        if body is None:
            raise OSError(_linux.EINVAL)
        self._ask(kind, flags | _NLM_F_ACK, body, None)

    def _ask(
        self,
        kind: int,
        flags: int,
        body: bytes,
        keep: "Callable[[int, bytes, int, int], None] | None",
    ) -> bool:
        """Send a request, hand each answer to `keep`; False when a change interrupted the dump.

        OSError as the kernel says.
        """
        self._number = sequence = (self._number + 1) & 0x3FFFFFFF
        whole = True
        request = messages.message(kind, flags | _NLM_F_REQUEST, sequence, body)
        _linux.sendto(self._socket.fd, request, pack("HHII", _AF_NETLINK, 0, 0, 0))
        while True:
            octets = self.receive()
            for answer, marks, of, start, end in messages.messages(octets):
                if of != sequence:
                    continue
                if marks & _NLM_F_DUMP_INTR:
                    whole = False
                if answer in (_NLMSG_ERROR, _NLMSG_DONE):
                    # Both begin with an error number, 0 or negative
                    failure = unpack_from("i", octets, start + HEADER)[0]
                    if failure:
                        raise OSError(-failure)
                    return whole
                if keep is not None:
                    keep(answer, octets, start, end)

    def receive(self) -> bytes:
        """The kernel's next datagram, waiting for it; Overrun when it was cut."""
        octets = self._socket.receive()
        while octets is None:
            if not _linux.poll([self._socket.fd], _PATIENCE_MS):
                raise OSError(_linux.EAGAIN)
            octets = self._socket.receive()
        return octets


class Events:
    """What changes from now on.

    `whats`: any of "link", "address", "route" (the main table's), "forwarding" (IPv6).

    `buffer` (octets) bounds what may wait unread in the kernel, 0 for its default.
    """

    def __init__(self, whats: tuple[str, ...], buffer: int = 0) -> None:
        groups = 0
        for what in whats:
            groups |= _GROUPS[what]
        self._socket = _Socket(groups)
        if buffer:
            _linux.setsockopt(self._socket.fd, _linux.SOL_SOCKET, _linux.SO_RCVBUF, buffer)

    def fileno(self) -> int:
        return self._socket.fd

    def close(self) -> None:
        self._socket.close()

    def read(self) -> "list[tuple[str, Record]]":
        """The next changes as (action, record), [] when none is waiting. Never blocks.

        Actions are "new", "del", and "replace" for a route that took the place of one that is not
        named, or has several next hops. Raises Overrun when the kernel had to drop some; what was
        waiting is then thrown away, because it is older than the look that must follow.
        """
        while True:
            try:
                octets = self._socket.receive()
            except Overrun:
                self._socket.discard()
                raise
            if octets is None:
                return []
            changes = []
            for kind, marks, _, start, end in messages.messages(octets):
                change = _change(kind, marks, octets, start, end, RT_TABLE_MAIN)
                if change is not None:
                    changes.append(change)
            if changes:
                return changes


def _change(
    kind: int, marks: int, octets: bytes, start: int, end: int, table: int
) -> "tuple[str, Record] | None":
    """What one message says: (action, record), None for noise."""
    action = "del" if kind & 1 else "new"  # RTM_NEW... are even, RTM_DEL... odd
    record: Record | None = None
    if kind in (RTM_NEWLINK, RTM_DELLINK):
        record = links.decode(octets, start, end)
    elif kind in (addresses.RTM_NEWADDR, addresses.RTM_DELADDR):
        record = addresses.decode(octets, start, end)
    elif kind in (netconf.RTM_NEWNETCONF, netconf.RTM_DELNETCONF):
        record = netconf.decode(kind, octets, start, end)
    elif kind in (routes.RTM_NEWROUTE, routes.RTM_DELROUTE):
        found = routes.decode(octets, start, end, table)
        if found is None:
            return None
        record = found[0]
        if found[1] or marks & _NLM_F_REPLACE:
            action = "replace"
    return None if record is None else (action, record)
