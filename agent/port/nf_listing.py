"""What is in the packet filter's tables, but for rules and elements, from netlink's dumps
(linux/netfilter/nf_tables.h). Pure, for both runtimes.

As `nft list` shows it, which fetches rules and elements too, and is a program to start.
"""

from struct import unpack_from

from agent.port.frozen import messages
from agent.port.frozen.messages import HEADER, attributes
from agent.port.nfnetlink import GENERIC, NFT_FAMILIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    Found = tuple[str, str, str, str, str]

# What to ask for, NFT_MSG_GET...: chains; sets, with maps; objects, with limits
DUMPS = (0xA04, 0xA0A, 0xA13)
# By what answers: the kind, and which attribute has the name. The first is the table's name.
_KINDS = {0xA03: ("chain", 3), 0xA09: ("set", 2), 0xA12: ("object", 2)}
_NLM_F_DUMP_INTR = 0x10

# enum nft_set_attributes, nft_object_attributes
_FLAGS, _KEY_TYPE, _DATA_TYPE, _OBJ_TYPE = 3, 4, 6, 15
_TYPE_OF_OBJECT = 3
# enum nft_set_flags
_ANONYMOUS, _MAP, _OBJECT = 0x1, 0x8, 0x40
_SHOWN = ((0x2, "constant"), (0x4, "interval"), (0x10, "timeout"), (0x20, "dynamic"))
_VERDICT = 0xFFFFFF00  # NFT_DATA_VERDICT
# NFT_OBJECT_COUNTER and on, those that a map can map to
_OBJECTS = {1: "counter", 2: "quota", 4: "limit", 8: "secmark", 10: "synproxy"}
UNKNOWN = "?"  # a type that came after these
# nft's own numbers of types, which the kernel keeps for it (nftables, include/datatype.h)
_TYPES = (
    UNKNOWN
    + " verdict nf_proto bitmask integer string ll_addr ipv4_addr ipv6_addr ether_addr ether_type "
    "arp_op inet_proto inet_service icmp_type tcp_flag dccp_pkttype mh_type time mark iface_index "
    "iface_type realm classid uid gid ct_state ct_dir ct_status icmpv6_type ct_label pkt_type "
    "icmp_code icmpv6_code icmpx_code devgroup dscp ecn fib_addrtype boolean ct_event ifname "
    "igmp_type time day hour cgroupsv2"
).split(" ")
_TYPE_BITS = 6  # of each field


def read(octets: bytes) -> "list[Found] | None":
    """(family, kind, table, name, type) of what a datagram of a dump tells. Kinds are "chain",
    "set", "map", "limit" and others of objects; the type is nft's with flags behind it, "" of what
    has none. None: something changed meanwhile, and the dump is not whole."""
    found = []
    for kind, flags, _, start, end in messages.messages(octets):
        if flags & _NLM_F_DUMP_INTR:
            return None
        if kind not in _KINDS:
            continue
        values = {}
        for which, at, to in attributes(octets, start + HEADER + GENERIC, end):
            values[which] = octets[at:to]
        what, place = _KINDS[kind]
        of = ""
        if what == "set":
            bits = _number(values, _FLAGS)
            if bits & _ANONYMOUS:
                continue
            what = "map" if bits & (_MAP | _OBJECT) else what
            of = _type(values, bits)
        elif what == "object":
            what = _OBJECTS.get(_number(values, _TYPE_OF_OBJECT), what)
        family = NFT_FAMILIES.get(octets[start + HEADER], "")
        found.append((family, what, _text(values, 1), _text(values, place), of))
    return found


def shown(kind: str, flags: list[str]) -> str:
    """A type with its flags, for comparing and for people."""
    words = sorted([flag.strip() for flag in flags if flag.strip()])
    return "%s flags %s" % (kind, ",".join(words)) if words else kind


def _type(values: dict[int, bytes], bits: int) -> str:
    words = _words(_number(values, _KEY_TYPE))
    if bits & _OBJECT:
        words += " : " + _OBJECTS.get(_number(values, _OBJ_TYPE), UNKNOWN)
    elif bits & _MAP:
        data = _number(values, _DATA_TYPE)
        words += " : " + ("verdict" if data == _VERDICT else _words(data))
    return shown(words, [name for bit, name in _SHOWN if bits & bit])


def _words(number: int) -> str:
    """The type that a number stands for; of several fields the last is in the lowest bits."""
    words: list[str] = []
    while number or not words:
        one = number & ((1 << _TYPE_BITS) - 1)
        words.insert(0, _TYPES[one] if one < len(_TYPES) else UNKNOWN)
        number >>= _TYPE_BITS
    return " . ".join(words)


def _number(values: dict[int, bytes], which: int) -> int:
    octets = values.get(which, b"")
    return int(unpack_from(">I", octets, 0)[0]) if len(octets) == 4 else 0


def _text(values: dict[int, bytes], which: int) -> str:
    return messages.text(values.get(which, b""))
