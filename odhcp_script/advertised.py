"""What routers advertised, from dhcpcd's variables nd1_..., nd2_..., one number a router. Pure.

RFC 4861 sections 4.2 and 4.6, RFC 4191, RFC 8106. dhcpcd repeats each advertisement as it came;
nd1_acquired and nd1_now tell how old it is.
"""

from odhcp_script import grammar
from odhcp_script.lease import Complaint, Entry, Route
from odhcp_script.reading import (
    MOST,
    add_items,
    attempt,
    attempt_lifetimes,
    complain_of_more,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from odhcp_script.halves import Half

ROUTERS = 32  # routers, and options of a kind from one, are looked for up to this number
PREFIX = b"nd"
# As odhcp6c has them: router preference (RFC 4191) by metric
METRIC_HIGH = 384
METRIC = 512
METRIC_LOW = 640
METRIC_ON_LINK = 256
NUMBERS = (("hop-limit", b"hoplimit", 1, 255), ("mtu", b"mtu", 1280, 65535))
# What is read, for halves.take()
FIELDS = frozenset(
    [b"_from", b"_acquired", b"_now", b"_flags", b"_lifetime"]
    + [b"_" + row[1] for row in NUMBERS]
    + [b"_prefix_information_" + name for name in (b"prefix", b"length", b"flags")]
    + [b"_prefix_information_pltime", b"_prefix_information_vltime"]
)
OTHERS = frozenset(
    [b"_route_information", b"_rdnss_lifetime", b"_rdnss_servers", b"_dnssl_lifetime"]
    + [b"_dnssl_search", b"_captive_portal_uri"]
)


class _Router:
    """One router's variables: its prefix (nd1_), when it was heard, where complaints go."""

    def __init__(self, half: "Half", number: int, complaints: "list[Complaint]") -> None:
        self.name = b"nd%d_" % number
        self.variables = half.variables
        self.complaints = complaints
        age = self.number(b"now", 0, 0xFFFFFFFF) - self.number(b"acquired", 0, 0xFFFFFFFF)
        # Older than the clock itself can't be: a deadline before its beginning is no deadline.
        self.told = max(half.told - max(age, 0) * 1000, 0)

    def get(self, name: bytes) -> bytes:
        return self.variables.get(self.name + name, b"")

    def number(self, name: bytes, low: int, high: int) -> int:
        """A number, 0 when it is missing or out of its limits."""
        item = self.get(name)
        if item in (b"", b"0"):
            return 0
        return attempt(self.complaints, self.where(name), item, grammar.number, low, high) or 0

    def where(self, name: bytes) -> str:
        """The variable's whole name, for complaints."""
        return (self.name + name).decode()


def read(
    half: "Half",
    ifname: str,
    interface_id: int | None,
    plain: dict[str, str],
    complaints: "list[Complaint]",
) -> "tuple[list[Entry], list[Route]]":
    """The addresses and routes that the routers told; adds to `plain` what else they told."""
    entries: list[Entry] = []
    routes: list[Route] = []
    for number in range(1, ROUTERS + 1):
        router = _Router(half, number, complaints)
        if not router.get(b"from"):
            break
        where = router.where(b"from")
        gateway = attempt(complaints, where, router.get(b"from"), grammar.gateway)
        if gateway is not None:
            _add_router(router, gateway, ifname, plain, routes)
        for index in range(1, ROUTERS + 1):
            _add_prefix(router, b"prefix_information%d_" % index, interface_id, entries, routes)
    for where, found in (("prefix_information", entries), ("routes", routes)):
        if len(found) > MOST:
            complain_of_more(complaints, where)
    return entries[:MOST], routes[:MOST]


def _add_router(
    router: "_Router", gateway: int, ifname: str, plain: dict[str, str], routes: "list[Route]"
) -> None:
    """The default route, routes to more, and what is the same for the whole link."""
    if router.get(b"lifetime"):
        lifetime = router.number(b"lifetime", 0, 65535)
        routes.append(Route(0, 0, gateway, lifetime, router.told, _metric(router.get(b"flags"))))
    for index in range(ROUTERS + 1):  # dhcpcd numbers them only when there are more
        name = b"route_information%d" % index if index else b"route_information"
        if router.get(name):
            item, where = router.get(name), router.where(name)
            route = attempt(router.complaints, where, item, _route, gateway, router.told)
            if route is not None:
                routes.append(route)
    for output, name, low, high in NUMBERS:
        value = router.number(name, low, high)
        if value and output not in plain:
            plain[output] = str(value)
    for index in range(1, ROUTERS + 1):
        name = b"rdnss%d_" % index
        if router.number(name + b"lifetime", 0, grammar.INFINITE):
            variable = router.name + name + b"servers"
            add_items(
                plain, "dns", router.variables, variable, router.complaints, grammar.server, ifname
            )
        name = b"dnssl%d_" % index
        if router.number(name + b"lifetime", 0, grammar.INFINITE):
            variable = router.name + name + b"search"
            check = grammar.domain_name
            add_items(plain, "domains", router.variables, variable, router.complaints, check)
    portal = router.get(b"captive_portal_uri")
    if portal and "captive-portal" not in plain:
        where = router.where(b"captive_portal_uri")
        text = attempt(router.complaints, where, portal, grammar.uri)
        if text is not None:
            plain["captive-portal"] = text


def _metric(flags: bytes) -> int:
    """The router preference among the flags of an advertisement: h, l or neither (H is another)."""
    if b"h" in flags:
        return METRIC_HIGH
    return METRIC_LOW if b"l" in flags else METRIC


def _route(item: bytes, gateway: int, told: int) -> "Route":
    """A Route Information option in hex, without type and length (RFC 4191 section 2.3)."""
    octets = bytes.fromhex(grammar.hexadecimal(item))
    if len(octets) < 6:
        raise grammar.GrammarError("a Route Information option of at least 6 octets")
    prefix = (octets[6:22] + bytes(16))[:16]
    value, length = grammar.route_prefix(int.from_bytes(prefix, "big"), octets[0])
    preference = octets[1] >> 3 & 3
    if preference == 2:
        raise grammar.GrammarError("a route whose preference is not reserved")
    metric = (METRIC, METRIC_HIGH, 0, METRIC_LOW)[preference]
    valid = int.from_bytes(octets[2:6], "big")
    return Route(value, length, gateway, valid, told, metric)


def _add_prefix(
    router: "_Router",
    name: bytes,
    interface_id: int | None,
    entries: "list[Entry]",
    routes: "list[Route]",
) -> None:
    """A Prefix Information option: L makes an on-link route, A an address (RFC 4862, 5.5.3)."""
    if not router.get(name + b"prefix"):
        return
    where = router.where(name)
    item = router.get(name + b"prefix") + b"/" + router.get(name + b"length")
    found = attempt(router.complaints, where + "prefix", item, grammar.delegated)
    times = attempt_lifetimes(router.complaints, where, router.name + name, router.variables)
    if found is None or times is None:
        return
    flags = router.get(name + b"flags")
    if b"L" in flags:
        routes.append(Route(found[0], found[1], None, times[1], router.told, METRIC_ON_LINK))
    if b"A" in flags and found[1] == 64 and interface_id is not None and times[1]:
        value = found[0] | interface_id
        entries.append(Entry("ra-address", value, 64, times[0], times[1], router.told, "", 0, 0))
