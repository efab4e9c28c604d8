"""Reading of the graph's file: text becomes a Graph, or all its errors at once. Pure.

service.py and needs.py know what the parts look like (docs/graph.md), check.py what must hold
between services.
"""

import json

from agent import VERSION as FROSTGATE
from agent.graph.check import check
from agent.graph.fields import Errors, Fields, is_line, names, quoted, shown
from agent.graph.model import LARGEST_FILE, VERSION, GraphError
from agent.graph.order import build
from agent.graph.service import read_service
from agent.names import SERVICE_NAME, is_service_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agent.graph.model import Graph, Service

HEADER = "frostgate-graph"

OPENING = {0x7B: 0x7D, 0x5B: 0x5D}  # {} []
CLOSING = b"}]"
BETWEEN = (b" ", b"\n", b",", b":")  # most of what is no bracket
PART = 4096  # octets


def read(text: bytes | str, where: str) -> "Graph":
    """The graph that a file's content holds; `where` names the file in errors.

    Raises GraphError with all errors, one line each: `where: place: expected ..., got ...`.
    """
    errors = Errors(where)
    top = _parse(errors, text)
    if not errors.count():
        _check_header(errors, top)
    if errors.count():
        raise GraphError(errors.lines())
    services = _read_services(errors, top)
    if errors.count():
        raise GraphError(errors.lines())
    return build(services)


def _parse(errors: Errors, text: bytes | str) -> "Any":
    """The JSON value, None after an error."""
    try:
        octets = text.encode() if isinstance(text, str) else text
        if len(octets) > LARGEST_FILE:
            errors.expected("", "at most %d octets" % LARGEST_FILE, "%d" % len(octets))
            return None
        value = json.loads(octets.decode())
        if is_complete(octets):
            return value
        errors.expected("", "JSON", "what is none (its brackets do not match)")
    except UnicodeError:
        errors.expected("", "UTF-8", "other octets")
    except (ValueError, TypeError, RuntimeError) as error:
        # TypeError: an object as a key, on MicroPython. RuntimeError: nested too deeply.
        errors.expected("", "JSON", "what is none (%s)" % error)
    return None


def is_complete(octets: bytes) -> bool:
    """Whether the brackets of a JSON text match. MicroPython's reader does not ask: it takes a file
    that was cut off as what it would be had it ended there, with some of the services gone."""
    open_ones: list[int] = []
    ended = False
    at = 0
    while at < len(octets):
        # A part at a time, for little garbage; it ends between lines, and so outside of strings
        end = octets.find(b"\n", at + PART)
        end = len(octets) if end < 0 else end
        between = octets[at:end].replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
        if len(between) % 2 == 0:
            return False
        rest = b"".join(between[::2])
        for common in BETWEEN:
            rest = rest.replace(common, b"")
        for octet in rest:
            if octet in OPENING:
                open_ones.append(OPENING[octet])
                if ended:
                    return False
            elif octet in CLOSING:
                if not open_ones or open_ones.pop() != octet:
                    return False
                ended = not open_ones
        at = end
    return not open_ones


def _check_header(errors: Errors, top: "Any") -> None:
    """Another format is refused with one line: its other differences would be a flood."""
    if not isinstance(top, dict) or HEADER not in top:
        got = "an object without" if isinstance(top, dict) else shown(top)
        errors.expected("", 'an object with "%s": %d' % (HEADER, VERSION), got)
        return
    version, writer = top[HEADER], top.get("written-by", "")
    if not isinstance(writer, str) or ("written-by" in top and not is_line(writer)):
        errors.expected("written-by", "one line of text", shown(writer))
    elif isinstance(version, bool) or version != VERSION:
        by = quoted(writer) if writer else "a frostgate that does not say its name"
        got = "%s, written by %s" % (shown(version), by)
        errors.expected(HEADER, "%d" % VERSION, got, "; write it anew for frostgate " + FROSTGATE)


def _read_services(errors: Errors, top: "dict[str, Any]") -> "dict[str, Service]":
    """All services, read and checked."""
    fields = Fields(errors, "", top, "a graph", (HEADER, "written-by", "services"))
    listed = fields.get("services")
    services: dict[str, Service] = {}
    broken = set()
    for name in names(errors, "services", listed, "an object of services"):
        if not is_service_name(name):
            errors.expected("services", SERVICE_NAME, quoted(name))
            continue
        before = errors.count()
        services[name] = read_service(errors, name, listed.pop(name))  # its memory may go
        if errors.count() > before:
            broken.add(name)
    check(errors, services, broken)
    return services
