"""The conditions of the graph's file: JSON objects become model nodes. Pure."""

from agent.graph.conditions import DEEPEST
from agent.graph.fields import Errors, Fields, is_element, is_line, names, shown, text
from agent.graph.model import LINK_STATES, READY, SERVICE_STATES, canonical, split_output
from agent.graph.spelling import suggestion
from agent.names import LINK_NAME, is_link_name, is_service_name
from agent.values import is_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agent.graph.model import Node

# What each sort of condition may hold besides the key that names it
KEYS: "dict[str, tuple[str, ...]]" = {
    "all": (),
    "any": (),
    "service": ("is",),
    "output": ("equals",),
    "link": ("is",),
    "device": (),
}
SORTS = ("all", "any", "service", "output", "link", "device")


def is_output(value: str) -> bool:
    """Whether this is SERVICE/PATH."""
    service, path = split_output(value)
    return is_service_name(service) and is_path(path)


def is_glob(value: str) -> bool:
    """Whether this can match a device's name: `*`, `?` and what names hold."""
    return is_line(value) and "/" not in value and len(value) <= 255


OUTPUT = (is_output, "an output as SERVICE/PATH")
SERVICE = (is_service_name, "the name of a service")


def read_condition(errors: Errors, place: str, value: "Any", depth: int = 1) -> "Node | None":
    """One condition; None instead of what has an error."""
    if depth > DEEPEST:
        errors.expected(place, "at most %d conditions in each other" % DEEPEST, "more")
        return None
    keys = names(errors, place, value, "a condition")
    sorts = [sort for sort in SORTS if sort in keys]
    if len(sorts) != 1:
        if isinstance(value, dict):
            hints = [suggestion(key, list(SORTS)) for key in keys if not sorts]
            hint = "".join([hint for hint in hints if hint][:1])
            got = " and ".join(sorts) or "none of them"
            errors.expected(place, "one of " + ", ".join(SORTS), got, hint)
        return None
    sort = sorts[0]
    fields = Fields(errors, place, value, "the condition `%s`" % sort, (sort,) + KEYS[sort])
    if sort == "all" or sort == "any":
        return _read_parts(fields, sort, depth)
    before = errors.count()
    leaf = LEAVES[sort](fields)
    return leaf if errors.count() == before else None


def _read_parts(fields: Fields, sort: str, depth: int) -> "Node | None":
    """An `all` or `any`; a part with an error becomes None, and the others keep their place."""
    value = fields.get(sort)
    if not isinstance(value, list) or not value:
        fields.expected(sort, "a list of conditions")
        return None
    parts = [
        read_condition(fields.errors, "%s[%d]" % (fields.at(sort), i), part, depth + 1)
        for i, part in enumerate(value)
    ]
    return (sort, tuple(parts))


def _read_service(fields: Fields) -> "Node":
    name = fields.text("service", None, SERVICE)
    return ("service", name, fields.one_of("is", SERVICE_STATES, READY))


def _read_output(fields: Fields) -> "Node":
    output = fields.text("output", None, OUTPUT)
    return ("output", output, fields.text("equals") if fields.has("equals") else None)


def _read_link(fields: Fields) -> "Node":
    state = fields.one_of("is", LINK_STATES, "running")
    value = fields.get("link")
    if isinstance(value, dict):
        named = Fields(fields.errors, fields.at("link"), value, "an output", ("output",))
        return ("link", None, named.text("output", None, OUTPUT), state)
    words = LINK_NAME + ' or {"output": "SERVICE/PATH"}'
    return ("link", fields.text("link", None, (is_link_name, words)), None, state)


def _read_device(fields: Fields) -> "Node":
    keys = ("subsystem", "name", "attributes")
    device = Fields(fields.errors, fields.at("device"), fields.get("device"), "a device", keys)
    pattern: dict[str, Any] = {
        "subsystem": device.text("subsystem", None, (is_element, "the name of a subsystem")),
        "name": device.text("name", "*", (is_glob, "a pattern of names as eth*")),
        "attributes": {},
    }
    if device.has("attributes"):
        place, attributes = device.at("attributes"), device.get("attributes")
        for file in names(fields.errors, place, attributes, "an object of files and texts"):
            if not is_path(file):
                fields.errors.expected(place, "the path of a file", shown(file))
                continue
            value = text(fields.errors, "%s.%s" % (place, file), attributes[file])
            pattern["attributes"][file] = value
    return ("device", canonical(pattern))


LEAVES = {
    "service": _read_service,
    "output": _read_output,
    "link": _read_link,
    "device": _read_device,
}
