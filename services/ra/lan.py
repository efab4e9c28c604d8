"""One LAN's link as the kernel has it: when it can carry advertisements, and the socket on it.

Thin. A link is its index: one that vanishes and returns under the same name is another one, and
gets a new socket.
"""

from agent import view
from agent.port import icmp6
from agent.port.records import (
    ALL_LINKS,
    IFA_F_DADFAILED,
    IFA_F_TENTATIVE,
    IFF_RUNNING,
    IFF_UP,
    RT_SCOPE_LINK,
    Link,
)
from services.ra.advertiser import Advertiser


def link_named(tables: view.View, name: str) -> Link | None:
    """The link that has this name now."""
    for link in tables.links.values():
        if link.name == name:
            return link
    return None


def runs(link: Link | None) -> bool:
    """Whether a link is up and has a carrier."""
    return link is not None and bool(link.flags & IFF_UP) and bool(link.flags & IFF_RUNNING)


def forwards(tables: view.View, link: Link | None) -> bool:
    """Whether the kernel forwards, and says so in its neighbour advertisements on this link.

    net.ipv6.conf.all.forwarding alone decides what is forwarded; with a link's own switch off,
    hosts there still drop the router (the Router flag is 0, RFC 4861 section 7.2.5). A link that
    is not there, or has no IPv6, is judged by `all`.
    """
    everywhere = tables.forwarding.get(ALL_LINKS)
    here = tables.forwarding.get(link.index) if link is not None else None
    return everywhere is not None and everywhere.on and (here is None or here.on)


def link_locals(tables: view.View, index: int) -> list[str]:
    """A link's link-local addresses that may be used as a source (RFC 4862 section 5.4)."""
    found = [
        address.address
        for address in tables.addresses.values()
        if address.index == index
        and address.scope == RT_SCOPE_LINK
        and ":" in address.address
        and not address.flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)
    ]
    return sorted(found)


class LanPort:
    """`advertiser` is told when the link can carry advertisements and when not."""

    def __init__(self, advertiser: Advertiser) -> None:
        self.advertiser = advertiser
        self.socket: icmp6.Socket | None = None
        self.addresses: list[str] = []  # all of the link's, to know our own packets by
        self._index = 0
        self._identity: tuple[int, str, int, tuple[str, ...]] | None = None

    def close(self) -> None:
        """Close the socket, if there is one."""
        if self.socket is not None:
            self.socket.close()
        self.socket = None
        self._identity = None

    def follow(self, tables: view.View, now: float) -> None:
        """Open, keep or close the socket by what the tables say. Raises OSError when it cannot be
        opened; the next call tries again."""
        link = link_named(tables, self.advertiser.lan.name)
        if link is None or link.index != self._index:
            self.close()
        usable = link_locals(tables, link.index) if link is not None else []
        if link is None or not runs(link) or not usable:
            if self.advertiser.up:
                self.advertiser.link_down()
            self._identity = None
            return
        self.addresses = [a.address for a in tables.addresses.values() if a.index == link.index]
        identity = (link.index, link.mac, link.mtu, tuple(usable))
        if identity == self._identity:
            return
        if self.socket is None:
            self.socket = icmp6.Socket(link.index, link.name)
            self._index = link.index
        self._identity = identity
        self.advertiser.link_up(link.mac, link.mtu, now)
