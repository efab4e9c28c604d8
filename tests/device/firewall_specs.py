"""A small firewall as the host writes it: what device and lab tests of the loader load."""

import hashlib
import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FAMILIES = (("ip", "ipv4_addr"), ("ip6", "ipv6_addr"))
TABLE = """\
table FAMILY frost_FAMILY {
}
flush table FAMILY frost_FAMILY
table FAMILY frost_FAMILY {
\tset wan {
\t\ttype ifname;
\t}
\tset lan {
\t\ttype ifname;
\t}
\tset assigned {
\t\ttype ADDRESS . ifname;
\t\tflags interval;
\t}
\tset stale {
\t\ttype ADDRESS;
\t\tflags interval,timeout;
\t}
\tset nas {
\t\ttype ADDRESS;
\t}
\tset seen {
\t\ttype ADDRESS;
\t\tflags timeout;
\t}
\tmap forward_from {
\t\ttype ifname : verdict;
\t}
\tmap icmp_limits {
\t\ttype ifname : limit;
\t}
\tchain input {
\t\ttype filter hook input priority 0; policy drop;
\t\tiifname "lo" counter accept comment "local/1 loopback"
\t\tct state established counter accept comment "local/2 own"
\t\ticmpv6 type echo-request limit name iifname map @icmp_limits counter \
goto deny_closed comment "ping/1 RFC 4890"
\t\ticmpv6 type echo-request counter accept comment "ping/2 RFC 4890"
\t\tcounter goto deny_closed comment "closed/1 RFC 6092 REC-8"
\t}
\tchain deny_closed {
\t\tlimit rate 5/second burst 10 packets log prefix "closed RFC 6092 REC-8" group 31 \
comment "closed/1 RFC 6092 REC-8"
\t\tcounter drop comment "closed/1 RFC 6092 REC-8"
\t}
\tchain forward {
\t\ttype filter hook forward priority 0; policy drop;
\t\tct state established counter goto established comment "flows/1 known"
\t\tADDRESSES saddr @stale counter drop comment "stale/1 RFC 7084 L-14"
\t\tiifname vmap @forward_from
\t}
\tchain established {
\t\tcounter accept comment "flows/2 known"
\t}
\tchain forward_wan {
\t\tADDRESSES daddr @nas counter accept comment "nas/1 site"
\t}
\tchain forward_lan {
\t\tADDRESSES saddr . iifname @assigned counter accept comment "assigned/1 RFC 7084 WPD-5"
\t}
}
"""
SWITCHES = {"net/ipv4/ip_forward": "1", "net/ipv6/conf/all/forwarding": "1"}


def ruleset() -> str:
    """The text for nft."""
    parts = []
    for family, kind in FAMILIES:
        text = TABLE.replace("FAMILY", family).replace("ADDRESSES", family)
        text = text.replace("ADDRESS", kind)
        parts.append(text if family == "ip6" else text.replace("icmpv6 type", "icmp type"))
    return "".join(parts)


def spec(text: str) -> "dict[str, Any]":
    """follow.json for that text."""
    return {
        "frostgate-firewall": 1,
        "written-by": "frostgate 0.1.0",
        "ruleset": _hex(hashlib.sha256(text.encode()).digest()),
        "tables": [_table(family, kind) for family, kind in FAMILIES],
        "zones": [
            _zone("wan", [{"output": "wan/ifname"}], {"output": "wan/bandwidth"}),
            _zone("lan", [{"link": "lan0"}, {"output": "lan/ifname"}], None),
        ],
        "follow": [
            _follow("assigned", {"entries": "lan_prefix/lan/*/*", "link": 0}),
            _follow("stale", {"entries": "ra/withdrawn/*", "until": "until"}),
            _follow("nas", {"entries": "lan_prefix/lan/lan0/*", "suffix": "::10"}),
        ],
        "forget": [{"values": "wan/address"}],
        "switches": dict(SWITCHES),
        "settings": {"net/netfilter/nf_conntrack_udp_timeout": "300"},
        "log": 31,
        "groups": [{"name": "closed", "requirement": "RFC 6092 REC-8", "text": "Nobody asks."}],
    }


def folder() -> "tuple[str, dict[str, Any]]":
    """Both files: the text and the spec as an object."""
    text = ruleset()
    return text, spec(text)


def encoded(what: "dict[str, Any]") -> bytes:
    """follow.json as the file holds it."""
    return json.dumps(what).encode()


def _hex(octets: bytes) -> str:
    return "".join(["%02x" % octet for octet in octets])


def _table(family: str, address: str) -> "dict[str, Any]":
    sets = (
        ("wan", "set", "ifname", ""),
        ("lan", "set", "ifname", ""),
        ("assigned", "set", address + " . ifname", "interval"),
        ("stale", "set", address, "interval,timeout"),
        ("nas", "set", address, ""),
        ("seen", "set", address, "timeout"),
        ("forward_from", "map", "ifname : verdict", ""),
        ("icmp_limits", "map", "ifname : limit", ""),
    )
    return {
        "family": family,
        "name": "frost_" + family,
        "chains": ["input", "deny_closed", "forward", "established", "forward_wan", "forward_lan"],
        "sets": [{"name": n, "kind": k, "type": t, "flags": f} for n, k, t, f in sets],
    }


def _zone(name: str, members: "list[Any]", bandwidth: "Any") -> "dict[str, Any]":
    icmp: dict[str, Any] = {"share": 20, "default": 100}
    if bandwidth:
        icmp["bandwidth"] = bandwidth
    maps = [
        {
            "family": family,
            "table": "frost_" + family,
            "map": "forward_from",
            "verdict": "jump forward_" + name,
        }
        for family, _ in FAMILIES
    ]
    return {"name": name, "members": members, "maps": maps, "icmp": icmp}


def _follow(name: str, source: "dict[str, Any]") -> "dict[str, Any]":
    found = {"address": "prefix", "length": "length"}
    found.update(source)
    return {"family": "ip6", "table": "frost_ip6", "set": name, "from": [found]}


LEASE = {
    "lan_prefix": {
        "lan/lan0/a/prefix": "2001:db8:0:1::",
        "lan/lan0/a/length": "64",
        "lan/lan1/b/prefix": "2001:db8:0:2::",
        "lan/lan1/b/length": "64",
        "state": "bound",
    },
    "ra": {
        "withdrawn/c/prefix": "2001:db8:9::",
        "withdrawn/c/length": "64",
        "withdrawn/c/until": "1050.250",
    },
    "wan": {"ifname": "ppp0", "bandwidth": "50000", "address": "192.0.2.7"},
}
