"""What there is in the kernel, as far as the appliers care, kept from a View's tables.

Deadlines are made from lifetimes at the moment they are heard; where we wrote ourselves, the exact
ones are known and stay, as long as the kernel's echo does not speak against them.
"""

from agent.port import records
from services.dhcp6 import objects, reconcile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agent.view import View
    from services.dhcp6.objects import Key, State


class Seen:
    """`objects` {key: State} of one family's addresses of global scope and routes of the main
    table."""

    def __init__(self, view: "View", now: float, family: int = 6) -> None:
        self.objects: dict[Key, State] = {}
        self.failed: list[Key] = []
        self.up: list[int] = []
        self._routes: dict[Any, Key] = {}
        self._view = view
        self._mark = ":" if family == 6 else "."  # what its addresses have, and others have not
        self._look(now)

    def follow(self, now: float) -> None:
        """Take in what the view has heard up to now."""
        for what, key in self._view.read():
            if what == "all":
                self._look(now)
            elif what == "address":
                self._address(key, now)
            elif what == "route":
                self._route(key, now)
            else:
                self._link(key)

    def wrote(self, key: "Key", state: "State | None") -> None:
        """We put this into the kernel, or removed it: known without waiting for the echo."""
        if state is None:
            self.objects.pop(key, None)
        else:
            self.objects[key] = state

    def _look(self, now: float) -> None:
        known, self.objects = self.objects, {}
        self._routes = {}
        self.failed = []
        self.up = [index for index in self.up if index in self._view.links]
        for index in self._view.links:
            self._link(index)
        for vkey in self._view.addresses:
            self._address(vkey, now)
        for route in self._view.routes:
            self._route(route, now)
        for key in self.objects:
            self._keep_exact(key, known.get(key), now)

    def _link(self, index: int) -> None:
        link = self._view.links.get(index)
        is_up = link is not None and bool(link.flags & records.IFF_UP)
        if is_up and index not in self.up:
            self.up.append(index)
        elif not is_up and index in self.up:
            self.up.remove(index)

    def _address(self, vkey: "Any", now: float) -> None:
        record = self._view.addresses.get(vkey)
        if record is None:
            self.objects.pop(objects.address_key(vkey[0], vkey[1], vkey[2]), None)
        elif self._mark in record.address and record.scope == records.RT_SCOPE_UNIVERSE:
            key, state = objects.seen_address(record, now)
            self._set(key, state, now)
            if record.flags & records.IFA_F_DADFAILED and key not in self.failed:
                self.failed.append(key)

    def _route(self, vkey: "Any", now: float) -> None:
        record = self._view.routes.get(vkey)
        if record is None:
            key = self._routes.pop(vkey, None)
            if key is not None:
                self.objects.pop(key, None)
        elif self._mark in record.destination and record.table == records.RT_TABLE_MAIN:
            key, state = objects.seen_route(record, now)
            self._routes[vkey] = key
            self._set(key, state, now)

    def _set(self, key: "Key", state: "State", now: float) -> None:
        known = self.objects.get(key)
        self.objects[key] = state
        self._keep_exact(key, known, now)

    def _keep_exact(self, key: "Key", known: "State | None", now: float) -> None:
        if known is not None and known.error == 0.0:
            if reconcile.is_as_wanted(self.objects[key], known, now):
                self.objects[key] = known
