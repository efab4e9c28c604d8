"""dhcpcd's hook environment as a lease. Pure.

Written from captures of dhcpcd 9.4.1 with --noconfigure (tests/captures/dhcpcd-*.json). Each call
carries one half, whole: what DHCPv6 told (new_dhcp6_...) or what the routers told (nd1_...,
nd2_...); the other half holds as it was. A call with nothing in it says that its half is gone.
"""

from odhcp_script import advertised, grammar, halves
from odhcp_script.halves import DHCP6, RA
from odhcp_script.lease import Complaint, Entry, Lease, Route
from odhcp_script.reading import (
    MOST,
    add_items,
    attempt,
    attempt_lifetimes,
    complain_of_more,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from odhcp_script.halves import Half

# What a reason does: (the half that it brings, the halves that it ends, the state's word).
# CARRIER and whatever IPv4 says (BOUND, IPV4LL, TIMEOUT...) change nothing.
REASONS = {
    b"PREINIT": ("", (RA, DHCP6), "started"),
    b"ROUTERADVERT": (RA, (), ""),
    b"BOUND6": (DHCP6, (), ""),
    b"RENEW6": (DHCP6, (), ""),
    b"REBIND6": (DHCP6, (), ""),
    b"REBOOT6": (DHCP6, (), ""),
    b"INFORM6": (DHCP6, (), ""),
    b"EXPIRE6": ("", (DHCP6,), "unbound"),
    b"RELEASE6": ("", (DHCP6,), "unbound"),
    b"STOP6": ("", (DHCP6,), "unbound"),
    b"NOCARRIER": ("", (RA, DHCP6), "unbound"),
    b"DEPARTED": ("", (RA, DHCP6), "unbound"),
    b"STOPPED": ("", (RA, DHCP6), "stopped"),
}
NUMBERS = 32  # IAs, and entries in one, are looked for up to this number
PREFIX = b"new_dhcp6_"

# output, variable, whether items are names
LISTS = (
    ("dns", b"name_servers", False),
    ("domains", b"domain_search", True),
    ("ntp", b"sntp_servers", False),
    ("ntp", b"ntp_server_addr", False),
    ("ntp", b"ntp_server_fqdn", True),
    ("sip", b"sip_servers_addresses", False),
    ("sip", b"sip_servers_names", True),
)
# output, variable, its grammar
SINGLES = (
    ("aftr", b"aftr_name", grammar.domain_name),
    ("captive-portal", b"captive_portal_uri", grammar.uri),
    ("option/1", b"client_id", grammar.hexadecimal),
    ("option/2", b"server_id", grammar.hexadecimal),
)
# What is read, for halves.take()
LEASED = (b"", b"_pltime", b"_vltime")
FIELDS = frozenset(
    [b"ia_pd_iaid", b"ia_pd_prefix_length", b"ia_pd_prefix_pd_exclude_prefix_len"]
    + [b"ia_pd_prefix_pd_exclude_subnetID"]
    + [b"ia_pd_prefix" + name for name in LEASED]
    + [b"ia_na_ia_addr" + name for name in LEASED]
)
OTHERS = frozenset([row[1] for row in LISTS] + [row[1] for row in SINGLES])
KEPT = {
    DHCP6: (PREFIX, FIELDS, OTHERS),
    RA: (advertised.PREFIX, advertised.FIELDS, advertised.OTHERS),
}


def concerns(environ: dict[bytes, bytes]) -> bool:
    """Whether a call is about anything that is published."""
    return environ.get(b"reason", b"") in REASONS


def read(
    environ: dict[bytes, bytes], ifname: str, interface_id: int | None, now: int, notes: str
) -> "tuple[Lease, list[Complaint], str]":
    """The lease after one hook call, what was left out of both halves, the notes for the next.

    `interface_id`: the lower 64 bits of the link's link-local address, None when it has none; an
    address is made of it where routers ask for that (RFC 4862 section 5.5.3). `now`: ms.
    """
    brought, ended, word = REASONS[environ[b"reason"]]
    told = halves.parse(notes)
    complaints: list[Complaint] = []
    for which in ended:
        told.pop(which, None)
    if brought:
        prefix, fields, others = KEPT[brought]
        half, dropped = halves.take(environ, prefix, fields, others, now)
        told.pop(brought, None)
        # Whoever tells nothing that is read has told something all the same.
        if any([name.startswith(prefix) for name in environ]):
            told[brought] = half
        if dropped:
            expected = "at most %d octets" % halves.LONGEST
            complaints.append(Complaint("environment", expected, b" ".join(dropped)))
    entries: list[Entry] = []
    plain: dict[str, str] = {}
    if DHCP6 in told:
        _add_leased(told[DHCP6], ifname, entries, plain, complaints)
        word = "bound"
    routes: list[Route] = []
    if RA in told:
        found, routes = advertised.read(told[RA], ifname, interface_id, plain, complaints)
        entries.extend(found)
    return Lease(word, False, entries, routes, plain), complaints, halves.text(told)


def _add_leased(
    half: "Half",
    ifname: str,
    entries: "list[Entry]",
    plain: dict[str, str],
    complaints: "list[Complaint]",
) -> None:
    """The DHCPv6 half: IA_PD, IA_NA and the other options."""
    for kind, name, part in (
        ("prefix", PREFIX + b"ia_pd%d_", b"prefix%d"),
        ("address", PREFIX + b"ia_na%d_", b"ia_addr%d"),
    ):
        found = _leased(half, kind, name, part, complaints)
        if len(found) > MOST:
            complain_of_more(complaints, (name + part).decode().replace("%d", ""))
        entries.extend(found[:MOST])
    variables = half.variables
    for output, option, is_name in LISTS:
        variable = PREFIX + option
        if is_name:
            add_items(plain, output, variables, variable, complaints, grammar.domain_name)
        else:
            add_items(plain, output, variables, variable, complaints, grammar.server, ifname)
    for output, option, check in SINGLES:
        item = variables.get(PREFIX + option, b"")
        text = attempt(complaints, option.decode(), item, check) if item else None
        if text is not None:
            plain[output] = text


def _leased(
    half: "Half", kind: str, name: bytes, part: bytes, complaints: "list[Complaint]"
) -> "list[Entry]":
    """The entries of all IAs of a kind, by the numbers in their names."""
    entries = []
    for ia in range(1, NUMBERS + 1):
        for number in range(1, NUMBERS + 1):
            first = (name + part) % (ia, number)
            if first not in half.variables:
                break
            entry = _entry(first, half, kind, name % ia, complaints)
            if entry is not None and (entry.valid or kind == "prefix"):
                entries.append(entry)
    return entries


def _entry(
    first: bytes, half: "Half", kind: str, ia: bytes, complaints: "list[Complaint]"
) -> "Entry | None":
    """..._prefix1 with ..._length, or ..._ia_addr1; both with ..._pltime and ..._vltime."""
    variables = half.variables
    where = first.decode()
    item = variables[first]
    if kind == "prefix":
        item += b"/" + variables.get(first + b"_length", b"")
        found = attempt(complaints, where, item, grammar.delegated)
    else:
        found = attempt(complaints, where, item, _host)
    times = attempt_lifetimes(complaints, where + "_", first + b"_", variables)
    if found is None or times is None:
        return None
    value, length = found
    if kind != "prefix":
        return Entry(kind, value, length, times[0], times[1], half.told, "", 0, 0)
    iaid = variables.get(ia + b"iaid", b"")
    klass = attempt(complaints, ia.decode() + "iaid", iaid, grammar.iaid) or ""
    if klass == "00000001":
        klass = ""  # as odhcp6c: the same lease has the same name behind either client
    excluded = _excluded(first + b"_pd_exclude_", variables, value, length, complaints)
    return Entry(
        kind, value, length, times[0], times[1], half.told, klass, excluded[0], excluded[1]
    )


def _host(item: bytes) -> tuple[int, int]:
    """An IA_NA address and its length."""
    return grammar.host(item + b"/128")


def _excluded(
    name: bytes,
    variables: dict[bytes, bytes],
    value: int,
    length: int,
    complaints: "list[Complaint]",
) -> "Any":
    """OPTION_PD_EXCLUDE as dhcpcd gives it: the length, and the subnet id's octets in hex."""
    item = variables.get(name + b"prefix_len", b"")
    if not item:
        return 0, 0
    subnet = variables.get(name + b"subnetID", b"")
    where = name.decode()
    found = attempt(complaints, where, item + b"," + subnet, _pd_exclude, value, length)
    return found or (0, 0)


def _pd_exclude(item: bytes, value: int, length: int) -> tuple[int, int]:
    """The excluded prefix of `prefix_len,subnetID`."""
    bits, _, subnet = item.partition(b",")
    return grammar.pd_exclude(bits, subnet, value, length)
