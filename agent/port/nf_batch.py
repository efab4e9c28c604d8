"""Changes of sets, maps and limits in the packet filter as one transaction over netlink
(linux/netfilter/nf_tables.h, subsystem 10 of nfnetlink). Pure, for both runtimes.

Shared, because no library of the field has it whole: pyroute2 knows no maps to limits and no
intervals of several fields, and libnftables takes nft's language alone, for which it asks the
kernel what there is before each change. What is written here is what nft 1.0.6 writes: the contract
compares what the kernel then holds, to the octet. Numbers inside attributes are big-endian.

A Message is (kind, flags, family, body). Families are "ip" and "ip6". Keys are octets as the kernel
compares them: network order, names of links 16 octets, the fields of several one behind the other.
"""

from struct import pack

from agent.port import nfnetlink
from agent.port.frozen.messages import attribute
from agent.port.nfnetlink import AF_INET, AF_INET6, NLM_F_ACK

TYPE_CHECKING = False
if TYPE_CHECKING:
    Message = tuple[int, int, int, bytes]

_FAMILIES = {"ip": AF_INET, "ip6": AF_INET6}
_BATCH_BEGIN, _BATCH_END, _SUBSYSTEM = 0x10, 0x11, 10  # linux/netfilter/nfnetlink.h
_NLM_F_CREATE, _NLA_F_NESTED = 0x400, 0x8000  # linux/netlink.h

_NEWSETELEM, _DELSETELEM, _NEWOBJ, _DELOBJ = 0xA0C, 0xA0E, 0xA12, 0xA14
# enum nft_set_elem_list_attributes, nft_list_attributes, nft_set_elem_attributes
_TABLE, _SET, _ELEMENTS = 1, 2, 3  # objects have their names as sets do
_ITEM = 1
_KEY, _DATA, _FLAGS, _TIMEOUT, _USERDATA, _OBJREF, _KEY_END = 1, 2, 3, 4, 6, 9, 10
_INTERVAL_END = 1  # NFT_SET_ELEM_INTERVAL_END
# nft's note to itself that an interval reaches to the last address (libnftnl's udata: type
# NFTNL_UDATA_SET_ELEM_FLAGS, 4 octets, SET_ELEM_F_INTERVAL_OPEN in the machine's order)
_OPEN = b"\1\4" + pack("I", 1)
_VALUE, _VERDICT = 1, 2  # enum nft_data_attributes
_VERDICTS = {"jump": 0xFFFFFFFD, "goto": 0xFFFFFFFC}  # enum nft_verdicts
_OBJ_TYPE, _OBJ_DATA, _LIMIT = 3, 4, 4  # enum nft_object_attributes; NFT_OBJECT_LIMIT

PART = 250  # elements a message: an attribute holds 65535 octets, and an element takes up to 250


def batch(messages: "list[Message]", number: int) -> bytes:
    """One transaction. The messages have the sequence numbers from `number` + 1 on; the last is
    acknowledged, and whichever the kernel refuses."""
    parts = [nfnetlink.request(_BATCH_BEGIN, 0, number, 0, _SUBSYSTEM, b"")]
    for kind, flags, family, body in messages:
        number += 1
        flags |= NLM_F_ACK if len(parts) == len(messages) else 0
        parts.append(nfnetlink.request(kind, flags, number, family, 0, body))
    parts.append(nfnetlink.request(_BATCH_END, 0, number + 1, 0, _SUBSYSTEM, b""))
    return b"".join(parts)


def flush(family: str, table: str, name: str) -> "Message":
    """A set or map without elements."""
    return _DELSETELEM, 0, _FAMILIES[family], _place(table, name)


def add(family: str, table: str, name: str, elements: list[bytes]) -> "list[Message]":
    """Elements into a set or map. One that is there already is no error, unless a map maps it to
    something else (EEXIST)."""
    found = []
    for start in range(0, len(elements), PART):
        body = _place(table, name) + _nested(_ELEMENTS, elements[start : start + PART])
        found.append((_NEWSETELEM, _NLM_F_CREATE, _FAMILIES[family], body))
    return found


def element(key: bytes, timeout_s: int = 0, data: bytes = b"", last: bytes = b"") -> bytes:
    """An element. timeout_s: 0 for ever. data: verdict() or limit_reference(). last: the end, where
    a set of intervals has several fields."""
    parts = [attribute(_TIMEOUT, pack(">Q", timeout_s * 1000))] if timeout_s else []
    parts += [_key(_KEY, key), _key(_KEY_END, last) if last else b"", data]
    return _nested(_ITEM, parts)


def intervals(found: "list[tuple[bytes, bytes, int]]") -> list[bytes]:
    """The elements of a set of intervals with one field, from (first, last, timeout_s). The kernel
    holds their beginnings and ends, and wants the whole set: a beginning is open to all above it
    until the end that follows."""
    elements: list[bytes] = []
    for first, last, timeout_s in sorted(found):
        if not elements and first.strip(b"\0"):
            elements.append(_end(bytes(len(first))))  # nothing below the first, as nft writes it
        if last.strip(b"\xff"):
            elements += [element(first, timeout_s), _end(_after(last))]
        else:
            elements.append(element(first, timeout_s, attribute(_USERDATA, _OPEN)))
    return elements


def verdict(word: str, chain: str) -> bytes:
    """What a map maps to: `jump` or `goto` and a chain."""
    code, name = pack(">I", _VERDICTS[word]), chain.encode() + b"\0"
    return _nested(_DATA, [_nested(_VERDICT, [attribute(1, code), attribute(2, name)])])


def limit_reference(name: str) -> bytes:
    """What a map maps to: a limit."""
    return attribute(_OBJREF, name.encode() + b"\0")


def add_limit(family: str, table: str, name: str, rate: int) -> "Message":
    """A limit that matches what is over so many packets a second, with a burst of as many. One of
    that name stays as it is."""
    parts = [attribute(1, pack(">Q", rate)), attribute(2, pack(">Q", 1))]
    # the burst; NFT_LIMIT_PKTS; NFT_LIMIT_F_INV
    parts += [attribute(kind, pack(">I", value)) for kind, value in ((3, rate), (4, 0), (5, 1))]
    return _NEWOBJ, _NLM_F_CREATE, _FAMILIES[family], _limit(table, name, parts)


def delete_limit(family: str, table: str, name: str) -> "Message":
    """A limit that nothing refers to any more."""
    return _DELOBJ, 0, _FAMILIES[family], _limit(table, name, [])


def _limit(table: str, name: str, parts: list[bytes]) -> bytes:
    kind = attribute(_OBJ_TYPE, pack(">I", _LIMIT))
    return _place(table, name) + kind + (_nested(_OBJ_DATA, parts) if parts else b"")


def _place(table: str, name: str) -> bytes:
    return attribute(_TABLE, table.encode() + b"\0") + attribute(_SET, name.encode() + b"\0")


def _key(kind: int, key: bytes) -> bytes:
    return _nested(kind, [attribute(_VALUE, key)])


def _end(key: bytes) -> bytes:
    return _nested(_ITEM, [attribute(_FLAGS, pack(">I", _INTERVAL_END)), _key(_KEY, key)])


def _after(key: bytes) -> bytes:
    return (int.from_bytes(key, "big") + 1).to_bytes(len(key), "big")


def _nested(kind: int, parts: list[bytes]) -> bytes:
    return attribute(kind | _NLA_F_NESTED, b"".join(parts))
