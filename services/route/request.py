"""What static_route is asked for, from its command line, and the plan that this is. Pure."""

from collections import namedtuple

from agent import ip, report
from agent.names import LINK_NAME, is_link_name
from agent.options import UsageError
from agent.port.records import RTPROT_STATIC
from services.dhcp6 import deadlines, objects
from services.dhcp6.objects import State
from services.dhcp6.plan import Plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from agent.port.records import Link

    class Request(NamedTuple):
        kind: str
        destination: str
        length: int
        gateway: str
        ifname: str
        metric: int
else:
    # kind: "unicast", or what happens to packets instead: "unreachable", "blackhole", "prohibit".
    # destination, gateway: canonical text; gateway "" where all of it is on the link.
    Request = namedtuple(
        "Request", ("kind", "destination", "length", "gateway", "ifname", "metric")
    )

KINDS = ("unreachable", "blackhole", "prohibit")
MOST = 0xFFFFFFFF
USUAL6 = 1024  # what the kernel makes of IPv6's metric 0 (IP6_RT_PRIO_USER)


def parse(words: list[str]) -> Request:
    """The request of `PREFIX dev IFNAME [via ADDRESS] [metric N]` or `KIND PREFIX [metric N]`, as
    ip-route(8) has them; raises UsageError."""
    words = list(words)
    kind = words.pop(0) if words and words[0] in KINDS else "unicast"
    family, destination, length = _prefix(words.pop(0) if words else "")
    given: dict[str, str] = {}
    known = ("dev", "via", "metric") if kind == "unicast" else ("metric",)
    while words:
        name = words.pop(0)
        if name not in known or name in given or not words:
            raise UsageError("expected %s with a value, got %s" % (" ".join(known), name))
        given[name] = words.pop(0)
    ifname = given.get("dev", "")
    if kind == "unicast" and not is_link_name(ifname):
        raise UsageError("dev: expected %s, got %s" % (LINK_NAME, report.show(ifname)))
    gateway = ""
    if "via" in given:
        parsed = ip.parse(given["via"])
        if parsed is None or parsed[0] != family:
            text = "via: expected an address of the prefix's family, got %s"
            raise UsageError(text % report.show(given["via"]))
        gateway = _text(family, parsed[1])
    metric = ip.decimal(given.get("metric", "0"), MOST)
    if metric is None:
        raise UsageError("metric: expected 0 to %d, got %s" % (MOST, report.show(given["metric"])))
    return Request(kind, destination, length, gateway, ifname, metric)


def plan(asked: Request, links: "list[Link]") -> Plan:
    """What there shall be now: the route while its link is there, keyed by the link's index."""
    values = {"destination": "%s/%d" % (asked.destination, asked.length)}
    wanted = {}
    index = objects.LOOPBACK_INDEX if asked.kind != "unicast" else 0
    for link in links:
        if link.name == asked.ifname:
            index = link.index
            values["ifindex"] = "%d" % index
    if index:
        metric = asked.metric
        if ":" in asked.destination:
            metric = metric or USUAL6
        key = objects.route_key(
            asked.kind, asked.destination, asked.length, asked.gateway, index, metric
        )
        wanted[key] = State(RTPROT_STATIC, deadlines.FOREVER, deadlines.FOREVER, 0.0)
    return Plan(values, [], wanted, [], deadlines.FOREVER, None)


def _prefix(word: str) -> tuple[int, str, int]:
    """Family, canonical address and length."""
    text, _, bits = word.partition("/")
    parsed = ip.parse(text)
    length = ip.decimal(bits, 128 if ":" in text else 32)
    if parsed is not None and length is not None:
        family, value = parsed
        width = 32 if family == 4 else 128
        if not value & ((1 << (width - length)) - 1):
            return family, _text(family, value), length
    raise UsageError("expected a prefix as 192.0.2.0/24, got %s" % report.show(word))


def _text(family: int, value: int) -> str:
    return ip.format4(value) if family == 4 else ip.format6(value)
