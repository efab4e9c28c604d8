"""The kernel's links, addresses and routes as tables that follow the kernel.

Subscribes first and dumps then, so nothing falls between; after an overrun it looks afresh. The
tables say what is; what read() yields only says where to look, and a caller who decides by the
tables alone is never wrong for long. Lifetimes are those of the last message about a record.
"""

from agent.port import netlink
from agent.port.records import IFF_UP, Address, Forwarding, Link, Overrun, Route

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    AddressKey = tuple[int, str, int]
    RouteKey = tuple[str, str, int, str, int, int, int, int]
    Key = int | AddressKey | RouteKey


def address_key(address: Address) -> "AddressKey":
    """What identifies an address: link, address, prefix length."""
    return address[:3]


def route_key(route: Route) -> "RouteKey":
    """What identifies a route: everything but the seconds it has left."""
    return route[:8]


class View:
    """`links` {index: Link}, `addresses` {address_key: Address}, `routes` {route_key: Route},
    `forwarding` {index or records.ALL_LINKS: Forwarding} (IPv6).

    `whats`: any of "link", "address", "route" (the main table's), "forwarding"; other tables stay
    empty.
    `buffer`: octets that may wait unread in the kernel, 0 for its default.
    """

    def __init__(self, whats: tuple[str, ...], buffer: int = 0) -> None:
        self.links: dict[int, Link] = {}
        self.addresses: dict[AddressKey, Address] = {}
        self.routes: dict[RouteKey, Route] = {}
        self.forwarding: dict[int, Forwarding] = {}
        self._whats = whats
        # The kernel drops IPv4 routes without a word when their link goes down or loses its last
        # address (fib_flush, net/ipv4/fib_frontend.c): links and addresses tell when to look.
        heard = ("link", "address", "route") + whats if "route" in whats else whats
        self._events = netlink.Events(heard, buffer)
        self._kernel = netlink.Kernel()
        self._doubt = False
        self._look()

    def fileno(self) -> int:
        """Readable when read() has something to do."""
        return self._events.fileno()

    def close(self) -> None:
        self._events.close()
        self._kernel.close()

    def read(self) -> "Iterator[tuple[str, Any]]":
        """Follow the kernel up to now; yield (what, key) for each change, already in the tables.

        ("all", None) stands for a fresh look, after an overrun. Never blocks.
        """
        while True:
            try:
                changes = self._events.read()
            except Overrun:
                self._look()
                yield "all", None
                continue
            for action, record in changes:
                yield from self._follow(action, record)
            if not changes:
                if not self._doubt:
                    return
                # One look for all that was waiting, then see what came meanwhile
                yield from self._compare_routes()

    def _look(self) -> None:
        """Fill all tables from dumps, then follow what changed during them."""
        while True:
            for what in self._whats:
                self._fill(what, self._kernel.dump(what))
            self._doubt = False
            try:
                changes = self._events.read()
                while changes:
                    for action, record in changes:
                        for _ in self._follow(action, record):
                            pass
                    changes = self._events.read()
                return
            except Overrun:
                pass

    def _fill(self, what: str, records: "list[Any]") -> None:
        if what == "link":
            self.links = {link.index: link for link in records}
        elif what == "address":
            self.addresses = {address_key(address): address for address in records}
        elif what == "forwarding":
            self.forwarding = {switch.index: switch for switch in records}
        else:
            self.routes = {route_key(route): route for route in records}

    def _follow(
        self, action: str, record: "Link | Address | Route | Forwarding"
    ) -> "Iterator[tuple[str, Any]]":
        """Put one change into the tables; yields nothing for what is in none of them."""
        if isinstance(record, Link):
            if action == "del" or not record.flags & IFF_UP:
                self._doubt = "route" in self._whats
            if "link" in self._whats:
                yield from _change("link", self.links, action, record.index, record)
        elif isinstance(record, Address):
            if action == "del" and ":" not in record.address:
                self._doubt = "route" in self._whats
            if "address" in self._whats:
                yield from _change("address", self.addresses, action, address_key(record), record)
        elif isinstance(record, Forwarding):
            yield from _change("forwarding", self.forwarding, action, record.index, record)
        elif action == "replace":
            self._doubt = True
        else:
            yield from _change("route", self.routes, action, route_key(record), record)

    def _compare_routes(self) -> "Iterator[tuple[str, Any]]":
        """Look at the routes afresh; yield those that differ."""
        self._doubt = False
        before = self.routes
        self._fill("route", self._kernel.dump("route"))
        for key in sorted(set(before) | set(self.routes)):
            if (key in before) != (key in self.routes):
                yield "route", key


def _change(
    what: str,
    table: "dict[Any, Any]",
    action: str,
    key: "Key",
    record: "Link | Address | Route | Forwarding",
) -> "Iterator[tuple[str, Any]]":
    """Set or remove one record; yields its key unless nothing changed."""
    if action == "del":
        if table.pop(key, None) is None:
            return
    elif table.get(key) == record:
        return
    else:
        table[key] = record
    yield what, key
