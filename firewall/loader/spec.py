"""follow.json as values: what the loader knows of a ruleset besides its text. Values only."""

from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    class Set(NamedTuple):
        name: str
        kind: str
        type: str
        flags: str

    class Table(NamedTuple):
        family: str
        name: str
        chains: list[str]
        sets: list[Set]

    class Icmp(NamedTuple):
        bandwidth: str
        share: int
        default: int

    class Zone(NamedTuple):
        name: str
        members: list[tuple[str, str]]
        maps: list[tuple[str, str, str, str]]
        icmp: Icmp | None

    class Source(NamedTuple):
        kind: str
        what: str
        address: str
        length: str
        link: int
        until: str
        suffix: int

    class Follow(NamedTuple):
        family: str
        table: str
        set: str
        sources: list[Source]

    class Spec(NamedTuple):
        digest: str
        tables: list[Table]
        zones: list[Zone]
        follow: list[Follow]
        forget: list[Source]
        offload: list[str]
        switches: list[tuple[str, str]]
        settings: list[tuple[str, str]]
        log: int

else:
    # kind: "set" or "map". type, flags: as nft writes them ("ifname : verdict", "interval,timeout")
    Set = namedtuple("Set", ("name", "kind", "type", "flags"))
    Table = namedtuple("Table", ("family", "name", "chains", "sets"))
    # bandwidth: an output, "" for none. share: thousandths. default: packets per second.
    Icmp = namedtuple("Icmp", ("bandwidth", "share", "default"))
    # members: ("output", SERVICE/PATH) or ("link", name). maps: (family, table, map, verdict).
    Zone = namedtuple("Zone", ("name", "members", "maps", "icmp"))
    # kind: "entries", "values" or "value". link: which star is the link's name, -1 for none.
    # suffix: the identifier of a host alias, 0 for none.
    Source = namedtuple("Source", ("kind", "what", "address", "length", "link", "until", "suffix"))
    Follow = namedtuple("Follow", ("family", "table", "set", "sources"))
    # switches, settings: (path below /proc/sys, value). log: nflog's group, -1 for none.
    Spec = namedtuple(
        "Spec",
        (
            "digest",
            "tables",
            "zones",
            "follow",
            "forget",
            "offload",
            "switches",
            "settings",
            "log",
        ),
    )


class SpecError(Exception):
    """The file is wrong; `lines` has one line for each mistake."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(lines[0])
        self.lines = lines


def table_of(family: str) -> str:
    """The name of a family's table; no other table is ever touched."""
    return "frost_" + family
