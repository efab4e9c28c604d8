"""Router advertisements of every shape, with scapy as the oracle. Host only."""

import ipaddress
from typing import Any

from hypothesis import strategies as st
from scapy.layers import inet6

LIFETIMES = st.one_of(st.sampled_from([0, 1, 2700, 5400, 0xFFFFFFFF]), st.integers(0, 0xFFFFFFFF))
ADDRESSES = st.integers(0, (1 << 128) - 1)
LABELS = st.text("abcxyz019-", min_size=1, max_size=63)
NAMES = st.lists(LABELS, min_size=1, max_size=3).map(".".join)
MACS = st.binary(min_size=6, max_size=6).map(lambda data: data.hex(":"))


def text(value: int) -> str:
    return str(ipaddress.IPv6Address(value))


def masked(value: int, length: int) -> str:
    return text(value >> (128 - length) << (128 - length))


PREFIXES = st.builds(
    lambda value, length, on_link, autonomous, preferred, valid: [
        "prefix",
        masked(value, length),
        length,
        on_link,
        autonomous,
        preferred,
        valid,
    ],
    ADDRESSES,
    st.one_of(st.just(64), st.integers(0, 128)),
    st.booleans(),
    st.booleans(),
    LIFETIMES,
    LIFETIMES,
)
ROUTES = st.builds(
    lambda value, length, preference, lifetime: [
        "route",
        masked(value, length),
        length,
        preference,
        lifetime,
    ],
    ADDRESSES,
    st.integers(0, 128),
    st.sampled_from(["low", "medium", "high"]),
    LIFETIMES,
)
SERVERS = st.builds(
    lambda values, lifetime: ["servers", [text(value) for value in values], lifetime],
    st.lists(ADDRESSES, min_size=1, max_size=4),
    LIFETIMES,
)
DOMAINS = st.builds(
    lambda names, lifetime: ["domains", names, lifetime],
    st.lists(NAMES, min_size=1, max_size=3),
    LIFETIMES,
)
MTUS = st.builds(lambda octets: ["mtu", octets], st.integers(0, 0xFFFFFFFF))
LINKS = st.builds(lambda mac: ["link", mac], MACS)

INPUTS = st.builds(
    lambda hops, managed, other, preference, lifetime, reachable, retrans, options: [
        [hops, managed, other, preference, lifetime, reachable, retrans],
        options,
    ],
    st.integers(0, 255),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["low", "medium", "high"]),
    st.integers(0, 0xFFFF),
    LIFETIMES,
    LIFETIMES,
    st.lists(st.one_of(PREFIXES, ROUTES, SERVERS, DOMAINS, MTUS, LINKS), max_size=6),
)

PREFERENCES = {"high": 1, "medium": 0, "low": 3}


def layer(option: list[Any]) -> Any:
    """One option as scapy's layer; lengths are scapy's to find where it can."""
    kind, *fields = option
    if kind == "prefix":
        prefix, length, on_link, autonomous, preferred, valid = fields
        return inet6.ICMPv6NDOptPrefixInfo(
            prefix=prefix,
            prefixlen=length,
            L=int(on_link),
            A=int(autonomous),
            R=0,
            preferredlifetime=preferred,
            validlifetime=valid,
        )
    if kind == "route":
        prefix, length, preference, lifetime = fields
        return inet6.ICMPv6NDOptRouteInfo(
            prefix=prefix,
            plen=length,
            len=1 if length == 0 else 2 if length <= 64 else 3,
            prf=PREFERENCES[preference],
            rtlifetime=lifetime,
        )
    if kind == "servers":
        return inet6.ICMPv6NDOptRDNSS(dns=fields[0], lifetime=fields[1])
    if kind == "domains":
        return inet6.ICMPv6NDOptDNSSL(searchlist=fields[0], lifetime=fields[1])
    if kind == "mtu":
        return inet6.ICMPv6NDOptMTU(mtu=fields[0])
    return inet6.ICMPv6NDOptSrcLLAddr(lladdr=fields[0])


def expected(given: list[Any]) -> str:
    """The message's octets in hexadecimal, its checksum zero."""
    (hops, managed, other, preference, lifetime, reachable, retrans), options = given
    message = inet6.ICMPv6ND_RA(
        chlim=hops,
        M=int(managed),
        O=int(other),
        H=0,
        P=0,
        prf=PREFERENCES[preference] if lifetime else 0,
        routerlifetime=lifetime,
        reachabletime=reachable,
        retranstimer=retrans,
        cksum=0,
    )
    for option in options:
        message = message / layer(option)
    return bytes(message).hex()
