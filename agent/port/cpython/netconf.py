"""IPv6 forwarding switches from RTM_NEWNETCONF messages (linux/netconf.h), with pyroute2."""

from typing import Any

from pyroute2.netlink import nlmsg

from agent.port.records import Forwarding

RTM_NEWNETCONF, RTM_DELNETCONF, RTM_GETNETCONF = 80, 81, 82  # linux/rtnetlink.h
AF_INET6 = 10
NETCONFA_IFINDEX_DEFAULT = -2


class netconfmsg(nlmsg):  # type: ignore[misc]
    """The attributes that we read; pyroute2 0.9 has no class for this message."""

    prefix = "NETCONFA_"
    fields = (("family", "B"), ("__align", "3x"))
    nla_map = ((1, "NETCONFA_IFINDEX", "int32"), (2, "NETCONFA_FORWARDING", "int32"))


def decode(kind: int, octets: bytes) -> Forwarding | None:
    """The switch of one whole message (header included).

    None for IPv4, for the template of links to come, and for what tells of other switches alone.
    """
    message = netconfmsg(octets)
    message.decode()
    index = message.get_attr("NETCONFA_IFINDEX")
    on = message.get_attr("NETCONFA_FORWARDING")
    if message["family"] != AF_INET6 or index in (None, NETCONFA_IFINDEX_DEFAULT):
        return None
    if on is None and kind == RTM_NEWNETCONF:
        return None
    return Forwarding(index, bool(on))


def dump_message() -> Any:
    """The message (without its header) that asks for all links' switches."""
    message = netconfmsg()
    message["family"] = AF_INET6
    return message
