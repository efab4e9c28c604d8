"""What a decision of lan_plan or wan_plan consists of."""

from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from services.dhcp6.memory import Used
    from services.dhcp6.objects import Key, State

    class Plan(NamedTuple):
        values: dict[str, str]
        used: list[Used]
        wanted: dict[Key, State]
        notes: list[str]
        wake_at: float
        elsewhere: list[tuple[int, int]] | None
else:
    # values: the outputs to publish. used: the prefixes to remember. wanted: the kernel's objects.
    # notes: lines for people, each said once. wake_at: when time alone changes the decision.
    # elsewhere: networks that are not the LANs', into which no on-link route outlives its prefix
    # (lingering.py); None when no route does so at all.
    Plan = namedtuple("Plan", ("values", "used", "wanted", "notes", "wake_at", "elsewhere"))


def set_entry(values: dict[str, str], path: str, fields: dict[str, str]) -> None:
    """Put the fields of one entry under its path into the outputs."""
    for name in fields:
        values["%s/%s" % (path, name)] = fields[name]


def entry_key(text: str, length: int) -> str:
    """The name of an entry about an address or prefix, as a path element: `2001-db8--_64`."""
    name = text.replace(":", "-")
    return "%s%s_%d" % ("0" if name[0] == "-" else "", name, length)
