"""Which link gets which name, by what the hardware is: MAC, place in sysfs, label. Pure.

A link is its index: once it has been found it stays what it is, whatever its name and its MAC
become. The kernel gives the first free eth0, eth1...; who holds a name that is promised to another
is moved out of the way.
"""

from collections import namedtuple

from agent import report
from agent.names import LINK_NAME, is_link_name
from agent.options import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from agent.port.records import Link

    class Promise(NamedTuple):
        ifname: str
        by: str
        value: str

    class Place(NamedTuple):
        path: str
        label: str
else:
    # ifname: the name to give. by: "mac", "path" or "label". value: of it.
    Promise = namedtuple("Promise", ("ifname", "by", "value"))
    # path: of the link's device below /sys, "/" in front and behind, "" for what is no hardware.
    # label: of its device-tree node, "" without.
    Place = namedtuple("Place", ("path", "label"))

BY = ("mac", "path", "label")
# What stands on other links and has their MAC.
MADE = ("bridge", "vlan", "bond", "team")
FREE = "if%d"  # the name of a link that had to give up its own, with its index
NOWHERE = Place("", "")


def parse(word: str) -> Promise:
    """The promise of a word `IFNAME,BY=VALUE`; raises UsageError."""
    ifname, _, rest = word.partition(",")
    by, _, value = rest.partition("=")
    if not is_link_name(ifname):
        raise UsageError("IFNAME: expected %s, got %s" % (LINK_NAME, report.show(ifname)))
    if by not in BY or not value:
        text = "%s: expected mac=MAC, path=PATH or label=LABEL, got %s"
        raise UsageError(text % (ifname, report.show(rest)))
    return Promise(ifname, by, value)


def place(target: str, label: bytes) -> Place:
    """What sysfs tells of a link. target: where /sys/class/net/IFNAME leads to; label: the file
    of_node/label, which ends with a NUL."""
    folders = target.split("/devices/")[-1].split("/net/")[0]
    path = "" if folders.split("/")[0] == "virtual" else "/%s/" % folders
    try:
        return Place(path, label.rstrip(b"\0\n").decode())
    except UnicodeError:
        return Place(path, "")


def fits(promise: Promise, link: "Link", where: Place) -> bool:
    """Whether a link is the one that a promise is about."""
    if link.kind in MADE:
        return False
    if promise.by == "mac":
        return link.mac == promise.value
    if promise.by == "label":
        return where.label == promise.value
    return "/%s/" % promise.value.strip("/") in where.path


def identify(
    promises: list[Promise],
    links: "dict[int, Link]",
    places: dict[int, Place],
    known: dict[str, int],
) -> tuple[dict[str, int], list[str]]:
    """({name: index of the link that it is promised to}, lines for people). known: the last answer;
    who is in it stays while it is there."""
    found = {name: index for name, index in known.items() if index in links}
    notes = []
    for promise in promises:
        if promise.ifname in found:
            continue
        taken = list(found.values())
        fitting = [
            index
            for index in sorted(links)
            if index not in taken and fits(promise, links[index], places.get(index, NOWHERE))
        ]
        if len(fitting) == 1:
            found[promise.ifname] = fitting[0]
        elif fitting:
            names = " ".join([links[index].name for index in fitting])
            told = (promise.ifname, promise.by, promise.value, names)
            notes.append("%s: expected one link with %s=%s, got %s" % told)
    return found, notes


def renames(
    promises: list[Promise], found: dict[str, int], links: "dict[int, Link]"
) -> list[tuple[int, str]]:
    """(index, new name) of each link to be renamed, in this order."""
    names = {index: links[index].name for index in links}
    steps = []
    for promise in promises:
        index = found.get(promise.ifname)
        for holder in sorted(names):
            if names[holder] == promise.ifname and holder != index:
                names[holder] = FREE % holder
                steps.append((holder, names[holder]))
        if index is not None and names[index] != promise.ifname:
            names[index] = promise.ifname
            steps.append((index, promise.ifname))
    return steps


def values(found: dict[str, int], links: "dict[int, Link]") -> dict[str, str]:
    """The outputs: {name: index} of the links that have their promised names now."""
    return {
        name: "%d" % index
        for name, index in found.items()
        if index in links and links[index].name == name
    }
