"""What is loaded, as nft lists it: chains with rules, base chains in the kernel's order, sets.

Elements are not part of it: a set's are asked for when a rule looks into it, so a large set costs
nothing until then. Pure: `fetch` and `probe` ask.
"""

from agent import ip
from firewall.command import matching
from firewall.command.packet import Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from firewall.command.expressions import Value

    Key = tuple[str, str, str]  # family, table, name
    # (family, table, name) -> elements; None when there are too many to read
    Fetch = Callable[[str, str, str], "list[Any] | None"]
    # "FAMILY TABLE SET { VALUE }" -> whether it is there
    Probe = Callable[[str], bool]

# NF_IP_PRI_NAT_DST, NF_IP_PRI_NAT_SRC: nat chains run there, whatever their own priority, which
# only orders them among themselves (nf_nat_register_fn).
NAT_PLACES = {"prerouting": -100, "output": -100, "postrouting": 100, "input": 100}
FAMILIES = {4: ("ip", "inet"), 6: ("ip6", "inet")}


class Chain:
    """One chain. `rules`: nft's objects in order. `hook` is "" for one that is only jumped to."""

    def __init__(self, given: "dict[str, Any]", table: int) -> None:
        self.family: str = given["family"]
        self.table: str = given["table"]
        self.name: str = given["name"]
        self.hook: str = given.get("hook", "")
        self.type: str = given.get("type", "")
        self.priority: int = given.get("prio", 0)
        self.policy: str = given.get("policy", "accept")
        self.rules: list[dict[str, Any]] = []
        place = self.priority
        if self.type == "nat":
            place = NAT_PLACES.get(self.hook, place)
        # Of equal priority the one that was registered last comes first (nf_hook_entries_grow);
        # handles tell which that was, of chains in different tables the tables' handles.
        self.order = (place, self.priority, -table, -int(given.get("handle", 0)))

    @property
    def key(self) -> "Key":
        return self.family, self.table, self.name


class Ruleset:
    """The objects of `nft -j -n -t list ruleset`."""

    def __init__(self, objects: "list[dict[str, Any]]", fetch: "Fetch", probe: "Probe") -> None:
        self.chains: dict[Key, Chain] = {}
        self.sets: dict[Key, bool] = {}  # whether it is a map
        self.limits: dict[Key, bool] = {}  # whether it is for what is over the rate
        self.tables: list[tuple[str, str]] = []
        self.flagged: list[tuple[str, str]] = []  # tables with flags: dormant ones filter nothing
        self._fetch = fetch
        self._probe = probe
        self._elements: dict[Key, list[Any] | None] = {}
        handles: dict[tuple[str, str], int] = {}
        for item in objects:
            word = list(item)[0]
            body = item[word]
            if word == "table":
                name = body["family"], body["name"]
                self.tables.append(name)
                handles[name] = int(body.get("handle", 0))
                if body.get("flags"):
                    self.flagged.append(name)
            elif word == "chain":
                chain = Chain(body, handles.get((body["family"], body["table"]), 0))
                self.chains[chain.key] = chain
            elif word in ("set", "map"):
                self.sets[(body["family"], body["table"], body["name"])] = word == "map"
            elif word == "limit":
                key = body["family"], body["table"], body["name"]
                self.limits[key] = bool(body.get("inv"))
            elif word == "rule":
                self.chains[(body["family"], body["table"], body["chain"])].rules.append(body)

    def base(self, family: int, hook: str) -> "list[Chain]":
        """The base chains that a packet of this family meets at a hook, in their order."""
        found = [c for c in self.chains.values() if c.hook == hook and c.family in FAMILIES[family]]
        return sorted(found, key=lambda chain: chain.order)

    def not_walked(self) -> "list[Chain]":
        """Base chains that see frames before or after all others: nobody asks them here."""
        found = [
            chain
            for chain in self.chains.values()
            if chain.hook and (chain.family in ("bridge", "netdev") or chain.hook == "ingress")
        ]
        return sorted(found, key=lambda chain: chain.key)

    def elements(self, key: "Key") -> "list[Any] | None":
        """A set's elements, asked for once; None: too many."""
        if key not in self._elements:
            self._elements[key] = self._fetch(key[0], key[1], key[2])
        return self._elements[key]

    def probe(self, key: "Key", text: str) -> bool:
        """Whether a set has a value, without reading the set."""
        return self._probe("%s %s %s { %s }" % (key[0], key[1], key[2], text))


class Sets:
    """The named sets and maps of one table."""

    def __init__(self, ruleset: Ruleset, family: str, table: str) -> None:
        self._ruleset = ruleset
        self._family = family
        self._table = table

    def known(self, name: str) -> bool:
        return (self._family, self._table, name) in self._ruleset.sets

    def holds(self, name: str, left: "Value") -> bool:
        """Whether a value is in the set (or a key of the map)."""
        key = self._family, self._table, name
        elements = self._ruleset.elements(key)
        if elements is None:
            if self._ruleset.sets[key]:
                raise Unknown("map %s is too large to be read" % name)
            return self._ruleset.probe(key, text(left, self._family == "ip6"))
        return matching.find(left, elements) is not None

    def is_over(self, limit: str) -> bool:
        """Whether a named limit is for what exceeds it."""
        key = self._family, self._table, limit
        if key not in self._ruleset.limits:
            raise Unknown("limit %s" % limit)
        return self._ruleset.limits[key]

    def data(self, name: str, left: "Value") -> "Any":
        """What a map has for a value; None: nothing."""
        key = self._family, self._table, name
        if not self.known(name):
            raise Unknown("map %s" % name)
        elements = self._ruleset.elements(key)
        if elements is None:
            raise Unknown("map %s is too large to be read" % name)
        pair = matching.find(left, elements)
        return None if pair is None else pair[1]


def text(left: "Value", wide: bool) -> str:
    """A value in nft's language."""
    kind, one = left
    if kind == "concat":
        return " . ".join([text(part, wide) for part in one])
    if kind == "address":
        # In an inet table both families may be asked for; a small IPv6 address is then unclear.
        return ip.format6(one) if wide or one >> 32 else ip.format4(one)
    if kind == "name":
        return '"%s"' % one
    if kind == "number":
        return "%d" % one
    raise Unknown("look into a large set for a %s" % kind)
