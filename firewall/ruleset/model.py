"""What a firewall is made of: zones, sets that follow outputs, rules, rulegroups. Values only.

Rules are written in nft's own syntax (nft(8)); `@lan` is the set of the links of zone `lan`. Where
a value was made is remembered, so every refusal names file and line. Nothing is checked here:
validate.py tells all problems at once.
"""

import sys
from dataclasses import dataclass, field
from functools import cached_property

from firewall.ruleset.hooks import FAMILIES


@dataclass(frozen=True, order=True)
class Where:
    """The file and line in which a value was made."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def _here() -> Where:
    """Where the constructor that is running was called: past it and the dataclass's own code."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename in (__file__, "<string>"):
        frame = frame.f_back
    return Where(frame.f_code.co_filename, frame.f_lineno)


def _words(given: "str | tuple[str, ...]") -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


@dataclass(frozen=True)
class Output:
    """A link whose name is the value of an output: `Output("wan/ifname")`, SERVICE/PATH."""

    path: str


@dataclass(frozen=True)
class Link:
    """A link by its name. It need not exist."""

    name: str


@dataclass(frozen=True)
class Entries:
    """Addresses from folders of outputs, one for each folder that `path` matches.

    path: SERVICE/PATH, `*` for any one element. address, length: the fields that hold them (no
    length: a single address). link: which `*` (from 0) is the link's name, for sets of type
    `ipv6_addr . ifname`. until: the field with the deadline on CLOCK_MONOTONIC, for sets with
    timeouts. suffix: an interface identifier; the element is the one host that has it under the
    prefix.
    """

    path: str
    address: str = "prefix"
    length: str = ""
    link: int | None = None
    until: str = ""
    suffix: str = ""


@dataclass(frozen=True)
class Values:
    """Addresses or prefixes from one output, SERVICE/PATH, one a line."""

    path: str


@dataclass(frozen=True)
class Value:
    """An address or prefix that is always there."""

    text: str


@dataclass(frozen=True)
class IcmpLimit:
    """How many ICMP echo requests a second the links of a zone may bring.

    bandwidth: an output, SERVICE/PATH, with the link's speed in kbit/s. share: thousandths of it
    that 64-octet packets may take. default: packets per second while the output is not there.
    """

    bandwidth: str = ""
    share: int = 20
    default: int = 100


@dataclass(frozen=True)
class Zone:
    """Links that are treated alike. `members`: the outputs or names that say which."""

    name: str
    members: tuple[Output | Link, ...] = ()
    icmp: IcmpLimit = IcmpLimit()
    where: Where = field(default_factory=_here, compare=False)


@dataclass(frozen=True)
class Set:
    """A set, or with `data` a map, of one table or of both (family "").

    type: nft's (`ipv6_addr`, `ipv6_addr . ifname`, `inet_service`). data: what a map maps to. Its
    elements are `elements`, the file `file` (nft syntax, for large ones), what `follow` finds in
    the outputs, or, with none of these, whatever rules and people put in: these survive a reload.
    """

    name: str
    type: str
    family: str = ""
    data: str = ""
    flags: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()
    file: str = ""
    follow: tuple[Entries | Values | Value, ...] = ()
    where: Where = field(default_factory=_here, compare=False)

    @property
    def families(self) -> tuple[str, ...]:
        return (self.family,) if self.family else FAMILIES

    @property
    def is_dynamic(self) -> bool:
        """Whether its elements are somebody else's."""
        return not (self.elements or self.file or self.follow)


@dataclass(frozen=True)
class Rule:
    """One rule: where it stands, what it matches, what it does.

    hook: a key of hooks.HOOKS. verdict: nft statements; `drop` and `reject ...` are counted, logged
    with limits, and named by their requirement; "" only counts. match: nft expressions. source and
    destination: the zones that the packet comes from and goes to, () for any. family: "ip", "ip6",
    "" for both. requirement and stage: the group's, unless given.
    """

    hook: str
    verdict: str
    match: str = ""
    source: "str | tuple[str, ...]" = ()
    destination: "str | tuple[str, ...]" = ()
    family: str = ""
    requirement: str = ""
    stage: str = ""
    where: Where = field(default_factory=_here, compare=False)

    @property
    def families(self) -> tuple[str, ...]:
        return (self.family,) if self.family else FAMILIES

    @cached_property
    def sources(self) -> tuple[str, ...]:
        return _words(self.source)

    @cached_property
    def destinations(self) -> tuple[str, ...]:
        return _words(self.destination)


@dataclass(frozen=True)
class Rulegroup:
    """The rules that meet one requirement.

    requirement: the clause (`RFC 6092 REC-4`). text: one sentence for people. parameters: (name,
    value) pairs, for people and the documentation. settings: (path below /proc/sys, value) that
    the rules count on. forget: addresses whose conntrack entries go when they do.
    """

    name: str
    requirement: str
    text: str
    rules: tuple[Rule, ...] = ()
    stage: str = "allow"
    sets: tuple[Set, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    forget: tuple[Entries | Values, ...] = ()
    where: Where = field(default_factory=_here, compare=False)


@dataclass(frozen=True)
class Log:
    """How denied packets are told: nflog's group, at most so many a second for each requirement,
    and as many more in a burst."""

    group: int = 31
    rate: int = 5
    burst: int = 10


@dataclass(frozen=True)
class Firewall:
    """All of a router's packet filter. Zones come in order of precedence: a link that is in two
    belongs to the first. `forwarding`: the families that are forwarded once the ruleset is in.
    `offload`: the zones between which the kernel's flowtable carries established flows.
    """

    zones: tuple[Zone, ...]
    groups: tuple[Rulegroup, ...]
    log: Log = Log()
    forwarding: tuple[str, ...] = FAMILIES
    offload: tuple[str, ...] = ()
    where: Where = field(default_factory=_here, compare=False)
