"""Netfilter's messages over netlink as octets, for both runtimes: connections, logged packets and
changes of rulesets (linux/netfilter/nfnetlink*.h). Pure.

Shared, because no library of the field has them whole: pyroute2 knows no nflog and no ruleset
events, and its NFCTSocket writes a connection's tuple anew from the fields that it knows (so no GRE
keys), where we hand the kernel its own octets back. Numbers inside attributes are big-endian.
"""

from struct import pack, unpack_from

from agent.port.frozen import messages
from agent.port.frozen.messages import HEADER, attribute, attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

NETLINK_NETFILTER = 12

# linux/netlink.h
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 0x1, 0x4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3

AF_INET, AF_INET6 = 2, 10
GENERIC = 4  # octets of struct nfgenmsg behind the header

# linux/netfilter/nfnetlink_conntrack.h: subsystem 1
CT_NEW, CT_GET, CT_DELETE = 0x100, 0x101, 0x102
_CTA_TUPLE_ORIG, _CTA_TUPLE_REPLY, _CTA_ID, _CTA_ZONE = 1, 2, 12, 18
_CTA_TUPLE_IP = 1

# linux/netfilter/nfnetlink_log.h: subsystem 4
LOG_PACKET, LOG_CONFIG = 0x400, 0x401
_NFULA_CFG_CMD, _NFULA_CFG_MODE, _NFULA_CFG_QTHRESH = 1, 2, 5
_NFULNL_CFG_CMD_BIND, _NFULNL_COPY_PACKET = 1, 2
_NFULA_IFINDEX_INDEV, _NFULA_IFINDEX_OUTDEV, _NFULA_PAYLOAD, _NFULA_PREFIX = 4, 5, 9, 10

# linux/netfilter/nf_tables.h: subsystem 10; the first attribute of all is the table's name
NFTABLES_GROUP = 1 << 6  # NFNLGRP_NFTABLES
_NEWGEN = 0xA0F
_NFT_KINDS = {
    0xA00: ("new", "table"),
    0xA02: ("del", "table"),
    0xA03: ("new", "chain"),
    0xA05: ("del", "chain"),
    0xA06: ("new", "rule"),
    0xA08: ("del", "rule"),
    0xA09: ("new", "set"),
    0xA0B: ("del", "set"),
    0xA0C: ("new", "element"),
    0xA0E: ("del", "element"),
    _NEWGEN: ("new", "generation"),
}
NFT_FAMILIES = {1: "inet", AF_INET: "ip", 3: "arp", 5: "netdev", 7: "bridge", AF_INET6: "ip6"}


def request(kind: int, flags: int, sequence: int, family: int, resource: int, body: bytes) -> bytes:
    """A whole message to netfilter."""
    head = pack(">BBH", family, 0, resource)  # struct nfgenmsg: family, version, res_id
    return messages.message(kind, flags | NLM_F_REQUEST, sequence, head + body)


def connections(octets: bytes, address: bytes) -> "Iterator[bytes]":
    """What names each connection of a dump that has this address in either tuple: the attributes
    with which CT_DELETE finds it, and no other one (its id is in it)."""
    if address not in octets:
        return
    for kind, _, _, start, end in messages.messages(octets):
        if kind != CT_NEW:
            continue
        found, names = False, []
        for which, at, to in attributes(octets, start + HEADER + GENERIC, end):
            if which in (_CTA_TUPLE_ORIG, _CTA_TUPLE_REPLY) and not found:
                found = _has(octets, at, to, address)
            if which in (_CTA_TUPLE_ORIG, _CTA_ID, _CTA_ZONE):
                nested = 0x8000 if which == _CTA_TUPLE_ORIG else 0  # NLA_F_NESTED
                names.append(attribute(which | nested, octets[at:to]))
        if found:
            yield b"".join(names)


def _has(octets: bytes, at: int, to: int, address: bytes) -> bool:
    """Whether a tuple has the address as its source or destination."""
    for which, start, end in attributes(octets, at, to):
        if which == _CTA_TUPLE_IP:
            for _, first, last in attributes(octets, start, end):
                if octets[first:last] == address:
                    return True
    return False


def bind_group(size: int) -> bytes:
    """nflog's configuration of a group: each packet at once, its first `size` octets."""
    return (
        attribute(_NFULA_CFG_CMD, pack("B", _NFULNL_CFG_CMD_BIND))
        + attribute(_NFULA_CFG_MODE, pack(">IBB", size, _NFULNL_COPY_PACKET, 0))
        + attribute(_NFULA_CFG_QTHRESH, pack(">I", 1))
    )


def packets(octets: bytes) -> list[tuple[str, int, int, bytes]]:
    """The (prefix, in ifindex, out ifindex, octets) of each logged packet; 0 for no link."""
    found = []
    for kind, _, _, start, end in messages.messages(octets):
        if kind != LOG_PACKET:
            continue
        prefix, into, out, payload = "", 0, 0, b""
        for which, at, to in attributes(octets, start + HEADER + GENERIC, end):
            if which == _NFULA_PREFIX:
                prefix = messages.text(octets[at:to])
            elif which == _NFULA_IFINDEX_INDEV:
                into = unpack_from(">I", octets, at)[0]
            elif which == _NFULA_IFINDEX_OUTDEV:
                out = unpack_from(">I", octets, at)[0]
            elif which == _NFULA_PAYLOAD:
                payload = octets[at:to]
        found.append((prefix, into, out, payload))
    return found


def ruleset_changes(octets: bytes) -> list[tuple[str, str, str, str]]:
    """(action, kind, family, table) of each change; family and table are "" for a generation."""
    found = []
    for kind, _, _, start, end in messages.messages(octets):
        if kind not in _NFT_KINDS:
            continue
        action, what = _NFT_KINDS[kind]
        family = table = ""
        if what != "generation":
            family = NFT_FAMILIES.get(octets[start + HEADER], "")
            for which, at, to in attributes(octets, start + HEADER + GENERIC, end):
                if which == 1:
                    table = messages.text(octets[at:to])
                    break
        found.append((action, what, family, table))
    return found


def ends_transaction(octets: bytes) -> bool:
    """Whether a datagram is the end of a ruleset's transaction, which comes by itself."""
    return len(octets) >= HEADER and unpack_from("H", octets, 4)[0] == _NEWGEN


def failure(octets: bytes, start: int) -> int:
    """The error number in an answer of NLMSG_ERROR or NLMSG_DONE, 0 for success."""
    return -int(unpack_from("i", octets, start + HEADER)[0])


def answers(octets: bytes) -> list[tuple[int, int]]:
    """(sequence number, error number or 0) of each message that a datagram acknowledges or
    refuses."""
    return [
        (number, failure(octets, start))
        for kind, _, number, start, _ in messages.messages(octets)
        if kind == NLMSG_ERROR
    ]
