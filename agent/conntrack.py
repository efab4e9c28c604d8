"""The kernel's table of connections (conntrack), over agent.port.netfilter."""

from agent import ip
from agent.port import errno, nfnetlink, poll
from agent.port.netfilter import Socket
from agent.port.nfnetlink import AF_INET, AF_INET6, CT_DELETE, CT_GET, NLM_F_DUMP
from agent.port.records import Overrun

# Older kernels (not Debian 12's 6.1) delete no connection that is in a flowtable. It leaves one
# that was taken away a moment later.
TRIES, TRY_S = 50, 0.02


def forget(address: str) -> int:
    """Delete all connections that have this address (text, IPv4 or IPv6) as a source or
    destination, as first seen or as replied to, so before and behind NAT; how many there were.

    What is sent on begins anew, by the rules and routes of now. ValueError: the text is no address.
    OSError with the kernel's number: EPERM, EINVAL where there is no conntrack, ENOBUFS,
    EBUSY for one that stays in a flowtable.
    """
    packed = ip.pack(address)
    if packed is None:
        raise ValueError("not an address")
    family = AF_INET if len(packed) == 4 else AF_INET6
    socket = Socket()
    try:
        found = []
        for octets in socket.ask(CT_GET, NLM_F_DUMP, family, 0, b""):
            found += list(nfnetlink.connections(octets, packed))
        return sum([_delete(socket, family, names) for names in found])
    except Overrun:
        raise OSError(errno.ENOBUFS, "some were lost") from None
    finally:
        socket.close()


def _delete(socket: Socket, family: int, names: bytes) -> int:
    """1, or 0 when it has ended by itself meanwhile."""
    tries = TRIES
    while True:
        try:
            socket.do(CT_DELETE, family, 0, names)
            return 1
        except OSError as error:
            if error.errno == errno.ENOENT:
                return 0
            tries -= 1
            if error.errno != errno.EBUSY or not tries:
                raise
        poll.ready([], TRY_S)
