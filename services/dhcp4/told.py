"""From udhcpc's environment to outputs: what one call of its hook publishes. Pure.

udhcpc waits for its hook, so calls come one after the other. Every item is checked by its grammar;
what does not fit is left out and told.
"""

from agent import ip
from services.dhcp4 import grammar
from services.dhcp4.grammar import GrammarError
from services.dhcp6 import deadlines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    # (variable, what was expected, what was there)
    Complaint = tuple[str, str, bytes]

BOUND, UNBOUND = "bound", "unbound"
MOST = 64  # items of a kind
LEAST_MTU = 576  # RFC 791: what every host takes


class Told:
    """Collects the outputs of a call. `complaints`: what was left out."""

    def __init__(self, environ: dict[bytes, bytes]) -> None:
        self._environ = environ
        self.values: dict[str, str] = {}
        self.complaints: list[Complaint] = []

    def words(self, variable: str) -> list[str]:
        """The blank-separated words of a variable; octets that are no text become none."""
        octets = self._environ.get(variable.encode(), b"")
        try:
            return octets.decode().split(" ") if octets else []
        except UnicodeError:
            self.complain(variable, "text", octets)
            return []

    def complain(self, variable: str, expected: str, got: bytes) -> None:
        """Leave an item out."""
        self.complaints.append((variable, expected, got))

    def one(self, variable: str, check: "Callable[[str], int]") -> int | None:
        """The variable's first item; None when it is not there or does not fit."""
        for word in self.words(variable)[:1]:
            try:
                return check(word)
            except GrammarError as error:
                self.complain(variable, "%s" % error, word.encode())
        return None

    def many(self, variable: str, output: str, check: "Callable[[str], str]") -> None:
        """All items of a variable behind those that the output has, each once."""
        found = self.values[output].split("\n") if output in self.values else []
        for word in self.words(variable):
            try:
                item = check(word)
            except GrammarError as error:
                self.complain(variable, "%s" % error, word.encode())
                continue
            if item not in found and len(found) < MOST:
                found.append(item)
        if found:
            self.values[output] = "\n".join(found)


def read(
    environ: dict[bytes, bytes], ifname: str, state: str, now: float
) -> "tuple[dict[str, str] | None, list[Complaint]]":
    """(outputs, complaints) of a call `state` at `now` on the monotonic clock; outputs None: all
    stays as it is."""
    if state == "nak":
        return None, []  # a deconfig comes by itself
    told = Told(environ)
    values = told.values
    values["ifname"] = ifname
    values["state"] = UNBOUND
    address = told.one("ip", grammar.host) if state in ("bound", "renew") else None
    if address is None:
        return values, told.complaints
    values["state"] = BOUND
    values["address"] = ip.format4(address)
    length = told.one("subnet", grammar.mask)
    values["length"] = "%d" % (32 if length is None else length)
    _lifetime(told, now)
    _routes(told)
    for variable, output in (("dns", "dns"), ("ntpsrv", "ntp")):
        told.many(variable, output, lambda word: ip.format4(grammar.host(word)))
    for variable in ("domain", "search"):
        told.many(variable, "domains", _domain)
    mtu = told.one("mtu", lambda word: grammar.number(word, LEAST_MTU, 65535))
    if mtu is not None:
        values["mtu"] = "%d" % mtu
    server = told.one("serverid", grammar.host)
    if server is not None:
        values["server"] = ip.format4(server)
    return values, told.complaints


def _domain(word: str) -> str:
    """A domain; not udhcpc's `bad`, cut to the length of the name that it stands for."""
    if word in ("b", "ba", "bad"):
        raise GrammarError("a domain name")
    return grammar.domain(word)


def _lifetime(told: Told, now: float) -> None:
    """How long the lease lasts; one that is not told ends with the client's next word."""
    seconds = told.one("lease", lambda word: grammar.number(word, 1, grammar.INFINITE))
    until = deadlines.FOREVER
    if seconds is not None:
        told.values["lease"] = "infinity" if seconds == grammar.INFINITE else "%d" % seconds
        if seconds != grammar.INFINITE:
            until = now + seconds
    told.values["lease-until"] = deadlines.render(until)


def _routes(told: Told) -> None:
    """Classless routes, or else the router (RFC 3442: who gets both ignores the router)."""
    words = told.words("staticroutes")
    if len(words) % 2:
        told.complain("staticroutes", "pairs", words.pop().encode())
    routes = []
    for at in range(0, len(words), 2):
        try:
            routes.append(grammar.route(words[at], words[at + 1]))
        except GrammarError as error:
            pair = words[at] + " " + words[at + 1]
            told.complain("staticroutes", "%s" % error, pair.encode())
    if not words:
        router = told.one("router", grammar.host)
        if router is not None:
            routes.append((0, 0, router))
    for destination, length, gateway in routes[:MOST]:
        text = ip.format4(destination)
        folder = "route/%s_%d/" % (text, length)
        told.values[folder + "destination"] = text
        told.values[folder + "length"] = "%d" % length
        if gateway:
            told.values[folder + "gateway"] = ip.format4(gateway)
        if not length and gateway:
            told.values["gateway"] = ip.format4(gateway)
