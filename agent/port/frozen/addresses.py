"""Address messages to records and back (linux/if_addr.h). Pure."""

from struct import pack, unpack_from

from agent import ip
from agent.port.frozen.messages import (
    AF_INET,
    AF_INET6,
    HEADER,
    INFINITY,
    attribute,
    attribute32,
    attributes,
    lifetime,
    number,
    seconds,
)
from agent.port.records import Address

RTM_NEWADDR = 20
RTM_DELADDR = 21
RTM_GETADDR = 22

_IFA_ADDRESS = 1
_IFA_LOCAL = 2
_IFA_CACHEINFO = 6
_IFA_FLAGS = 8

DUMP = bytes(8)  # struct ifaddrmsg of all families


def decode(octets: bytes, start: int, end: int) -> Address | None:
    """The address of one message; None for other families than IPv4 and IPv6."""
    family, length, flags, scope, index = unpack_from("BBBBi", octets, start + HEADER)
    if family != AF_INET and family != AF_INET6:
        return None
    local = address = b""
    preferred = valid = INFINITY
    for what, at, stop in attributes(octets, start + HEADER + 8, end):
        if what == _IFA_LOCAL:
            local = octets[at:stop]
        elif what == _IFA_ADDRESS:
            address = octets[at:stop]
        elif what == _IFA_FLAGS:
            flags = number(octets, at)
        elif what == _IFA_CACHEINFO:
            preferred, valid = unpack_from("II", octets, at)
    # On a point-to-point link IFA_ADDRESS is the other end
    text = ip.unpack(local or address)
    return Address(index, text, length, flags, scope, seconds(preferred), seconds(valid))


def encode(address: Address) -> bytes | None:
    """The body of the message that puts or removes an address; None for what is none."""
    octets = ip.pack(address.address)
    if octets is None:
        return None
    family = AF_INET if len(octets) == 4 else AF_INET6
    body = pack("BBBBi", family, address.length, address.flags & 0xFF, address.scope, address.index)
    if family == AF_INET:
        body += attribute(_IFA_LOCAL, octets)
    times = pack("IIII", lifetime(address.preferred), lifetime(address.valid), 0, 0)
    return (
        body
        + attribute(_IFA_ADDRESS, octets)
        + attribute32(_IFA_FLAGS, address.flags)
        + attribute(_IFA_CACHEINFO, times)
    )
