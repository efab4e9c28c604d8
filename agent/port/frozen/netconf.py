"""IPv6 forwarding switches from RTM_NEWNETCONF messages (linux/netconf.h). Pure."""

from struct import unpack_from

from agent.port.frozen.messages import AF_INET6, HEADER, attributes
from agent.port.records import Forwarding

RTM_NEWNETCONF = 80
RTM_DELNETCONF = 81
RTM_GETNETCONF = 82

_NETCONFA_IFINDEX = 1
_NETCONFA_FORWARDING = 2
_NETCONFA_IFINDEX_DEFAULT = -2

DUMP = bytes([AF_INET6, 0, 0, 0])  # struct netconfmsg, padded


def decode(kind: int, octets: bytes, start: int, end: int) -> Forwarding | None:
    """The switch of one message.

    None for IPv4, for the template of links to come, and for what tells of other switches alone.
    """
    if octets[start + HEADER] != AF_INET6:
        return None
    index = on = None
    for what, at, _ in attributes(octets, start + HEADER + 4, end, _NETCONFA_FORWARDING):
        if what == _NETCONFA_IFINDEX:
            index = unpack_from("i", octets, at)[0]
        elif what == _NETCONFA_FORWARDING:
            on = unpack_from("i", octets, at)[0]
    if index is None or index == _NETCONFA_IFINDEX_DEFAULT:
        return None
    if on is None and kind == RTM_NEWNETCONF:
        return None
    return Forwarding(index, bool(on))
