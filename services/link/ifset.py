"""ifset: one change of one link or of its addresses, for oneshots of the service graph.

Each change may be done again: what is already so is no error, and neither is the link's absence
when something is undone. request.py reads the command line.
"""

import sys

from agent import report
from agent.options import UsageError
from agent.port import netlink, process
from agent.port.errno import EEXIST
from agent.port.records import IFF_LOOPBACK, RT_SCOPE_UNIVERSE, Address
from services.link import before, request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.port.netlink import Kernel
    from agent.port.records import Link
    from services.link.request import Request

PROGRAM = "ifset"
OK, OTHER, WRONG_USAGE, SYSTEM_CALL_FAILED = 0, 1, 100, 111
BRIDGE, VLAN = "bridge", "vlan"


class Refused(Exception):
    """The change makes no sense on this machine; the text is one line."""


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Carry out the request of the command line; the exit code (services/link/README.md)."""
    try:
        asked = request.parse(argv)
    except UsageError as error:
        report.say(PROGRAM, "%s" % error)
        for line in request.USAGE:
            report.say(PROGRAM, "usage: " + line)
        return WRONG_USAGE
    try:
        perform(netlink.Kernel(), asked)
    except Refused as error:
        report.say(PROGRAM, "%s: %s" % (asked.ifname, error))
        return OTHER
    except OSError as error:
        reason = process.strerror(error.errno or 0)
        report.say(PROGRAM, "%s: %s: %s" % (asked.ifname, asked.verb, reason))
        return SYSTEM_CALL_FAILED
    return OK


def perform(kernel: "Kernel", asked: "Request") -> None:
    """Do what is asked for. Raises Refused and OSError."""
    links = {link.name: link for link in kernel.dump("link")}
    link = links.get(asked.ifname)
    if asked.verb == "bridge":
        link = _bridge(kernel, asked, links)
    elif asked.verb == "vlan":
        link = _vlan(kernel, asked, links)
    if asked.verb == "down":
        _lower(kernel, asked, links)
    elif link is None:
        if asked.verb in request.UNDOING:
            return  # nothing is left to undo
        raise Refused("expected a link of this name, got none")
    elif asked.verb == "reset":
        _reset(asked)
    elif asked.verb in request.SETTINGS:
        _raise(kernel, asked, link)
    elif asked.verb == "delete":
        kernel.remove_link(link.index)
    elif asked.verb == "join":
        kernel.change_link(link.index, master=_master(asked, links))
    elif asked.verb == "leave":
        kernel.change_link(link.index, master=0)
    else:
        address = Address(link.index, asked.address, asked.length, 0, RT_SCOPE_UNIVERSE, None, None)
        if asked.verb == "add":
            kernel.put_address(address)
        else:
            kernel.remove_address(address)


def _bridge(kernel: "Kernel", asked: "Request", links: "dict[str, Link]") -> "Link":
    """The bridge, made unless it is there already."""
    link = links.get(asked.ifname)
    if link is None:
        mac = asked.mac
        if asked.like in links:
            # Given explicitly it stays, whoever joins and leaves: hosts know the router by it.
            mac = links[asked.like].mac
        try:
            kernel.add_link(asked.ifname, BRIDGE, mac)
        except OSError as error:
            if error.errno != EEXIST:
                raise
        link = _named(kernel, asked.ifname)
    if link is None or link.kind != BRIDGE:
        raise Refused("expected a bridge or no link of this name, got another kind of link")
    return link


def _vlan(kernel: "Kernel", asked: "Request", links: "dict[str, Link]") -> "Link | None":
    """The VLAN, made anew: one that a killed predecessor left may have another id."""
    link, below = links.get(asked.ifname), links.get(asked.below)
    if below is None:
        raise Refused("expected a link %s below it, got none" % report.show(asked.below))
    if link is not None:
        if link.kind != VLAN:
            raise Refused("expected a VLAN or no link of this name, got another kind of link")
        kernel.remove_link(link.index)
    kernel.add_link(asked.ifname, VLAN, "", below.index, asked.vlan, asked.protocol)
    return _named(kernel, asked.ifname)


def _named(kernel: "Kernel", name: str) -> "Link | None":
    for link in kernel.dump("link"):
        if link.name == name:
            return link  # type: ignore[no-any-return]
    return None


def _raise(kernel: "Kernel", asked: "Request", link: "Link") -> None:
    """Settings first, so that nothing is heard or said before them; then up."""
    if link.flags & IFF_LOOPBACK:
        kernel.change_link(link.index, up=True)  # nobody advertises anything there
        return
    if asked.before:
        before.note(asked.before, link)
    before.write_setting(asked.ifname, "accept_ra", "1" if asked.accepts else "0")
    before.write_setting(asked.ifname, "disable_ipv6", "0" if asked.ipv6 else "1")
    # A lease's next address is there before the last one goes: it is to stay then
    before.write_setting(asked.ifname, "promote_secondaries", "1")
    _reset(asked)
    mac = asked.mac if asked.mac != link.mac else ""
    kernel.change_link(link.index, up=True, mtu=asked.mtu, mac=mac)


def _reset(asked: "Request") -> None:
    """dhcpcd leaves it at 1, and a link without link-local address is of no use to the next one."""
    before.write_setting(asked.ifname, "addr_gen_mode", "0")


def _lower(kernel: "Kernel", asked: "Request", links: "dict[str, Link]") -> None:
    """Down first: what is restored then is not heard of. With a note it is about that one's link,
    not about another that has the name now."""
    link = links.get(asked.ifname)
    kept = before.read(asked.before) if asked.before else {}
    if kept:
        link = None
        for each in links.values():
            if "%d" % each.index == kept.get("index"):
                link = each
    if link is not None:
        kernel.change_link(link.index, up=False)
    if kept:
        before.restore(kernel, asked.before, kept, link)


def _master(asked: "Request", links: "dict[str, Link]") -> int:
    master = links.get(asked.bridge)
    if master is None or master.kind != BRIDGE:
        raise Refused("expected a bridge %s, got none" % report.show(asked.bridge))
    return master.index


def run() -> None:
    """The program's entry on both runtimes."""
    sys.exit(main(process.argv()[1:], process.environ()))


if __name__ == "__main__":
    run()
