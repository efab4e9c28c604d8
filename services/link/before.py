"""What a link was like before it was set up, kept in a file, so that setting it down restores it.

The file has a line for each thing: its name, a blank, its value. It is about one link by its index,
whatever that is called by now: a link that was plugged in anew, or has taken the name, is not made
like another one.
"""

from agent import ip
from agent.port import files
from agent.port.errno import ENOENT, ENOTDIR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.port.netlink import Kernel
    from agent.port.records import Link

CONF = "/proc/sys/net/%s/conf/%s/%s"
SETTINGS = {
    "accept_ra": "ipv6",
    "addr_gen_mode": "ipv6",
    "disable_ipv6": "ipv6",
    "promote_secondaries": "ipv4",
}


def write_setting(ifname: str, name: str, text: str) -> None:
    """Write one of the link's settings; a kernel without IPv6 lacks some."""
    try:
        files.write(CONF % (SETTINGS[name], ifname, name), text.encode())
    except OSError as error:
        if error.errno not in (ENOENT, ENOTDIR):
            raise


def read(path: str) -> dict[str, str]:
    """What is kept; empty when nothing is."""
    kept = {}
    if files.kind(path):
        for line in files.read(path).decode().split("\n"):
            name, _, value = line.partition(" ")
            kept[name] = value
    return kept


def note(path: str, link: "Link") -> None:
    """Keep what the link is like now, unless that of this very link is kept already."""
    index = "%d" % link.index
    if read(path).get("index") == index:
        return
    lines = ["index " + index, "mtu %d" % link.mtu, "mac " + link.mac]
    for name in sorted(SETTINGS):
        try:
            value = files.read(CONF % (SETTINGS[name], link.name, name)).decode().strip()
        except OSError as error:
            if error.errno not in (ENOENT, ENOTDIR):
                raise
            continue
        lines.append("%s %s" % (name, value))
    files.write(path + ".new", ("\n".join(lines) + "\n").encode())
    files.rename(path + ".new", path)


def restore(kernel: "Kernel", path: str, kept: dict[str, str], link: "Link | None") -> None:
    """Make the link what read() told, and keep it no longer. It is down."""
    if link is not None:
        for name in sorted(SETTINGS):
            if name in kept:
                write_setting(link.name, name, kept[name])
        mtu = ip.decimal(kept.get("mtu", ""), 0xFFFFFFFF) or 0
        mac = kept.get("mac", "")
        if mtu != link.mtu or mac != link.mac:
            kernel.change_link(link.index, mtu=mtu, mac=mac)
    files.remove_file(path)
