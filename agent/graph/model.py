"""What a compiled service graph consists of. Values only, made by agent.graph.read.

The field names are the file's keys with `_` for `-` (docs/graph.md). Dicts iterate in any order
on the device: whoever shows one sorts it.
"""

import hashlib
from collections import namedtuple

VERSION = 1  # of the file's format
LARGEST_FILE = 4 * 1024 * 1024  # octets
LONGEST_TIME = 1000000  # seconds

LONGRUN, ONESHOT, BUNDLE = "longrun", "oneshot", "bundle"
KINDS = (LONGRUN, ONESHOT, BUNDLE)

# What a service's condition can ask of another, of a link
UP, READY = "up", "ready"
SERVICE_STATES = (UP, READY)
LINK_STATES = ("present", "up", "running", "addressed", "addressed4", "addressed6")

# Where a reference's value is put: env/NAME or data/NAME of the service directory
ENV, FILE = "env", "file"

RESTART, RERUN, IGNORE, SIGNAL = "restart", "rerun", "ignore", "signal "
# s6-svc can send these (its page: -h -1 -2 -i -q -t -a -y) and they need not end the process
SIGNALS = ("ALRM", "HUP", "INT", "QUIT", "TERM", "USR1", "USR2", "WINCH")

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple

    # A condition: ("all" | "any", (Node, ...)), ("service", name, "up" | "ready"),
    # ("output", "SERVICE/PATH", text or None), ("link", name or None, "SERVICE/PATH" or None,
    # state), ("device", key)
    Node = tuple[Any, ...]

    class Reference(NamedTuple):
        place: str
        name: str
        output: str
        change: str
        optional: bool
        secret: bool

    class Alternative(NamedTuple):
        group: str
        preference: int
        fail_back: float
        tries: int

    class Service(NamedTuple):
        name: str
        kind: str
        description: str
        run: tuple[str, ...]
        stop: tuple[str, ...]
        user: str
        contents: tuple[str, ...]
        needs: Node | None
        outputs: tuple[str, ...]
        secrets: tuple[str, ...]
        references: tuple[Reference, ...]
        literals: tuple[tuple[str, str], ...]
        notify: bool
        up_timeout: float
        down_timeout: float
        back_off_first: float
        back_off_cap: float
        breaker_failures: int
        breaker_within: float
        breaker_pause: float
        essential: bool
        boot: bool
        alternative: Alternative | None
        digest: str

    class Graph(NamedTuple):
        services: dict[str, Service]
        order: list[str]
        rank: dict[str, int]
        conditions: dict[str, Node | None]
        needed_by: dict[str, tuple[str, ...]]
        needs: dict[str, tuple[str, ...]]
        watchers: dict[str, tuple[str, ...]]
        groups: dict[str, tuple[str, ...]]
        secrets: set[str]
        bundles_of: dict[str, tuple[str, ...]]
        link_outputs: dict[str, tuple[str, ...]]

else:
    # place: ENV or FILE. output: "SERVICE/PATH". change: RESTART, RERUN, IGNORE or "signal HUP".
    # optional: the service may run without it. secret: never shown, never in the environment.
    Reference = namedtuple("Reference", ("place", "name", "output", "change", "optional", "secret"))
    # preference: the lowest is preferred. fail_back: seconds. tries: failures before the next.
    Alternative = namedtuple("Alternative", ("group", "preference", "fail_back", "tries"))
    # Tuples of text keep the file's order, but outputs and secrets are sorted, literals too: they
    # are (variable, text) pairs; references are sorted by place and name. notify: newline on
    # descriptor 3 tells readiness. Times are seconds, 0 is none for the two timeouts. boot: wanted
    # at boot, otherwise on demand.
    Service = namedtuple(
        "Service",
        (
            "name",
            "kind",
            "description",
            "run",
            "stop",
            "user",
            "contents",
            "needs",
            "outputs",
            "secrets",
            "references",
            "literals",
            "notify",
            "up_timeout",
            "down_timeout",
            "back_off_first",
            "back_off_cap",
            "breaker_failures",
            "breaker_within",
            "breaker_pause",
            "essential",
            "boot",
            "alternative",
            "digest",
        ),
    )
    # services: by name. order: providers before their users, by depth and then by name; rank: a
    # name's place in it. conditions: conditions.whole() of each service. needs: the services that
    # one names anywhere (conditions, references, contents), needed_by: the reverse; both sorted,
    # with an entry for each service, as bundles_of (the bundles that name it as content).
    # watchers: the services to look at when a fact changes (conditions.keys, references), the
    # fact's owner among them. groups: alternatives by preference. secrets: the "SERVICE/PATH"
    # declared secret (is_secret asks). link_outputs: the "SERVICE/PATH" whose values name the
    # links of conditions, with the services that have these.
    Graph = namedtuple(
        "Graph",
        (
            "services",
            "order",
            "rank",
            "conditions",
            "needed_by",
            "needs",
            "watchers",
            "groups",
            "secrets",
            "bundles_of",
            "link_outputs",
        ),
    )


class GraphError(Exception):
    """A graph that can't be used; `lines` are all its errors, one line each."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def split_output(output: str) -> tuple[str, str]:
    """("SERVICE", "PATH") of "SERVICE/PATH"."""
    service, _, path = output.partition("/")
    return service, path


def covers(paths: "Any", path: str) -> bool:
    """Whether `path` or a folder above it is among `paths` (a set or tuple)."""
    while path:
        if path in paths:
            return True
        path = path.rpartition("/")[0]
    return False


def is_secret(graph: Graph, output: str) -> bool:
    """Whether the value of "SERVICE/PATH" is a secret, by itself or by a folder above it."""
    return covers(graph.secrets, output)


def canonical(value: "Any") -> str:
    """JSON text without spaces, keys sorted: the same on every runtime. No fractions."""
    if isinstance(value, str):
        return '"%s"' % "".join([_escape(character) for character in value])
    if isinstance(value, dict):
        fields = ["%s:%s" % (canonical(key), canonical(value[key])) for key in sorted(value)]
        return "{%s}" % ",".join(fields)
    if isinstance(value, (list, tuple)):
        return "[%s]" % ",".join([canonical(item) for item in value])
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "%d" % value


def _escape(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character >= " " else "\\u%04x" % ord(character)


def digest(service: Service) -> str:
    """16 hex digits that change when the service directory or what runs in it changes.

    What only steers the agent (conditions, policies, back-off, description) is not in it, so a
    reload that changes such things restarts nothing.
    """
    shape = (
        service.name,
        service.kind,
        service.run,
        service.stop,
        service.user,
        service.literals,
        [(reference.place, reference.name, reference.output) for reference in service.references],
        service.notify,
        # whole milliseconds: floats print differently on different runtimes
        int(service.up_timeout * 1000 + 0.5),
        int(service.down_timeout * 1000 + 0.5),
    )
    return hashlib.sha256(canonical(shape).encode()).digest().hex()[:16]
