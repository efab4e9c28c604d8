"""What the kernel's routing says of addresses (nft's `fib`), from its tables local and main. Pure.

Policy routing is not looked at: with rules of `ip rule` the kernel may say otherwise.
"""

from agent import ip
from agent.port.records import ROUTE_KINDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.port.records import Route

UNSPEC, UNICAST, LOCAL, BROADCAST, MULTICAST, UNREACHABLE = (
    0,
    1,
    2,
    3,
    5,
    7,
)  # linux/rtnetlink.h, RTN_*
REACHABLE = ("unicast", "multicast")
UNREJECTED = ("unicast", "broadcast", "multicast")


class Facts:
    """`names`: {index: link}. `local`, `main`: the two tables' routes."""

    def __init__(self, names: dict[int, str], local: "list[Route]", main: "list[Route]") -> None:
        self._names = names
        self._local = local
        self._main = main

    def type(self, family: int, address: int, link: str = "") -> int:
        """`fib daddr type`, with a link `fib daddr . iif type`: RTN_* of the route there."""
        if family == 4:
            # __inet_dev_addr_type(): the local table alone
            if address >> 24 == 0 or address == 0xFFFFFFFF:
                return BROADCAST
            if address >> 28 == 0xE:
                return MULTICAST
            found = _best(self._local, family, address)
            if found is None or (link and self._names.get(found.index) != link):
                return UNICAST
            return ROUTE_KINDS.index(found.kind)
        if link:
            return self._type_there(address, link)
        found = _best(self._local, family, address) or _best(self._main, family, address)
        if found is not None and found.kind in REACHABLE:
            return _type6(address)
        return UNREACHABLE if found is None else ROUTE_KINDS.index(found.kind)

    def _type_there(self, address: int, link: str) -> int:
        """nft_fib6_eval_type() with a link: its own addresses, else whether it leads there."""
        found = self._through(6, address, link)
        if found is None:
            return UNREACHABLE
        return LOCAL if found.kind == "local" else _type6(address)

    def _through(self, family: int, address: int, link: str) -> "Route | None":
        """The best of the routes by a link."""
        for table in (self._local, self._main):
            found = _best([r for r in table if self._names.get(r.index) == link], family, address)
            if found is not None:
                return found
        return None

    def back(self, family: int, source: int, destination: int, link: str) -> str:
        """`fib saddr . iif oif`: the link that leads back, "" unless it is the one it came by."""
        if family == 4:
            if source >> 24 == 0:
                # nft_fib4_eval(): DHCP's questions come from nowhere
                here = destination == 0xFFFFFFFF or destination >> 8 == 0xE00000
                return link if here else ""
            found = _best(self._local, family, source) or _best(self._main, family, source)
            good = found is not None and found.kind in UNREJECTED and self._uses(found, link)
            return link if good else ""
        # nft_fib6_eval(): only routes by that link are looked at
        found = self._through(family, source, link)
        return link if found is not None and found.kind in REACHABLE else ""

    def out(self, family: int, address: int) -> "str | None":
        """The link that leads to an address; None: none does."""
        found = _best(self._main, family, address)
        if found is None or found.kind != "unicast":
            return None
        return self._names.get(found.index)

    def is_local(self, family: int, address: int) -> bool:
        return self.type(family, address) in (LOCAL, BROADCAST, MULTICAST)

    def own(self, family: int, link: str, destination: int) -> list[int]:
        """The addresses of a link that `redirect` may take for a destination: of IPv6 those of
        its scope (nf_nat_redirect.c). The kernel takes the first in an order that is not seen."""
        here = [r for r in self._local if r.kind == "local" and self._names.get(r.index) == link]
        found = [value for version, value in [_value(r) for r in here] if version == family]
        if family == 6:
            found = [value for value in found if _scope(value) == _scope(destination)]
        return sorted(found)

    def _uses(self, route: "Route", link: str) -> bool:
        """Whether a route, or another of the same destination, leads out by the link."""
        same = (route.destination, route.length, route.metric)
        for other in self._local + self._main:
            if (other.destination, other.length, other.metric) == same:
                if self._names.get(other.index) == link:
                    return True
        return False


def _type6(address: int) -> int:
    """What nft_fib6_eval_type() calls an address that a route leads to (ipv6_addr_type())."""
    if address >> 120 == 0xFF:
        return MULTICAST
    return UNSPEC if address == 0 or address >> 32 == 0xFFFF else UNICAST


def _scope(address: int) -> int:
    """ipv6_addr_scope(): IPV6_ADDR_SCOPE_* (net/ipv6.h)."""
    if address >> 120 == 0xFF:
        return address >> 112 & 0xF
    if address >> 118 in (0x3FA, 0x3FB):
        return 2 if address >> 118 == 0x3FA else 5
    return 14


def _value(route: "Route") -> tuple[int, int]:
    return ip.parse(route.destination) or (0, 0)


def _best(routes: "list[Route]", family: int, address: int) -> "Route | None":
    """The longest prefix that covers an address, of equals the least metric."""
    width = 32 if family == 4 else 128
    best: Route | None = None
    for route in routes:
        version, value = _value(route)
        if version != family or (value ^ address) >> (width - route.length):
            continue
        if best is None or (route.length, -route.metric) > (best.length, -best.metric):
            best = route
    return best
