"""`frost firewall denied`: the packets that the loader told of in its log, by requirement.

A line of it, after what s6-log puts in front: `denied GROUP REQUIREMENT in=wan out=lan0 SRC -> DST
PROTO ...`; the requirement is what stands before ` in=`.
"""

from collections import namedtuple

from agent.command import arguments, logs
from agent.command.console import BOLD, DIM, RED
from agent.command.errors import OK, OTHER, WRONG_USAGE, CommandError
from agent.command.world import failed
from agent.names import SERVICE_NAME, is_service_name
from agent.port import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from agent.command.console import Console
    from agent.command.logs import Line

    class Denial(NamedTuple):
        time: str
        group: str
        requirement: str
        iif: str
        oif: str
        packet: str

else:
    # packet: `SRC -> DST PROTO ...`
    Denial = namedtuple("Denial", ("time", "group", "requirement", "iif", "oif", "packet"))

BEGIN = "denied "
SERVICE = "firewall"


def show(console: "Console", options: dict[str, str], words: list[str]) -> int:
    """Print the last denied packets, and with -f those that follow."""
    count = arguments.count("N", options["N"], logs.MOST) if "N" in options else logs.USUAL
    service = options.get("l", SERVICE)
    if not is_service_name(service):
        raise CommandError(WRONG_USAGE, "expected %s, got %s" % (SERVICE_NAME, service))
    log = console.where.log
    if files.kind("%s/%s" % (log, service)) != "folder":
        text = "%s: expected the log of the service %s, got none" % (log, service)
        raise CommandError(OTHER, text)
    try:
        if "f" in options:
            _follow(console, log, service, count)
        for denial in last(log, service, count):
            _print(console, denial)
    except OSError as error:
        raise failed(log, error) from None
    return OK


def last(log: str, service: str, count: int) -> list[Denial]:
    """The last `count` denied packets; other lines of the log do not count."""
    asked = 4 * count
    while True:
        lines = logs.last(log, [service], asked)
        found = denials(lines)
        if len(found) >= count or len(lines) < asked:
            return found[-count:] if count else []
        asked *= 4


def _follow(console: "Console", log: str, service: str, count: int) -> None:
    follower = logs.Follower(log, [service])
    found = denials(follower.back(4 * count))
    for denial in found[-count:] if count else []:
        _print(console, denial)
    while True:
        for denial in denials(follower.wait()):
            _print(console, denial)


def denials(lines: "list[Line]") -> list[Denial]:
    """What of a log's lines tells of a denied packet. Pure."""
    found = [parse(line[0], line[3]) for line in lines]
    return [denial for denial in found if denial is not None]


def parse(time: str, text: str) -> "Denial | None":
    """A line of the log; None when it tells of something else. Pure."""
    if not text.startswith(BEGIN):
        return None
    name, mark, rest = text[len(BEGIN) :].partition(" in=")
    iif, out, rest = rest.partition(" out=")
    oif, blank, packet = rest.partition(" ")
    if not mark or not out or not blank or " -> " not in packet:
        return None
    group, _, requirement = name.partition(" ")
    return Denial(time, group, requirement, iif, oif, packet)


def _print(console: "Console", denial: Denial) -> None:
    if console.json:
        source, _, rest = denial.packet.partition(" -> ")
        console.record({"time": denial.time, "group": denial.group,
                        "requirement": denial.requirement, "in": denial.iif, "out": denial.oif,
                        "source": source, "destination": rest.partition(" ")[0],
                        "packet": denial.packet})  # fmt: skip
        return
    links = "".join([" %s %s" % (side, link) for side, link in
                     (("in", denial.iif), ("out", denial.oif)) if link])  # fmt: skip
    console.line([(DIM, denial.time[: logs.SHOWN]), " ", (BOLD, denial.group), " ",
                  (RED, denial.requirement), ":%s: %s" % (links, denial.packet)])  # fmt: skip
