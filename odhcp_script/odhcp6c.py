"""odhcp6c's hook environment as a lease. Pure.

Rules of the client, all seen in captures: PREFIXES and ADDRESSES exist only while there is a lease
(empty: a lease without any of that kind); without one, what DHCPv6 told is left over from the last
lease and does not count, but what routers advertised does.
"""

from odhcp_script import grammar, softwire
from odhcp_script.grammar import GrammarError
from odhcp_script.lease import Complaint, Entry, Lease, Route
from odhcp_script.reading import MOST, add_items, attempt, complain_of_more, items

UNLEASED = ("started", "unbound", "stopped")
LEASED = ("bound", "updated", "rebound", "informed", "ra-updated")
# The lifetimes may be those of an earlier call: after an expiry odhcp6c repeats the RA's without
# counting them down.
FROZEN = ("unbound", "stopped")

# output, variable, whether items are names, whether it holds without a lease; DHCPv6 before RA
LISTS = (
    ("dns", b"RDNSS", False, False),
    ("dns", b"RA_DNS", False, True),
    ("domains", b"DOMAINS", True, False),
    ("domains", b"RA_DOMAINS", True, True),
    ("ntp", b"SNTP_IP", False, False),
    ("ntp", b"NTP_IP", False, False),
    ("ntp", b"NTP_FQDN", True, False),
    ("sip", b"SIP_IP", False, False),
    ("sip", b"SIP_DOMAIN", True, False),
)
# output, variable, least and greatest value; 0 means that no router has told it
NUMBERS = (
    ("hop-limit", b"RA_HOPLIMIT", 1, 255),
    ("mtu", b"RA_MTU", 1280, 65535),  # RFC 8200 section 5
    ("reachable", b"RA_REACHABLE", 1, 3600000),  # RFC 4861 section 6.2.1
    ("retransmit", b"RA_RETRANSMIT", 1, 0xFFFFFFFF),
)

# odhcp6c sends 256, 384, 512 and 640. The kernel makes 1024 of 0 (IP6_RT_PRIO_USER), and what is
# very large is no preference among routers.
METRIC_MAX = 65535
FIELDS = 16  # of an entry; 7 are known


def read(
    environ: dict[bytes, bytes], ifname: str, state: str, now: int
) -> "tuple[Lease, list[Complaint]]":
    """The lease of one hook call and what was left out of it. `now`: ms, monotonic."""
    complaints: list[Complaint] = []
    is_leased = state not in UNLEASED and b"PREFIXES" in environ
    word = "bound" if is_leased else state if state in UNLEASED else ""
    if state not in UNLEASED + LEASED:
        complaints.append(Complaint("STATE", "one of odhcp6c's states", state.encode()))
    variables = [("ra-address", b"RA_ADDRESSES")]
    if is_leased:
        variables = [("prefix", b"PREFIXES"), ("address", b"ADDRESSES")] + variables
    entries = []
    for kind, variable in variables:
        for item in items(environ, variable, complaints):
            entry = attempt(complaints, variable.decode(), item, _entry, kind, now, complaints)
            # odhcp6c leaves out addresses at zero and keeps prefixes: so do we, whatever comes
            if entry is not None and (entry.valid or kind == "prefix"):
                entries.append(entry)
    routes = []
    for item in items(environ, b"RA_ROUTES", complaints):
        route = attempt(complaints, "RA_ROUTES", item, _route, now)
        if route is not None:
            routes.append(route)
    plain = _plain(environ, ifname, is_leased, complaints)
    portal = environ.get(b"CAPTIVE_PORTAL_URI", b"")
    # odhcp6c does not tell who told it: after a lease it may be what is left of that
    if portal and (is_leased or state not in FROZEN):
        text = attempt(complaints, "CAPTIVE_PORTAL_URI", portal, grammar.uri)
        if text is not None:
            plain["captive-portal"] = text
    return Lease(word, state in FROZEN, entries, routes, plain), complaints


def _entry(item: bytes, kind: str, now: int, complaints: "list[Complaint]") -> "Entry":
    """prefix/len,preferred,valid[,T1,T2][,key=value...]; releases up to 2025-11 have no T1, T2."""
    fields = item.split(b",", FIELDS)
    if len(fields) > FIELDS:
        raise GrammarError("an entry of at most %d fields" % FIELDS)
    count = 1
    while count < len(fields) and grammar.made_of(fields[count], grammar.DIGITS):
        count += 1
    if count not in (3, 5):
        raise GrammarError("prefix/length and then 2 or 4 numbers")
    preferred, valid = grammar.lifetimes(fields[1], fields[2])
    if kind != "prefix":
        value, length = grammar.host(fields[0])
        return Entry(kind, value, length, preferred, valid, now, "", 0, 0)
    value, length = grammar.delegated(fields[0])
    klass, excluded, excluded_length = "", 0, 0
    for field in fields[count:]:  # the prefix itself is good, whatever is wrong here
        name, _, text = field.partition(b"=")
        if name == b"class":
            klass = attempt(complaints, "PREFIXES: class", text, grammar.iaid) or ""
        elif name == b"excluded":
            where = "PREFIXES: excluded"
            found = attempt(complaints, where, text, grammar.excluded, value, length)
            excluded, excluded_length = found or (0, 0)
    return Entry(kind, value, length, preferred, valid, now, klass, excluded, excluded_length)


def _route(item: bytes, now: int) -> "Route":
    """destination/len,gateway,valid,metric; the gateway is empty for what is on the link."""
    fields = item.split(b",")
    if len(fields) < 4:
        raise GrammarError("destination/length,gateway,valid,metric")
    destination, length = grammar.destination(fields[0])
    gateway = grammar.gateway(fields[1]) if fields[1] else None
    valid = grammar.number(fields[2], 0, grammar.INFINITE)
    metric = grammar.number(fields[3], 1, METRIC_MAX)
    return Route(destination, length, gateway, valid, now, metric)


def _plain(
    environ: dict[bytes, bytes], ifname: str, is_leased: bool, complaints: "list[Complaint]"
) -> dict[str, str]:
    """The outputs that are no folders of entries."""
    plain: dict[str, str] = {}
    for output, variable, is_name, holds in LISTS:
        if not (holds or is_leased):
            continue
        if is_name:
            add_items(plain, output, environ, variable, complaints, grammar.domain_name)
        else:
            add_items(plain, output, environ, variable, complaints, grammar.server, ifname)
    for output, variable, low, high in NUMBERS:
        item = environ.get(variable, b"")
        if item not in (b"", b"0"):
            value = attempt(complaints, variable.decode(), item, grammar.number, low, high)
            if value is not None:
                plain[output] = str(value)
    if is_leased:
        _add_leased(plain, environ, complaints)
    return plain


def _add_leased(
    plain: dict[str, str], environ: dict[bytes, bytes], complaints: "list[Complaint]"
) -> None:
    """What only DHCPv6 tells, and only while there is a lease."""
    for output, variable, check in (
        ("aftr", b"AFTR", grammar.domain_name),
        ("passthrough", b"PASSTHRU", grammar.hexadecimal),
        ("server", b"SERVER", grammar.router),
    ):
        item = environ.get(variable, b"")
        text = attempt(complaints, variable.decode(), item, check) if item else None
        if text is not None:
            plain[output] = text
    _add_options(plain, environ, complaints)
    for variable in (b"MAPE", b"MAPT", b"LW4O6"):
        name = variable.decode()
        add_items(plain, "softwire", environ, variable, complaints, softwire.rule, name)


def _add_options(
    plain: dict[str, str], environ: dict[bytes, bytes], complaints: "list[Complaint]"
) -> None:
    """The options as they came, the lowest numbers first: the client's and the server's DUID."""
    numbered = []
    for variable in sorted([name for name in environ if name.startswith(b"OPTION_")]):
        option = attempt(complaints, "OPTION_", variable[7:], grammar.number, 1, 65535)
        if option is not None:
            numbered.append((option, variable))
    if len(numbered) > MOST:
        complain_of_more(complaints, "OPTION_")
    for option, variable in sorted(numbered)[:MOST]:
        where = "OPTION_%d" % option
        text = attempt(complaints, where, environ[variable], grammar.hexadecimal)
        if text is not None:
            plain["option/%d" % option] = text
