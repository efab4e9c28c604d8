"""What the port hands over as values (links, addresses, routes...); the kernel's constants.

Shared by both implementations and by the programs. Values only: no I/O, nothing that differs by
runtime. Constants keep the names and numbers of the kernel's headers (the same on every
architecture; what differs, as errno does on mips, is in errno.py).
"""

from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    class Link(NamedTuple):
        index: int  # type: ignore[assignment]
        name: str
        flags: int
        operstate: int
        mtu: int
        mac: str
        master: int
        kind: str

    class Address(NamedTuple):
        index: int  # type: ignore[assignment]
        address: str
        length: int
        flags: int
        scope: int
        preferred: "int | None"
        valid: "int | None"

    class Route(NamedTuple):
        kind: str
        destination: str
        length: int
        gateway: str
        index: int  # type: ignore[assignment]
        metric: int
        table: int
        protocol: int
        expires: "int | None"

    class Forwarding(NamedTuple):
        index: int  # type: ignore[assignment]
        on: bool

    class Device(NamedTuple):
        action: str
        subsystem: str
        devpath: str
        properties: "dict[str, str]"

else:
    # index: the kernel's number, the link's identity. flags: IFF_*. operstate: IF_OPER_*.
    # mtu: octets. mac: "00:11:.." or "". master: index of the bridge or bond, 0 for none.
    # kind: IFLA_INFO_KIND ("veth", "bridge"...) or "".
    Link = namedtuple(
        "Link", ("index", "name", "flags", "operstate", "mtu", "mac", "master", "kind")
    )
    # address: canonical text (RFC 5952). length: of its prefix, bits. flags: IFA_F_*, 32 bits.
    # preferred, valid: remaining seconds, None for ever.
    Address = namedtuple(
        "Address", ("index", "address", "length", "flags", "scope", "preferred", "valid")
    )
    # kind: "unicast", "unreachable", "blackhole", "prohibit"... destination: text, "::" or
    # "0.0.0.0" with length 0 for the default route. gateway: text or "" (on-link).
    # index: of the outgoing link, 0 for none. expires: seconds, None for never.
    Route = namedtuple(
        "Route",
        (
            "kind",
            "destination",
            "length",
            "gateway",
            "index",
            "metric",
            "table",
            "protocol",
            "expires",
        ),
    )
    # The kernel's IPv6 forwarding switch of a link, or of all (index ALL_LINKS).
    Forwarding = namedtuple("Forwarding", ("index", "on"))
    # action: add, remove, change, move, bind, unbind. devpath: under /sys. properties: the
    # uevent's KEY=VALUE lines.
    Device = namedtuple("Device", ("action", "subsystem", "devpath", "properties"))


class Overrun(Exception):
    """The kernel dropped messages meant for this socket: what is known may be old; look afresh."""


# linux/if.h
IFF_UP = 0x1
IFF_BROADCAST = 0x2
IFF_LOOPBACK = 0x8
IFF_POINTOPOINT = 0x10
IFF_RUNNING = 0x40
IFF_MULTICAST = 0x1000
IFF_LOWER_UP = 0x10000

# linux/if.h, RFC 2863
IF_OPER_UNKNOWN = 0
IF_OPER_NOTPRESENT = 1
IF_OPER_DOWN = 2
IF_OPER_LOWERLAYERDOWN = 3
IF_OPER_TESTING = 4
IF_OPER_DORMANT = 5
IF_OPER_UP = 6

# linux/if_addr.h
IFA_F_TEMPORARY = 0x01
IFA_F_NODAD = 0x02
IFA_F_OPTIMISTIC = 0x04
IFA_F_DADFAILED = 0x08
IFA_F_DEPRECATED = 0x20
IFA_F_TENTATIVE = 0x40
IFA_F_PERMANENT = 0x80
IFA_F_MANAGETEMPADDR = 0x100
IFA_F_NOPREFIXROUTE = 0x200

# linux/rtnetlink.h
RT_SCOPE_UNIVERSE = 0
RT_SCOPE_SITE = 200
RT_SCOPE_LINK = 253
RT_SCOPE_HOST = 254
RT_TABLE_MAIN = 254
RTPROT_KERNEL = 2
RTPROT_BOOT = 3
RTPROT_STATIC = 4
RTPROT_RA = 9
RTPROT_DHCP = 16

# linux/netconf.h, NETCONFA_IFINDEX_ALL: net.ipv6.conf.all
ALL_LINKS = -1

# linux/inotify.h
IN_MODIFY = 0x2
IN_ATTRIB = 0x4
IN_CLOSE_WRITE = 0x8
IN_MOVED_FROM = 0x40
IN_MOVED_TO = 0x80
IN_CREATE = 0x100
IN_DELETE = 0x200
IN_DELETE_SELF = 0x400
IN_MOVE_SELF = 0x800
IN_UNMOUNT = 0x2000
IN_Q_OVERFLOW = 0x4000
IN_IGNORED = 0x8000
IN_ONLYDIR = 0x1000000
IN_ISDIR = 0x40000000

# linux/rtnetlink.h: enum RTN_*, the number is the position. What Route.kind may be.
ROUTE_KINDS = (
    "unspec",
    "unicast",
    "local",
    "broadcast",
    "anycast",
    "multicast",
    "blackhole",
    "unreachable",
    "prohibit",
    "throw",
    "nat",
    "xresolve",
)
